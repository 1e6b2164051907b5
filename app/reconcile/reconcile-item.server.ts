// One item at once: read directly at every place it may be stocked, compared like a scan's differences.

import type { StockPlace } from "#app/ports/shopify-inventory.ts";
import type { Difference } from "#app/ports/stock-scan.ts";
import { lookAgain } from "./confirm-differences.server.ts";
import type { ReconcilePorts } from "./reconcile-ports.ts";

export type ItemAnswer =
  | { readonly kind: "compared"; readonly places: readonly StockPlace[]; readonly differences: readonly Difference[]; /** Something is on its way there: ask again. */ readonly unsettled: readonly StockPlace[] }
  /** Shopify could not be asked now. */
  | { readonly kind: "later"; readonly afterMs: number };

export interface ReconcileItem {
  readonly install: { readonly installId: bigint; readonly shop: string };
  readonly inventoryItemId: string;
  readonly actor: string;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

export async function reconcileItem(ports: ReconcilePorts, { install, inventoryItemId, actor, dryRun, signal }: ReconcileItem): Promise<ItemAnswer> {
  const places = await ports.drifts.placesOf(install.installId, inventoryItemId);
  const differences: Difference[] = [];
  const unsettled: StockPlace[] = [];
  for (let start = 0; start < places.length; start += ports.limits.confirmMax) {
    const looked = await lookAgain(ports, { ...install, id: null }, places.slice(start, start + ports.limits.confirmMax), { seenBy: "read", actor, looksMax: 1, write: !dryRun }, signal);
    if (looked.kind === "later") return looked;
    differences.push(...looked.differences);
    unsettled.push(...looked.unsettled);
  }
  return { kind: "compared", places, differences, unsettled };
}

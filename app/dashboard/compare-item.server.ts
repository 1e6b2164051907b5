// A person asks whether one item's numbers are right, now: read from Shopify at every place, compared, and said place by place.

import { readId } from "#app/domain/gid.ts";
import { reconcileItem } from "#app/reconcile/reconcile-item.server.ts";
import type { ReconcilePorts } from "#app/reconcile/reconcile-ports.ts";

import type { ActiveInstall } from "./dependencies.ts";
import { isKnownItem, readPlaceNames } from "./queries/item-places.server.ts";

/** Shopify answers in well under a second; a person waits no longer than this. */
const PATIENCE_MS = 8_000;

export interface PlaceDifference {
  readonly location: string;
  readonly shopify: number | null;
  readonly known: number | null;
}

export type CompareItemAnswer =
  | {
      readonly kind: "compared";
      readonly placeCount: number;
      readonly differences: readonly PlaceDifference[];
      /** Names of locations where something is on its way. */
      readonly unsettled: readonly string[];
    }
  /** Shopify cannot be asked now: the shop's points are used up, or it does not answer. */
  | { readonly kind: "later"; readonly afterMs: number }
  | { readonly kind: "unknown_item" | "failed" };

export interface CompareItemPorts {
  readonly reconcile: ReconcilePorts;
  readonly database: Parameters<typeof isKnownItem>[0];
  readonly logger: { error(fields: object, message: string): void };
}

/** It changes no stock, so everybody may ask. What differs is written as a mismatch, as a scan of everything would. */
export async function compareItem({ reconcile, database, logger }: CompareItemPorts, { install, actor }: { readonly install: Pick<ActiveInstall, "installId" | "shop">; readonly actor: string }, item: string): Promise<CompareItemAnswer> {
  const { installId, shop } = install;
  try {
    const inventoryItemId = readId("InventoryItem", item);
    if (inventoryItemId === null || !(await isKnownItem(database, installId, inventoryItemId))) return { kind: "unknown_item" };
    const answer = await reconcileItem(reconcile, { install: { installId, shop }, inventoryItemId, actor, dryRun: false, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.kind === "later") return answer;
    const nameOf = await readPlaceNames(database, installId);
    return {
      kind: "compared",
      placeCount: answer.places.length,
      differences: answer.differences.map(({ locationId, shopify, known }) => ({ location: nameOf(locationId), shopify, known })),
      unsettled: answer.unsettled.map(({ locationId }) => nameOf(locationId)),
    };
  } catch (error) {
    logger.error({ err: error, shop }, "an item could not be compared");
    return { kind: "failed" };
  }
}

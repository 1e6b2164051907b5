// What a checkout may show before it reserves: how much there is of an item, and how much could be promised now.

import { promisableOf } from "#app/ports/stock-view.ts";
import type { KnowVariants } from "./know-variants.server.ts";
import type { ReservationPorts, ReservingInstall } from "./reservation-ports.ts";
import { resolveLines } from "./resolve-lines.server.ts";

export type StockReading =
  | {
      readonly kind: "read";
      readonly locationId: string;
      /** As last observed in Shopify; null when it never was. */
      readonly available: number | null;
      /** Units that Shopify holds for us. */
      readonly reserved: number;
      readonly promisable: number;
      readonly observedAt: Date | null;
    }
  | { readonly kind: "not_found" | "location_needed" | "unavailable" };

/** Nothing is promised by it: a reservation decides anew. */
export async function readStock(
  ports: ReservationPorts & { readonly knowVariants: KnowVariants },
  install: ReservingInstall,
  { inventoryItemId, locationId }: { readonly inventoryItemId: string; readonly locationId: string | null },
): Promise<StockReading> {
  const resolved = await resolveLines(ports, install, { bundles: [] }, [{ inventoryItemId, locationId, variantId: null, sku: null, quantity: 1 }]);
  if (resolved.kind === "unavailable") return resolved;
  if (resolved.kind === "refused") return { kind: resolved.faults[0]?.code === "location_needed" ? "location_needed" : "not_found" };
  const place = { inventoryItemId, locationId: resolved.lines[0]?.locationId ?? locationId ?? "" };
  const look = async () => (await ports.view.states([{ installId: install.installId, ...place }]))[0];
  let state = await look();
  if (state?.observedAt === undefined || state.observedAt === null) {
    await ports.observe(install, [place]);
    state = await look();
  }
  const { available = null, observedAt = null, held = 0 } = state ?? {};
  return { kind: "read", locationId: place.locationId, available, reserved: held, promisable: state === undefined ? 0 : promisableOf(state), observedAt };
}

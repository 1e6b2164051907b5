// The shadow verdict as programs and the operator get it: the numbers, and beside them what is known and what is assumed. Pure.

import type { ShadowVerdict } from "#app/dashboard/queries/shadow-verdict.server.ts";
import { formatGid } from "#app/domain/gid.ts";
import { ASSUMED_WRITE_MS } from "#app/domain/shadow-prevention.ts";

/** Part of the answer, so that nobody reads the numbers without them. */
export const KNOWN = [
  "Watched changes were derived from the shop's own orders by the rules that stood when each order came; none of them was written to Shopify.",
  "Oversells are those that Holdfast saw since it was installed, with the orders that it knows.",
] as const;
export const ASSUMED = [
  `Holdfast's change would have stood in Shopify ${ASSUMED_WRITE_MS / 1000} seconds after it heard of the order.`,
  "Shopify's online store would have refused an order for which the stock, less the watched sales, did not suffice; the buyer might have bought something else.",
  "Sales of other channels would have gone on as they did: nothing asks Shopify's stock before them, so no oversell among them counts as prevented.",
  "Units that another app's number hid count as not prevented.",
] as const;

export function representShadowVerdict({ since, protectedSince, watched, oversells }: ShadowVerdict) {
  const { byVerdict, items, ...sums } = oversells;
  return {
    since,
    protectedSince,
    watched: { ...watched, topItems: watched.topItems.map((item) => ({ ...item, inventoryItemId: formatGid("InventoryItem", item.inventoryItemId) })) },
    oversells: {
      ...sums,
      prevented: byVerdict.prevented,
      partlyPrevented: byVerdict.partly_prevented,
      notPrevented: byVerdict.not_prevented,
      unknown: byVerdict.unknown,
      items: items.map((item) => ({
        ...item,
        id: String(item.id),
        inventoryItemId: formatGid("InventoryItem", item.inventoryItemId),
        locationId: formatGid("Location", item.locationId),
        refusedOrders: item.refusedOrders.map((order) => ({ ...order, orderId: formatGid("Order", order.orderId) })),
      })),
    },
    known: KNOWN,
    assumed: ASSUMED,
  };
}

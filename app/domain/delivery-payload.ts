// What a webhook delivery says, projected to the allow-list: the form in which it is stored and absorbed.

import type { OrderVersion, Refund } from "./order-state.ts";

/** What a delivery carries to the pipeline; stored as JSON. */
export type ProjectedPayload =
  | { readonly kind: "order"; readonly version: OrderVersion }
  | { readonly kind: "refund"; readonly refund: Refund }
  | { readonly kind: "edited" }
  | { readonly kind: "routed" }
  | { readonly kind: "fulfilment_order"; readonly fulfilmentOrderId: string }
  | { readonly kind: "level"; readonly inventoryItemId: string; readonly locationId: string; readonly available: number | null; readonly updatedAt: string | null; readonly connected: boolean }
  | { readonly kind: "item"; readonly inventoryItemId: string; readonly sku: string | null; readonly tracked: boolean | null }
  | { readonly kind: "location"; readonly locationId: string; readonly active: boolean }
  | { readonly kind: "uninstalled" }
  | { readonly kind: "scopes"; readonly current: readonly string[] };

const KINDS: { readonly [Kind in ProjectedPayload["kind"]]: true } = {
  order: true, refund: true, edited: true, routed: true, fulfilment_order: true, level: true, item: true, location: true, uninstalled: true, scopes: true,
};

/** What this version can absorb. During a deploy a newer one stores kinds that are not in it: they wait for that version. */
export const PAYLOAD_KINDS = Object.keys(KINDS);

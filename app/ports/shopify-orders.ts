// The order-reading port: what background work reads of orders, variants and their fulfilment. All ids are decimal strings.
import type { OrderVersion, RestockType } from "#app/domain/order-state.ts";

import type { AdminFailure, RequestCost } from "./admin-api.ts";

export interface OrderSnapshotLine {
  readonly id: string;
  readonly variantId: string | null;
  readonly productId: string | null;
  readonly sku: string | null;
  readonly title: string;
  /** Units ordered, edits that added units included. */
  readonly quantity: number;
  /** Units left after edits and refunds. */
  readonly currentQuantity: number;
  /** Units not fulfilled yet. */
  readonly fulfillableQuantity: number;
  readonly requiresShipping: boolean;
  readonly giftCard: boolean;
  /** Whether Shopify keeps stock for it; null when the variant is gone. */
  readonly tracked: boolean | null;
  /** Line-item group (native bundle); null for an ordinary line. */
  readonly groupId: string | null;
}

export interface RefundSnapshotLine {
  readonly id: string;
  readonly lineId: string;
  readonly quantity: number;
  readonly restockType: RestockType;
  readonly locationId: string | null;
}

export interface RefundSnapshot {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string | null;
  readonly lines: readonly RefundSnapshotLine[];
}

/** An order as it is now, in the shape of the projected webhook. */
export interface OrderSnapshot extends OrderVersion {
  readonly name: string;
  readonly lines: readonly OrderSnapshotLine[];
  readonly refunds: readonly RefundSnapshot[];
}

export interface OrderFulfilmentPlace {
  readonly fulfilmentOrderId: string;
  /** Null when the location was deleted. */
  readonly locationId: string | null;
  /** Lower case: open, in_progress, on_hold, scheduled, closed, cancelled, incomplete. */
  readonly status: string;
  /** Null: every line of the order (it is the only fulfilment order). */
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[] | null;
}

export interface OrderPlaces {
  readonly orderId: string;
  readonly fulfilmentOrders: readonly OrderFulfilmentPlace[];
}

export interface VariantFacts {
  readonly variantId: string;
  readonly inventoryItemId: string;
  readonly sku: string | null;
  /** Product and variant title together. */
  readonly title: string;
  readonly tracked: boolean;
  readonly policy: "deny" | "continue";
  /** A native bundle: Shopify takes its components itself. */
  readonly requiresComponents: boolean;
}

export interface SoldByPlan {
  readonly variantId: string;
  /** A selling plan, whatever it is for, sells the variant or another of its product. */
  readonly soldByPlan: boolean;
}

export interface LinePlanFacts {
  readonly lineId: string;
  /** When a preorder takes its units from stock; null: no plan sold the line, or one that is no preorder's, or one that Shopify does not know any more. */
  readonly preorder: "on_sale" | "on_fulfilment" | null;
}

/** A finished read. `cost` is the sum over the requests it took. */
export interface Found<Value> {
  readonly kind: "ok";
  readonly found: readonly Value[];
  /** Ids that Shopify does not know (any more). */
  readonly missing: readonly string[];
  readonly cost: RequestCost | null;
}

export type ReadResult<Value> = Found<Value> | AdminFailure;

export interface ReadContext {
  readonly shop: string;
  readonly signal?: AbortSignal | undefined;
  readonly traceId?: string | undefined;
}

/** `idsMax`: how many ids one call takes. `estimateCost(n)`: points to reserve for n ids before calling. */
export interface ReadLimits {
  readonly idsMax: number;
  estimateCost(count: number): number;
}

export interface ShopifyOrders {
  readVariants(context: ReadContext, variantIds: readonly string[]): Promise<ReadResult<VariantFacts>>;
  /** The variant that sells each item: what a bundle's component is called. */
  readVariantsOfItems(context: ReadContext, itemIds: readonly string[]): Promise<ReadResult<VariantFacts>>;
  /** Every variant with exactly this SKU, at most ten. A search: it lags behind edits by seconds. */
  readVariantsBySku(context: ReadContext, sku: string): Promise<ReadResult<VariantFacts>>;
  readOrders(context: ReadContext, orderIds: readonly string[]): Promise<ReadResult<OrderSnapshot>>;
  readOrderLocations(context: ReadContext, orderIds: readonly string[]): Promise<ReadResult<OrderPlaces>>;
  readSoldByPlan(context: ReadContext, variantIds: readonly string[]): Promise<ReadResult<SoldByPlan>>;
  readPreorders(context: ReadContext, lineIds: readonly string[]): Promise<ReadResult<LinePlanFacts>>;
  readonly limits: {
    readonly soldByPlan: ReadLimits;
    readonly preorders: ReadLimits;
    readonly variants: ReadLimits;
    readonly variantsOfItems: ReadLimits;
    readonly variantsBySku: ReadLimits;
    readonly orders: ReadLimits;
    readonly orderLocations: ReadLimits;
  };
}

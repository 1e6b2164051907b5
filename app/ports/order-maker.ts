// Port for orders that Holdfast creates itself: one call that is not idempotent, and the look for what became of it.

import type { RequestCost } from "./admin-api.ts";
import type { ReadContext } from "./shopify-orders.ts";

export interface OrderLineInput {
  readonly variantId: string;
  readonly quantity: number;
}

export interface MakeOrderRequest {
  /** The life of the app in which Shopify is told, once, that the metafield's values are unique. */
  readonly installId: bigint;
  /** Value of the order's unique metafield: Shopify refuses a second order with it. */
  readonly reservationId: string;
  readonly lines: readonly OrderLineInput[];
  /** What the caller wants of the order beside its lines, in Shopify's own words (`OrderCreateOrderInput`); checked, passed on, never stored. */
  readonly order: Readonly<Record<string, unknown>>;
  /** Asked at the last moment before the order is sent: false, and it is not. */
  readonly mayStillSend?: () => boolean;
  /** Asked before that, when nothing but the order's own call is left to be done: false, and it is not sent (`overtaken`). */
  readonly leaves?: () => Promise<boolean>;
}

export type MakeOrderResult =
  | { readonly kind: "created"; readonly orderId: string; readonly cost: RequestCost | null }
  /** Shopify refused the content: nothing was created. */
  | { readonly kind: "refused"; readonly errors: readonly { readonly code: string | null; readonly field: readonly string[] | null; readonly message: string }[]; readonly cost: RequestCost | null }
  /** An order with this reservation's id is there already. */
  | { readonly kind: "exists"; readonly cost: RequestCost | null }
  /** Nothing was created for certain; it may be sent again after `waitMs`. */
  | { readonly kind: "not_sent"; readonly cause: string; readonly waitMs: number }
  /** Somebody else is sending it: nothing was sent here, and nothing is to be recorded. */
  | { readonly kind: "overtaken" }
  /** Nobody knows: to be looked for. */
  | { readonly kind: "unknown"; readonly cause: string };

export type FindOrderResult =
  | { readonly kind: "found"; readonly orderId: string; readonly cost: RequestCost | null }
  /** Not there, or not there yet: the search may lag. */
  | { readonly kind: "absent"; readonly cost: RequestCost | null }
  | { readonly kind: "unclear"; readonly cause: string; readonly waitMs: number };

export interface OrderMaker {
  create(context: ReadContext, request: MakeOrderRequest): Promise<MakeOrderResult>;
  find(context: ReadContext, reservationId: string): Promise<FindOrderResult>;
  /** Points to set aside. */
  readonly limits: { readonly createCost: number; readonly findCost: number };
}

// The Admin API port: one GraphQL request to one shop, and every way it can end. It never retries and never sleeps; the caller decides.
import type { ThrottleStatus } from "./cost-budget.ts";

export interface AdminRequest {
  shop: string;
  /** A document from app/adapters/shopify/documents. */
  document: string;
  variables: Readonly<Record<string, unknown>>;
  /** Ends the request early; the outcome is then `unknown`. */
  signal?: AbortSignal | undefined;
  /** Asked at the last moment before the request is written, after every wait for a token: false, and it is not sent. */
  mayStillSend?: (() => boolean) | undefined;
  /** Asked when nothing is left to be waited for but Shopify: what is written down then says that the request is leaving. False, and it is not sent. */
  leaves?: (() => Promise<boolean>) | undefined;
  /** Becomes the request's X-Request-Id, so that one trace id leads from the webhook to this call. */
  traceId?: string | undefined;
}

/** What Shopify says the call cost; null where the answer did not carry it. */
export interface RequestCost {
  /** Points the query was sized at before it ran. */
  requested: number;
  /** Points it took; null when it was not run. */
  actual: number | null;
  throttleStatus: ThrottleStatus;
}

/** An entry of the answer's `errors`. */
export interface GraphqlFault {
  message: string;
  code: string | null;
  /** Where in `data` it belongs, as in `inventoryAdjustQuantities.inventoryAdjustmentGroup.app`. */
  path: string | null;
}

export type RefusalReason =
  /** The token lacks a scope, or the person a permission. */
  | "access_denied"
  /** The access token is not valid (any more), or the shop has none. */
  | "unauthorized"
  /** Frozen, paused, closed or unpaid shop (402, 423, SHOP_INACTIVE). */
  | "shop_inactive"
  /** Larger than Shopify allows for one query, whatever the bucket holds. */
  | "max_cost"
  /** Shopify does not understand the query or its variables: a bug of ours. */
  | "invalid_query";

/** Shopify answered and certainly did nothing. */
export interface AdminRefusal {
  kind: "refused";
  reason: RefusalReason;
  message: string;
}

/** Come back after `waitMs`. */
export interface AdminThrottled {
  kind: "throttled";
  /**
   * `no`: it was turned away at the door and certainly has no effect, now or later (429 and 430 "was not accepted"; THROTTLED without data,
   * without a place in the query and without a cost charged). `unclear`: a limit met on the way, or another's 429.
   */
  ran: "no" | "unclear";
  waitMs: number;
  cost: RequestCost | null;
}

/** What happened is not known. */
export interface AdminUnknown {
  kind: "unknown";
  cause: string;
  /** `not_sent`: the request certainly never reached Shopify (no connection, no name, no token). `sent`: it may have been carried out. */
  stage: "not_sent" | "sent";
}

export type AdminFailure = AdminThrottled | AdminRefusal | AdminUnknown;

export interface AdminAnswer {
  kind: "ok";
  /** As Shopify sent it, not validated. */
  data: Readonly<Record<string, unknown>>;
  /** Errors beside the data: parts of `data` may be null because of them. */
  faults: readonly GraphqlFault[];
  cost: RequestCost | null;
}

export type AdminResult = AdminAnswer | AdminFailure;

export interface AdminApi {
  send(request: AdminRequest): Promise<AdminResult>;
}

// Ports of the back-fill: what Shopify's search lists, what the order book knows of it, and how far each shop was looked through.

import type { ListedOrder } from "#app/domain/missed-order.ts";
import type { OrderVersion } from "#app/domain/order-state.ts";
import type { AdminFailure, RequestCost } from "./admin-api.ts";
import type { ReadContext } from "./shopify-orders.ts";

/** A stretch of orders in the order of their updates. Shopify's times are whole seconds, both ends belong to it. */
export interface ScanPass {
  readonly from: Date;
  readonly until: Date;
  /** Behind the last order that was looked at; null at the beginning. */
  readonly cursor: string | null;
  /** Goes back further than usual, for what the search showed late. */
  readonly long: boolean;
}

export interface ListedPage {
  readonly kind: "ok";
  readonly orders: readonly ListedOrder[];
  /** Null: this was the last page. */
  readonly nextCursor: string | null;
  readonly cost: RequestCost | null;
}

export interface OrderLister {
  /** One page of orders created at `createdFrom` or later, by the time of their last update, oldest first. */
  listUpdated(context: ReadContext, pass: ScanPass, createdFrom: Date): Promise<ListedPage | AdminFailure>;
  /** Points to reserve for a page. */
  readonly pageCost: number;
}

/** How far a shop's orders were looked through. */
export interface ScanPosition {
  /** Everything updated before it was looked at, as far as the search showed it. */
  readonly watermark: Date;
  /** The pass under way; null between passes. */
  readonly pass: ScanPass | null;
}

export interface OrderScan extends ScanPosition {
  readonly installId: bigint;
  readonly shop: string;
  readonly installedAt: Date;
  /** The last pass that went back further; null when none did. */
  readonly longLookAt: Date | null;
}

/** An order that looks as if a notification of it never came. */
export interface Suspect {
  readonly orderId: string;
  /** Questions up to this one are answered by a read that begins now. */
  readonly questionCount: number;
}

export interface FedOrder extends Suspect {
  readonly version: OrderVersion;
}

export interface MissedOrders {
  /** Never heard of before. */
  readonly unseen: readonly string[];
  /** Known, but older than what Shopify has: an edit, refund, payment or cancellation was missed. */
  readonly changed: readonly string[];
}

export interface FeedRequest {
  readonly orders: readonly FedOrder[];
  /** Written with what was found, in the same transaction; null leaves the position where it is. */
  readonly position: ScanPosition | null;
  /** Set when the position ends a pass that went back further than usual: when it was. */
  readonly longLookAt: Date | null;
  readonly traceId: string;
  readonly actor: string;
}

export interface OrderScanBook {
  /** Shops whose turn it is, longest waiting first; nobody else takes them for `leaseMs`. New installs begin at their install. */
  takeDue(limit: number, leaseMs: number): Promise<readonly OrderScan[]>;
  /** The shop's scan, taken or not; null when the app is not installed there. */
  find(shop: string): Promise<OrderScan | null>;
  /** Those of the listed orders that look as if a notification was missed, pending deliveries taken into account. */
  suspects(installId: bigint, listed: readonly ListedOrder[]): Promise<readonly Suspect[]>;
  /** What feeding would find, without writing anything. */
  weigh(installId: bigint, orders: readonly FedOrder[]): Promise<MissedOrders>;
  /** Merges what was read into the order book, makes due what was news, says so in the audit trail, and moves on: one transaction. */
  feed(installId: bigint, request: FeedRequest): Promise<MissedOrders>;
  /** The pass under way goes on without its cursor, from the second of the last order looked at. */
  dropCursor(installId: bigint): Promise<void>;
  /** Hands the shop back; its next round is in `dueInMs`. */
  release(installId: bigint, dueInMs: number): Promise<void>;
}

// Port of Shopify's bulk operations: begun, looked after, called off, and their files read a piece at a time.

import type { OrderVersion } from "#app/domain/order-state.ts";
import type { AdminFailure, RequestCost } from "./admin-api.ts";
import type { ReadContext } from "./shopify-orders.ts";

export type BulkStatus = "CANCELED" | "CANCELING" | "COMPLETED" | "CREATED" | "EXPIRED" | "FAILED" | "RUNNING";

export interface BulkOperation {
  /** gid. */
  readonly id: string;
  readonly status: BulkStatus;
  readonly createdAt: Date;
  /** Lines written so far. */
  readonly objectCount: number;
  /** Null also for a completed one that found nothing. */
  readonly url: string | null;
  readonly partialUrl: string | null;
  readonly errorCode: string | null;
}

/** What is asked for. `name` becomes the name of the query, by which an operation that nobody wrote down is found again. */
export type BulkRequest = { readonly name: string } & ({ readonly kind: "stock" } | { readonly kind: "orders"; readonly createdFrom: Date });

export type BulkAnswer = { readonly kind: "ok"; readonly operation: BulkOperation | null; readonly cost: RequestCost | null } | AdminFailure;
export type BulkStart =
  | { readonly kind: "started"; readonly operation: BulkOperation; readonly cost: RequestCost | null }
  /** The shop runs as many as Shopify allows. */
  | { readonly kind: "busy"; readonly cost: RequestCost | null }
  /** Shopify does not take this query: a bug of ours, or a scope that is missing. */
  | { readonly kind: "unfit"; readonly message: string; readonly cost: RequestCost | null }
  | AdminFailure;

export interface ScannedLevel {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly available: number;
  /** The last millisecond of the second in which `available` last changed; null where Shopify did not say. */
  readonly at: Date | null;
}

export interface ScannedVariant {
  readonly variantId: string;
  readonly inventoryItemId: string;
  readonly sku: string | null;
  readonly title: string;
  readonly productTitle: string | null;
  readonly tracked: boolean;
  readonly policy: "DENY" | "CONTINUE";
  readonly requiresComponents: boolean;
}

export interface StockChunk {
  readonly levels: readonly ScannedLevel[];
  readonly variants: readonly ScannedVariant[];
}

export interface ScannedOrder {
  readonly version: OrderVersion;
  /** Units not fulfilled yet, of all lines. */
  readonly unfulfilledUnits: number;
}

export interface BulkFile<Chunk> {
  readonly url: string;
  /** Lines that were worked on before. */
  readonly skipLines: number;
  readonly signal: AbortSignal;
  /** Given one bounded piece at a time, the next one only when it has answered; `lineCount` lines are done with it. False: stop. */
  take(chunk: Chunk, lineCount: number): Promise<boolean>;
}

export type FileEnd =
  | { readonly kind: "end"; readonly lineCount: number }
  /** The file is not there (any more): a new operation is needed. */
  | { readonly kind: "gone" }
  /** It broke off or could not be read; what was taken stays taken. */
  | { readonly kind: "broken"; readonly cause: string }
  | { readonly kind: "stopped" };

export interface BulkOperations {
  start(context: ReadContext, request: BulkRequest): Promise<BulkStart>;
  /** `operation` null: Shopify does not know it (any more). */
  look(context: ReadContext, id: string): Promise<BulkAnswer>;
  /** The newest operation of ours with this name; null when there is none. */
  find(context: ReadContext, name: string): Promise<BulkAnswer>;
  cancel(context: ReadContext, id: string): Promise<BulkAnswer>;
  readStock(file: BulkFile<StockChunk>): Promise<FileEnd>;
  readOrders(file: BulkFile<readonly ScannedOrder[]>): Promise<FileEnd>;
  /** Points of one request of each kind. */
  readonly costs: { readonly start: number; readonly look: number };
}

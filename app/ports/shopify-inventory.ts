// The stock port: the one way to change quantities in Shopify, and what is read of them. All ids are decimal strings.
import type { AdminFailure, GraphqlFault, RequestCost } from "./admin-api.ts";
import type { Operation } from "./change-ledger.ts";
import type { ReadContext, ReadLimits, ReadResult } from "./shopify-orders.ts";

export interface QuantityDelta {
  readonly inventoryItemId: string;
  readonly locationId: string;
  /** Added to the present quantity; never 0. */
  readonly delta: number;
  /** Carried out only if the quantity is this; null: whatever it is. */
  readonly changeFrom: number | null;
}

export interface AdjustRequest {
  /** Stored before the call; the same content is only ever sent under the same key. */
  readonly key: string;
  readonly name: "available";
  readonly reason: string;
  /** Shown in the admin's stock history; names our mutation. */
  readonly referenceDocumentUri: string;
  /** At most `ADJUST_ENTRIES_MAX`, one per item and location. */
  readonly changes: readonly QuantityDelta[];
}

export interface QuantityMove {
  readonly inventoryItemId: string;
  readonly locationId: string;
  /** Units from `available` into `reserved`; below 0 back. Never 0. */
  readonly delta: number;
  /** Carried out only if `available` is this; null: whatever it is. */
  readonly changeFrom: number | null;
}

/** Answered as an adjustment is; `after` of its entries is of `available`. */
export interface MoveRequest {
  /** As of an adjustment. */
  readonly key: string;
  readonly reason: string;
  readonly referenceDocumentUri: string;
  /** Names whose units they are in `reserved`. */
  readonly ledgerDocumentUri: string;
  /** At most `ADJUST_ENTRIES_MAX`, one per item and location. */
  readonly changes: readonly QuantityMove[];
}

/** Shopify's limit of entries in one mutation. */
export const ADJUST_ENTRIES_MAX = 250;

export interface AppliedEntry {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly delta: number;
  /** Quantity after this entry. Null when Shopify does not say. In a replayed answer it may be newer than the change: no truth about now. */
  readonly after: number | null;
}

export interface RefusedEntry {
  readonly inventoryItemId: string;
  readonly locationId: string;
  /** Shopify's code; null where it gives none. */
  readonly code: string | null;
}

export interface EntryError {
  /** Shopify's code; null where it gives none. */
  readonly code: string | null;
  readonly message: string;
  /** Which of `changes` it is about; null when the whole call is. */
  readonly index: number | null;
}

export type AdjustResult =
  /** There is an adjustment group: `entries` took effect. `errors` and `faults` beside it are reported, they undo nothing. */
  | {
      kind: "applied";
      groupId: string;
      /** ISO 8601. */
      createdAt: string;
      entries: readonly AppliedEntry[];
      /** Entries that Shopify left out: an error stands beside the group, and the group does not list them. */
      refused: readonly RefusedEntry[];
      errors: readonly EntryError[];
      faults: readonly GraphqlFault[];
      cost: RequestCost | null;
    }
  /** Nothing took effect. */
  | { kind: "rejected"; errors: readonly EntryError[]; cost: RequestCost | null }
  /** A request with this key is still running at Shopify: wait, then the same key again. */
  | { kind: "concurrent"; cost: RequestCost | null }
  /** Shopify remembers a failed attempt under this key: a new key is needed once no attempt can still be on its way. */
  | { kind: "previous_attempt_failed"; cost: RequestCost | null }
  /** This key was used with other content: a bug of ours, never to be retried. */
  | { kind: "key_mismatch"; cost: RequestCost | null }
  | AdminFailure;

/** Sending a change of stock: who asks, and whether it is still his to send at the very last moment. */
export interface SendContext extends ReadContext {
  readonly mayStillSend?: (() => boolean) | undefined;
}

/** What Shopify makes of an idempotency key, found out without changing any stock. */
export type KeyBinding =
  /** Bound now, and proven so, to a request that changes nothing: whatever else is sent under it has no effect. */
  | { kind: "bound"; cost: RequestCost | null }
  /** It stood for other content already: something that was sent under it has arrived. */
  | { kind: "bound_before"; cost: RequestCost | null }
  /** Shopify took it for a new key twice: it was not remembered. */
  | { kind: "forgotten"; cost: RequestCost | null }
  /** Says nothing; asking again after `waitMs` may. */
  | { kind: "unclear"; cause: string; waitMs: number; cost: RequestCost | null }
  /** Says nothing: Shopify refused the question itself, and will again. */
  | { kind: "refused"; cause: string; cost: RequestCost | null };

export interface StockPlace {
  readonly inventoryItemId: string;
  readonly locationId: string;
}

export interface StockLevel extends StockPlace {
  /** Null when the item is not stocked at the location. */
  readonly available: number | null;
  readonly committed: number | null;
  /** When `available` last changed, ISO 8601. */
  readonly updatedAt: string | null;
  /** When `committed` last changed, ISO 8601. */
  readonly committedUpdatedAt: string | null;
  /** When `reserved` last changed, ISO 8601: a draft order's reservation was made or lapsed. */
  readonly reservedUpdatedAt: string | null;
  readonly tracked: boolean;
}

export interface LocationFacts {
  readonly locationId: string;
  readonly name: string;
  readonly active: boolean;
  /** Orders can be fulfilled from its stock. */
  readonly ships: boolean;
}

export interface ShopifyInventory {
  adjustQuantities(context: SendContext, request: AdjustRequest): Promise<AdjustResult>;
  moveQuantities(context: SendContext, request: MoveRequest): Promise<AdjustResult>;
  /**
   * Sends a change by 0 under the key, and another to see whether the first was remembered. A free key is used up by it; the same question
   * at the same place may be asked again. Costs two changes of stock. `operation`: of what the key was made for; nobody says that a key used under one mutation is
   * used up for another.
   */
  bindKey(context: SendContext, key: string, place: StockPlace, operation: Operation): Promise<KeyBinding>;
  /** Items that do not exist are in `missing` (item ids); an item that is not stocked at the location is found with nulls. */
  readLevels(context: ReadContext, places: readonly StockPlace[]): Promise<ReadResult<StockLevel>>;
  readLocations(context: ReadContext): Promise<ReadResult<LocationFacts>>;
  /** Points to reserve. `adjust` counts entries; `levels.estimateCost` counts places. */
  readonly limits: { readonly adjust: ReadLimits; readonly levels: ReadLimits; readonly locations: ReadLimits };
}

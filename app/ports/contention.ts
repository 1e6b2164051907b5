// Port of waits for busy items: noted in memory as they happen, written in batches, counted by hour and item. Never part of a decision.

import type { ContentionCause } from "#app/domain/contention.ts";

import type { StockPlace } from "./shopify-inventory.ts";

/** The install itself, or the shop whose active install it is: a lock names only shops. */
export type ContentionOwner = { readonly installId: bigint } | { readonly shop: string };

/** Somebody had to wait `waitMs` for an item, and the wait is over. */
export type NotedWait = ContentionOwner & StockPlace & { readonly cause: ContentionCause; readonly waitMs: number };

/** A lease on an item ended before its work did. */
export type NotedLoss = ContentionOwner & StockPlace & { readonly cause: ContentionCause };

/** Before this call was claimed its item was seen locked by somebody else, last at `at` by this process's clock. */
export type NotedBusy = StockPlace & { readonly mutationId: string; readonly at: Date };

export interface ContentionNotes {
  /** Calls that were claimed: what waited for each of their items, and for how long, is read from the ledger. */
  readonly mutationIds: readonly string[];
  readonly busy: readonly NotedBusy[];
  readonly waits: readonly NotedWait[];
  readonly losses: readonly NotedLoss[];
}

export interface ContentionBook {
  /** Adds what was noted to the present hour's counts, all or nothing. What belongs to no active install is left out. */
  add(notes: ContentionNotes): Promise<void>;
}

// Port of reservations: grants, ends and settlements, decided by PostgreSQL under row locks. See docs/reference/reservations.md.

import type { PromiseFrom } from "#app/domain/reservations/stock-counts.ts";

import type { StockPlace } from "./shopify-inventory.ts";

export type ReservationState = "active" | "committed" | "released" | "expired";

export interface ReservationLine extends StockPlace {
  readonly variantId: string | null;
  readonly sku: string | null;
  /** Units; at least 1. */
  readonly quantity: number;
  /** False for what may be sold without stock: untracked items, variants that go on selling. It draws on no block. */
  readonly counts: boolean;
}

export interface Reservation {
  readonly id: string;
  readonly installId: bigint;
  readonly shop: string;
  readonly state: ReservationState;
  readonly expiresAt: Date;
  readonly reference: string | null;
  readonly lines: readonly ReservationLine[];
  readonly traceId: string;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly orderId: string | null;
  readonly paymentReference: string | null;
  /** Committed after it had lapsed. */
  readonly late: boolean;
  /** A commit after it had lapsed was refused, for good: whoever was charged must get it back. */
  readonly refundRequired: boolean;
  /** Of a committed one: what its units still wait for. */
  readonly settlement: "order" | "take" | "done" | "person" | null;
}

export type { PromiseFrom };

export interface ReserveRequest {
  readonly installId: bigint;
  readonly shop: string;
  /** The client's, 1 to 255 characters. */
  readonly idempotencyKey: string;
  /** SHA-256 of the canonical request, hex. */
  readonly bodyHash: string;
  readonly tokenId: string | null;
  readonly reference: string | null;
  readonly ttlSeconds: number;
  /** 1 to 100; the same stock on two lines counts together. */
  readonly lines: readonly ReservationLine[];
  readonly traceId: string;
  readonly promiseFrom: PromiseFrom;
  /** True: it has not been short before, so no block was asked to grow for it. */
  readonly asksFirst?: boolean;
  /** Most units that active reservations of this reference, or token, may hold together, this one included; null: no limit. */
  readonly unitsPerReferenceMax: number | null;
  readonly unitsPerTokenMax: number | null;
}

export interface ShortLine extends StockPlace {
  /** Units that all lines of the request want of this stock. */
  readonly requested: number;
  /** Units that could have been promised; 0 or more. */
  readonly available: number;
  /** The block is being enlarged, or waits for it: asking again in a moment may find more. Never with `promiseFrom: "local"`. */
  readonly growing: boolean;
  /** `available` was never observed here: somebody must read it first. */
  readonly unobserved: boolean;
}

export type ReserveOutcome =
  | { readonly kind: "granted"; readonly reservation: Reservation }
  /** The same key and body were granted before: its present state. */
  | { readonly kind: "seen_before"; readonly reservation: Reservation }
  /** The same key with another body. */
  | { readonly kind: "key_reused" }
  /** Nothing was taken, the key stays free. One entry per stock that is short. */
  | { readonly kind: "short"; readonly lines: readonly ShortLine[] }
  | { readonly kind: "over_limit"; readonly limit: "reference" | "token"; readonly unitsMax: number; readonly unitsHeld: number }
  /** The install is over. */
  | { readonly kind: "not_installed" }
  /** PostgreSQL refuses a value of this request (a NUL character, a number out of range); its neighbours in the batch went on without it. */
  | { readonly kind: "unstorable"; readonly code: string };

export interface ReserveBatch {
  /** One for each request, in their order. */
  readonly outcomes: readonly ReserveOutcome[];
  /** Shops in which a move waits for a turn. */
  readonly shopsToWake: readonly string[];
}

export interface CommitRequest {
  readonly installId: bigint;
  readonly reservationId: string;
  /** Null: the order itself named the reservation. Whoever commits it afterwards says the rest. */
  readonly commitHash: string | null;
  /** Null: its order is to be created, or will name the reservation. */
  readonly orderId: string | null;
  readonly paymentReference: string | null;
  /** Set: an order is going to be created by us; recorded in the same transaction, before anything is sent. */
  readonly createOrder: { readonly bodyHash: string; readonly giveUpAfterMs: number } | null;
  /** For a late one, which takes its units again. */
  readonly promiseFrom: PromiseFrom;
  readonly by: string;
}

export type CommitOutcome =
  | { readonly kind: "committed"; readonly reservation: Reservation; readonly first: boolean; readonly order: OrderMaking | null }
  /** Committed already, with another body. */
  | { readonly kind: "other_body"; readonly reservation: Reservation }
  /** It was released; nothing is held. */
  | { readonly kind: "released"; readonly reservation: Reservation }
  /** It had lapsed and its units are gone: for good when nothing is growing, else undecided yet. */
  | { readonly kind: "lapsed"; readonly reservation: Reservation; readonly lines: readonly ShortLine[]; readonly final: boolean }
  | { readonly kind: "not_found" };

/** How far the order of a reservation is. */
export interface OrderMaking {
  readonly state: "sending" | "unknown" | "created" | "refused" | "person";
  readonly orderId: string | null;
  readonly failure: string | null;
  /** Whether the caller is the one who may send `orderCreate` now: nothing has left before, or it was refused for certain. */
  readonly send: boolean;
  /** Numbers the sendings; whoever sends says which one it is (`OrderMakingBook.leaves`). */
  readonly attempt: number;
}

export type EndOutcome =
  | { readonly kind: "ended" | "already"; readonly reservation: Reservation }
  | { readonly kind: "committed"; readonly reservation: Reservation }
  | { readonly kind: "not_found" };

export interface ReservationBook {
  /** One transaction for the whole batch, fair in its order; a failure of the transaction fails all of it. */
  reserve(batch: readonly ReserveRequest[]): Promise<ReserveBatch>;
  find(installId: bigint, reservationId: string): Promise<Reservation | null>;
  /** The later of its end and now + ttl. `already`: it is not active any more, nothing was changed. */
  extend(installId: bigint, reservationId: string, ttlSeconds: number): Promise<EndOutcome>;
  /** A late one that finds its units gone and nothing growing is refused for good. */
  commit(request: CommitRequest): Promise<CommitOutcome>;
  release(installId: bigint, reservationId: string, by: string): Promise<EndOutcome>;
  /** Ends up to `limit` of those whose time has passed, oldest first; rows that somebody holds are left for the next round. */
  expireDue(limit: number): Promise<{ readonly expiredCount: number; readonly units: number }>;
  /** When the next one lapses, in ms from now; null: none is active. */
  nextExpiryInMs(): Promise<number | null>;
}

/** Which units a person, or a process, gives back. */
export interface SettleRound {
  readonly tied: number;
  readonly settled: number;
  readonly undecided: number;
  readonly shopsToWake: readonly string[];
}

export interface SettlementBook {
  /** Ties reservations to orders that name them, settles those whose order has taken its stock, hands over those that waited too long. */
  settleDue(limit: number): Promise<SettleRound>;
  /** A person decides on one that waits for an order nobody saw: its units go back on sale, or count as sold (they go back, and a correction takes them). */
  decide(request: { installId: bigint; reservationId: string; sold: boolean; actor: string; reason: string }): Promise<{ readonly kind: "done" | "not_waiting" | "not_found"; readonly shopsToWake: readonly string[] }>;
}

export interface BlockBook {
  /** Gives back what is free of blocks that are due to be looked at (idle, or not to be mirrored any more), and adopts those of earlier lives. */
  resizeDue(limit: number): Promise<{ readonly resized: number; readonly shopsToWake: readonly string[] }>;
  /** Ends every active reservation of the install and gives back all that is not owed to a committed one. */
  releaseAll(installId: bigint, actor: string): Promise<{ readonly reservations: number; readonly units: number; readonly shopsToWake: readonly string[] }>;
}

// Ports of reconciliation: how far each comparison with Shopify has come, and what was found different.

import type { BulkOperation, ScannedOrder, StockChunk } from "./bulk-operations.ts";
import type { StockPlace } from "./shopify-inventory.ts";

export type ScanKind = "stock" | "orders";
export type ScanState = "starting" | "running" | "reading" | "confirming" | "done" | "failed";

export interface StockScan {
  readonly id: bigint;
  readonly installId: bigint;
  readonly shop: string;
  readonly installedAt: Date;
  readonly kind: ScanKind;
  readonly reason: "day_one" | "scheduled" | "asked";
  readonly state: ScanState;
  /** Shopify was, or may have been, asked to begin the operation of this count. */
  readonly startAsked: boolean;
  readonly operationGid: string | null;
  /** By Shopify's clock. */
  readonly operationBeganAt: Date | null;
  /** Operations that were given up before the present one. */
  readonly operationCount: number;
  readonly pollCount: number;
  readonly objectCount: number;
  /** How long the count of lines has not grown, by the database's clock. */
  readonly stillForMs: number;
  readonly cancelAsked: boolean;
  readonly url: string | null;
  readonly partial: boolean;
  readonly lineCount: number;
  readonly levelCount: number;
  readonly orderCount: number;
  readonly driftCount: number;
}

/** Who works on a scan: every write repeats it, and one that has lost it writes nothing. */
export interface ScanHold {
  readonly scanId: bigint;
  readonly ownerId: string;
  readonly leaseMs: number;
}

export type ScanStep =
  | { readonly to: "asked" }
  | { readonly to: "running"; readonly operation: BulkOperation }
  | { readonly to: "looked"; readonly objectCount: number; readonly cancelAsked: boolean }
  | { readonly to: "reading"; readonly url: string; readonly partial: boolean; readonly objectCount: number }
  /** Another operation is needed: what was found so far stays, everything is compared anew. */
  | { readonly to: "starting" }
  /** The file was read to its end: what is known and was not named in it is to be looked at too, after `settleMs`. */
  | { readonly to: "confirming"; readonly settleMs: number }
  | { readonly to: "done" }
  | { readonly to: "failed"; readonly failure: string };

export interface ScanSchedule {
  readonly stockEveryMs: number;
  /** A scan that failed is begun anew after this. */
  readonly failedAfterMs: number;
}

export interface StockScanBook {
  /** Begins what is due (day one before all else), and takes scans whose time has come; nobody else takes them for `leaseMs`. */
  takeDue(request: { readonly ownerId: string; readonly limit: number; readonly leaseMs: number; readonly schedule: ScanSchedule }): Promise<readonly StockScan[]>;
  /** The scan under way of this install, whenever its time is, if nobody is at it. */
  takeOne(request: { readonly installId: bigint; readonly ownerId: string; readonly leaseMs: number }): Promise<readonly StockScan[]>;
  /** A scan of all stock now; the one under way when there is one. */
  ask(request: { readonly installId: bigint; readonly requestedBy: string }): Promise<{ readonly scanId: bigint; readonly isNew: boolean } | null>;
  find(installId: bigint, scanId: bigint): Promise<StockScan | null>;
  /** False: somebody else has it now. */
  advance(hold: ScanHold, step: ScanStep): Promise<boolean>;
  /**
   * Compares one piece of the file with the mirror in one statement: what was never seen is taken in, what differs is noted to be read once
   * more after `settleMs`, what is negative is to be judged. Writes how far the file was read in the same transaction. False: lost.
   */
  compare(hold: ScanHold, chunk: StockChunk, lineCount: number, settleMs: number): Promise<boolean>;
  /** Takes in orders that are older than the install and still want units; counts all by their source. */
  storeOrders(hold: ScanHold, orders: readonly ScannedOrder[], lineCount: number): Promise<boolean>;
  release(hold: ScanHold, dueInMs: number): Promise<void>;
}

/** What is known of a stock, and what stands in the way of judging it now. */
export interface KnownLevel extends StockPlace {
  /** Null: never seen, or not stocked there. */
  readonly available: number | null;
  readonly observedAt: Date | null;
  /** Names this state of the mirror: written with what follows from it, so that a mirror that moved meanwhile is left alone. */
  readonly mark: string | null;
  /** A call of ours, or a notification, is on its way into the mirror. */
  readonly busy: boolean;
}

/** Something known that must have changed the stock, or may have. */
export interface KnownEffect {
  readonly effectKey: string;
  readonly delta: number;
  readonly at: Date;
  readonly orderName: string | null;
  /** False: an order whose place is not known, or whose source may bypass stock. It may explain; nothing is built on it. */
  readonly certain: boolean;
}

/** A call of ours of which it is not certain that it took effect once: sent again with an answer missing, or called applied without proof. */
export interface CallInDoubt extends StockPlace {
  readonly mutationId: string;
  readonly delta: number;
  readonly doubt: "may_be_doubled" | "may_be_absent";
  readonly firstSentAt: Date;
  readonly lastSentAt: Date;
}

export interface StockHistory {
  /** Since the mirror's last value; effects of the call in doubt itself are left out where one is asked about. */
  readonly effects: readonly KnownEffect[];
  readonly calls: readonly CallInDoubt[];
}

/** The last value seen before a call in doubt, the last one seen while it could still arrive, and what is known to have happened between. */
export interface CallHistory {
  readonly before: { readonly available: number; readonly at: Date } | null;
  readonly after: { readonly available: number; readonly at: Date } | null;
  readonly effects: readonly KnownEffect[];
  /** A foreign number that was no overwrite came later: the stock was counted since. */
  readonly recounted: boolean;
}

export type DriftKind = "missed_notification" | "another_writer" | "owed" | "doubled" | "not_stocked" | "unknown";

export interface Explanation {
  readonly kind: DriftKind;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly proposal: { readonly delta: number; readonly because: "owed" | "doubled" } | null;
}

export interface FoundDrift extends StockPlace {
  /** Null: Shopify does not stock the item there any more. */
  readonly shopify: number | null;
  readonly known: number | null;
  readonly at: Date;
  readonly explanation: Explanation;
}

/** What Shopify says against what was known; `mark` as in `KnownLevel`. */
export interface Difference extends FoundDrift {
  readonly mark: string | null;
  readonly observedAt: Date | null;
}

export interface Confirmed {
  readonly installId: bigint;
  /** Null: one item was asked for. */
  readonly scanId: bigint | null;
  readonly seenBy: "scan" | "read";
  readonly actor: string;
  /** No longer to be looked at. */
  readonly settled: readonly StockPlace[];
  /** To be looked at again in `laterMs`; given up after `looksMax` looks. */
  readonly later: readonly StockPlace[];
  readonly laterMs: number;
  readonly looksMax: number;
  readonly differences: readonly Difference[];
}

export interface DriftBook {
  /** Levels that differed in the scan and may be read once more now. */
  candidates(scanId: bigint, limit: number): Promise<readonly StockPlace[]>;
  /** In how long the next of them may be read; null when none is left. */
  nextCandidateInMs(scanId: bigint): Promise<number | null>;
  /** `settleMs`: how long a call that was booked may take to show. */
  known(installId: bigint, places: readonly StockPlace[], settleMs: number): Promise<readonly KnownLevel[]>;
  /** Places at which the item is known to be stocked, and active locations where it might be. */
  placesOf(installId: bigint, inventoryItemId: string): Promise<readonly StockPlace[]>;
  history(installId: bigint, place: StockPlace, since: Date): Promise<StockHistory>;
  /** Calls of the last week that nobody has judged yet, oldest first. */
  callsInDoubt(installId: bigint, limit: number): Promise<readonly CallInDoubt[]>;
  callHistory(installId: bigint, call: CallInDoubt, windowEndsAt: Date): Promise<CallHistory>;
  /**
   * Writes what a second look found, in one transaction: the mirror takes Shopify's number where it has not moved meanwhile, the number is
   * observed and to be judged, the mismatch and its alert are kept. Answers how many were written.
   */
  record(confirmed: Confirmed): Promise<number>;
  /** A mismatch between ledger and Shopify that moves no number: a call that counted twice, or not at all. */
  recordCall(request: { readonly installId: bigint; readonly scanId: bigint | null; readonly drift: FoundDrift }): Promise<boolean>;
}

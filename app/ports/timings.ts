// The durations that recovery is made of, in one place: they hang together, and a test may run all of them faster alike.

import { invariant } from "#app/domain/invariant.ts";

export interface Timings {
  /** One call to Shopify, from its first byte to the last of the answer; cut off there, its outcome is unknown. */
  readonly callTimeoutMs: number;
  /** After a claim or a takeover: until then the owner is taken to be waiting for its answer, and nobody else sends the call. */
  readonly resumeAfterMs: number;
  /** A lock on stock outlives its holder by at most this. It is renewed at a third of it. */
  readonly stockLeaseMs: number;
  /** An attempt whose answer is missing may still be on its way to Shopify; after this it cannot arrive any more. */
  readonly travelLimitMs: number;
  /** Shopify forgets a key 24 h after the first request; this much later a re-send is no longer sure to be recognised. */
  readonly resendLimitMs: number;
  /** Waits after an attempt whose outcome is open: doubled per attempt from the first to the last. */
  readonly resendDelayMsMin: number;
  readonly resendDelayMsMax: number;
  /** A shop that is frozen or whose token is gone is asked again after this. */
  readonly shopUnavailableDelayMs: number;
  /** When a read from Shopify failed. */
  readonly readRetryDelayMs: number;
  /** An order with an open question is read after this: the notification that answers it is usually on its way. */
  readonly readGraceMs: number;
  /** Items that somebody else works on are looked at again after this. */
  readonly busyDelayMs: number;
  /** Longest wait for Shopify to route an order before a person is asked. */
  readonly locationDeadlineMs: number;
  /** Shops with work that nobody was woken for are found this often. */
  readonly sweepEveryMs: number;
  /** Privacy requests are looked at this often; 30 days are allowed. */
  readonly complianceEveryMs: number;
  /** A turn that threw is repeated after this. */
  readonly failedTurnDelayMs: number;
  /** A turn that stalled too often (its process died under it) waits this long instead of starting again at once. */
  readonly stalledTurnDelayMs: number;
  /** The queue's own sign of life of a running turn, and how often it looks for turns that have none. */
  readonly turnLockMs: number;
  readonly stalledEveryMs: number;
  /** News of a stock is judged after this: what explains a change is usually on its way. */
  readonly settleMs: number;
  /** Points set aside for a call whose process died are forgotten after this. */
  readonly pointsReservedMs: number;
}

const MINUTE_MS = 60_000;

/**
 * After a `kill -9` a shop's next turn starts within `turnLockMs + stalledEveryMs` (15 s), the dead worker's call may be sent again after
 * `resumeAfterMs` (16 s) and is found `sweepEveryMs` later at the latest: the ledger agrees with Shopify well within 30 s.
 */
export const TIMINGS: Timings = checked({
  callTimeoutMs: 12_000,
  resumeAfterMs: 16_000,
  stockLeaseMs: 12_000,
  travelLimitMs: 10 * MINUTE_MS,
  resendLimitMs: 23 * 60 * MINUTE_MS,
  resendDelayMsMin: 1_000,
  resendDelayMsMax: MINUTE_MS,
  shopUnavailableDelayMs: 5 * MINUTE_MS,
  readRetryDelayMs: 5_000,
  readGraceMs: 3_000,
  busyDelayMs: 1_000,
  locationDeadlineMs: 15 * MINUTE_MS,
  sweepEveryMs: 5_000,
  complianceEveryMs: 30_000,
  failedTurnDelayMs: 5_000,
  stalledTurnDelayMs: MINUTE_MS,
  turnLockMs: 10_000,
  stalledEveryMs: 5_000,
  settleMs: 5_000,
  pointsReservedMs: 2 * MINUTE_MS,
});

/** All of them shorter by the same factor, so that what must be longer than something else still is. For tests and benchmarks. */
export function scaledTimings(factor: number, timings: Timings = TIMINGS): Timings {
  const scaled = Object.fromEntries(Object.entries(timings).map(([name, ms]) => [name, Math.max(1, Math.round((ms as number) * factor))]));
  return checked({ ...timings, ...scaled });
}

function checked(timings: Timings): Timings {
  invariant(timings.callTimeoutMs < timings.resumeAfterMs, "a call is sent again only when its sender has given up waiting");
  invariant(timings.stockLeaseMs < timings.resumeAfterMs, "a dead owner's lock is gone when its call may be sent again");
  invariant(timings.resumeAfterMs < timings.travelLimitMs, "an attempt may travel longer than its sender waits");
  invariant(timings.travelLimitMs < timings.resendLimitMs, "a key lives longer than an attempt travels");
  invariant(timings.pointsReservedMs > timings.resumeAfterMs, "points stay set aside while a call may run");
  return timings;
}

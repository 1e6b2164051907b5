// The storm's clock: every wait of the recovery twelve times shorter, so that a seed takes seconds and lives through hundreds of recoveries.
import { scaledTimings, type Timings } from "#app/ports/timings.ts";

/**
 * In the proportions of production, but for waits that are minutes long and only make sure that nothing can arrive any more, and a little
 * more room between a claim and its call for a machine that is busy. An attempt travels for `LATE_MS` at most, less than
 * `travelLimitMs`: that is what the limit promises.
 */
export const STORM_TIMINGS: Timings = {
  ...scaledTimings(0.08),
  callTimeoutMs: 1_200,
  resumeAfterMs: 2_000,
  resendDelayMsMax: 600,
  shopUnavailableDelayMs: 800,
  stalledTurnDelayMs: 600,
  travelLimitMs: 5_000,
  pointsReservedMs: 2_500,
};

/** Shopify's clock against ours: its first retry of a webhook then comes after 5.6 s, and it waits 0.5 s for an answer. */
export const SHOPIFY_CLOCK_SCALE = 10;
/** What a call to Shopify takes by itself. */
export const SHOPIFY_LATENCY_MS = 30;
/** A call that Shopify carries out slowly; longer than the app waits for it, some of the time. */
export const SLOW_CALL_MS = { min: 250, max: 2_600 } as const;
/** A question about a key that Shopify takes its time over; mostly within what the app waits. */
export const SLOW_QUESTION_MS = { min: 800, max: 1_100 } as const;
/** An attempt that is still travelling arrives after this. */
export const LATE_MS = { min: 1_300, max: 2_200 } as const;
/** A process stands still for longer than its lease and than others leave its calls alone. */
export const PAUSE_MS = { min: 2_100, max: 2_800 } as const;
/** A step that takes its time: long enough for a lost lock to be taken by somebody else. */
export const SLOW_STEP_MS = { min: 100, max: 2_200 } as const;
/** Longer than Shopify waits for the answer to a webhook. */
export const LATE_ANSWER_MS = 700;

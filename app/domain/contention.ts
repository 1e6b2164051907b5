// How long somebody waited for an item, counted in a small fixed histogram, so that medians can be told over any span of hours. Pure.

/** Who waited: changes of orders, buyers at a checkout, the comparison with Shopify, corrections that a person sent. */
export const CONTENTION_CAUSES = ["orders", "reservations", "reconciliation", "person"] as const;
export type ContentionCause = (typeof CONTENTION_CAUSES)[number];

/**
 * Upper bounds, in ms, each included; what is longer than the last is counted above it. Fixed, because stored counts cannot be told apart anew:
 * another bound would need columns of its own. About three a decade: a median told from them is off by less than a factor of 2.5.
 */
export const WAIT_BOUNDS_MS = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000] as const;
export const BUCKET_COUNT = WAIT_BOUNDS_MS.length + 1;

/** Counts by bucket, `BUCKET_COUNT` of them. */
export type Histogram = readonly number[];

export const EMPTY_HISTOGRAM: Histogram = Array.from({ length: BUCKET_COUNT }, () => 0);

export function bucketOf(waitMs: number): number {
  const index = WAIT_BOUNDS_MS.findIndex((boundMs) => waitMs <= boundMs);
  return index === -1 ? WAIT_BOUNDS_MS.length : index;
}

export function addHistograms(one: Histogram, other: Histogram): Histogram {
  return EMPTY_HISTOGRAM.map((_, index) => (one[index] ?? 0) + (other[index] ?? 0));
}

export function countOf(histogram: Histogram): number {
  return histogram.reduce((sum, count) => sum + count, 0);
}

/**
 * The time that `part` (0 to 1) of all waits did not exceed, as far as the buckets tell: inside its bucket the waits are taken to lie evenly, and
 * none is longer than the longest that was seen. Null when nothing waited.
 */
export function quantileMs(histogram: Histogram, part: number, longestMs: number): number | null {
  const total = countOf(histogram);
  if (total === 0) return null;
  const rank = part * total;
  let below = 0;
  for (const [index, count] of histogram.entries()) {
    if (count > 0 && below + count >= rank) {
      const fromMs = index === 0 ? 0 : (WAIT_BOUNDS_MS[index - 1] ?? 0);
      const toMs = Math.max(fromMs, Math.min(WAIT_BOUNDS_MS[index] ?? longestMs, longestMs));
      return Math.min(longestMs, fromMs + ((rank - below) / count) * (toMs - fromMs));
    }
    below += count;
  }
  return longestMs;
}

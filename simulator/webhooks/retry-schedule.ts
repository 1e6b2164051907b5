// When Shopify tries again: eight times over four hours, each wait twice the one before.

export const RETRY_COUNT = 8;
export const RETRY_SPAN_MS = 4 * 3_600_000;

const FIRST_WAIT_MS = RETRY_SPAN_MS / (2 ** RETRY_COUNT - 1);

/** How long after the failed attempt (1 is the first send) the next one follows; null when it was the last. */
export function retryDelayMs(failedAttempt: number): number | null {
  return failedAttempt > RETRY_COUNT ? null : FIRST_WAIT_MS * 2 ** (failedAttempt - 1);
}

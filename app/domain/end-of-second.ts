// When a quantity that was read counts: Shopify's times have whole seconds, so one that last changed in a second held at its end.

/** `time`: ISO 8601. */
export function endOfSecond(time: string): Date {
  return new Date(Math.floor(Date.parse(time) / 1_000) * 1_000 + 999);
}

// Parses a webhook body without losing digits: Shopify's ids exceed 2^53, where `JSON.parse` alone would round them.

/** Whole numbers of at most 15 digits are exact in a double; a longer run of digits may not be. */
const LONG_NUMBER = /\d{16}/;

/**
 * Parses JSON; whole numbers that a double cannot hold exactly become their digits as a string.
 *
 * Almost no body has such a number outside of strings, so the plain parser is tried first when no long run of digits occurs: a
 * reviver costs about ten times as much.
 *
 * @throws SyntaxError when `text` is not JSON.
 */
export function parseLossless(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
}

function keepDigits(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context.source;
  return source !== undefined && /^-?\d+$/.test(source) ? source : value;
}

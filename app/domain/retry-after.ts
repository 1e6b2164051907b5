// For how long a receiver asks to be left alone: the header Retry-After, as seconds or as an HTTP date (RFC 9110, 10.2.3). Pure.

/** Null when there is none that can be read; not bounded above. */
export function readRetryAfterMs(header: string | null, now: Date): number | null {
  const text = header?.trim() ?? "";
  if (text === "") return null;
  const ms = /^[0-9]+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return Number.isNaN(ms) ? null : Math.max(ms, 0);
}

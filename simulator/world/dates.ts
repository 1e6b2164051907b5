// Shopify's two ways to write a moment, both in whole seconds: UTC in GraphQL, the shop's own zone in REST bodies.

export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

const offsets = new Map<string, string>();
const MAX_REMEMBERED_OFFSETS = 5_000;

/** `2025-04-02T11:30:13-05:00`, as webhook bodies carry it. */
export function zonedSeconds(ms: number, timezone: string): string {
  const offset = offsetAt(ms, timezone);
  const sign = offset.startsWith("-") ? -1 : 1;
  const minutes = sign * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6)));
  return `${new Date(ms + minutes * 60_000).toISOString().slice(0, 19)}${offset}`;
}

/** Intl is slow and offsets change on whole quarter hours only, so each is asked for once. */
function offsetAt(ms: number, timezone: string): string {
  const key = `${timezone} ${Math.floor(ms / 900_000)}`;
  const known = offsets.get(key);
  if (known) return known;
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" }).formatToParts(ms);
  const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "GMT";
  const offset = name.length > 3 ? name.slice(3) : "+00:00";
  if (offsets.size >= MAX_REMEMBERED_OFFSETS) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

// What makes two requests the same: a digest of their content, whatever the order of their fields.

import { createHash } from "node:crypto";

/** SHA-256 of the value's JSON with sorted keys, hex. Fields that are undefined count as left out. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(sorted(value)) ?? "null").digest("hex");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  // A null prototype: a field called __proto__ is a field like others.
  return entries.reduce<Record<string, unknown>>((into, [key, inner]) => {
    into[key] = sorted(inner);
    return into;
  }, Object.create(null) as Record<string, unknown>);
}

// Keeps of a webhook's body what the subscription's include_fields name.

export function includeFields(payload: Readonly<Record<string, unknown>>, fields: readonly string[], nestedPaths: boolean): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const nested = new Map<string, string[]>();
  for (const field of fields) {
    const dot = field.indexOf(".");
    if (dot === -1) {
      if (field in payload) kept[field] = payload[field];
    } else if (nestedPaths) {
      const head = field.slice(0, dot);
      nested.set(head, [...(nested.get(head) ?? []), field.slice(dot + 1)]);
    }
  }
  for (const [head, paths] of nested) {
    if (head in payload && !(head in kept)) kept[head] = within(payload[head], paths);
  }
  return kept;
}

function within(value: unknown, paths: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((entry) => within(entry, paths));
  if (typeof value !== "object" || value === null) return value;
  return includeFields(value as Record<string, unknown>, paths, true);
}

// Many changes, one call: deltas of the same item and location are summed into one entry, and an entry's answer is shared out again.

export interface CoalescableChange {
  readonly id: bigint;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly delta: number;
}

export interface CoalescedEntry<Change extends CoalescableChange> {
  readonly inventoryItemId: string;
  readonly locationId: string;
  /** Sum of the deltas; 0 when they cancel each other out. */
  readonly delta: number;
  /** By id, the order in which they count as applied. */
  readonly changes: readonly Change[];
}

/** Shopify's limit for one entry of an adjustment. */
export const ENTRY_UNITS_MAX = 2_000_000_000;

/**
 * One entry per item and location, in the order of their oldest change. Changes that would lift an entry over Shopify's limit are left
 * out: they go with a later call.
 */
export function coalesce<Change extends CoalescableChange>(changes: readonly Change[]): readonly CoalescedEntry<Change>[] {
  const byStock = Map.groupBy(
    changes.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    (change) => `${change.inventoryItemId}@${change.locationId}`,
  );
  const entries: CoalescedEntry<Change>[] = [];
  for (const group of byStock.values()) {
    const first = group[0];
    if (!first) continue;
    const taken: Change[] = [];
    let delta = 0;
    for (const change of group) {
      if (Math.abs(delta + change.delta) > ENTRY_UNITS_MAX) break;
      delta += change.delta;
      taken.push(change);
    }
    entries.push({ inventoryItemId: first.inventoryItemId, locationId: first.locationId, delta, changes: taken });
  }
  return entries;
}

/**
 * Quantity before and after each change of one entry, walked in the order of their ids from what Shopify said stands after the entry.
 * Null when it did not say. `sign`: what a unit of a change does to that quantity.
 */
export function shareOut<Change extends CoalescableChange>(
  changes: readonly Change[],
  after: number | null,
  sign: 1 | -1 = 1,
): readonly { readonly change: Change; readonly before: number | null; readonly after: number | null }[] {
  const ordered = changes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (after === null) return ordered.map((change) => ({ change, before: null, after: null }));
  let level = after - ordered.reduce((sum, change) => sum + sign * change.delta, 0);
  return ordered.map((change) => {
    const before = level;
    level += sign * change.delta;
    return { change, before, after: level };
  });
}

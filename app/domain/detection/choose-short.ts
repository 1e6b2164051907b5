// Which orders are left short when stock does not suffice: the ones committed last, or the unpaid ones first.

export const SHORT_POLICIES = ["latest_first", "unpaid_first"] as const;
export type ShortPolicy = (typeof SHORT_POLICIES)[number];

/** What one line of an order wants of the item and has not got yet. */
export interface OpenUnits {
  readonly orderId: string;
  readonly lineId: string;
  /** Ordered, not fulfilled, not cancelled; > 0. */
  readonly units: number;
  /** When it was sold, ms since 1970. */
  readonly committedMs: number;
  readonly paid: boolean;
  /** Why it can never be short; null: it can. */
  readonly exempt: string | null;
}

export interface Served<Of extends OpenUnits> {
  readonly open: Of;
  readonly unitsShort: number;
  readonly verdict: "short" | "served" | "exempt";
}

export interface ShortChoice<Of extends OpenUnits> {
  /** In order of commitment. */
  readonly orders: readonly Served<Of>[];
  /** Units missing that no known order can be short of. */
  readonly uncovered: number;
}

/** @param units how many units are missing. */
export function chooseShort<Of extends OpenUnits>(input: { readonly open: readonly Of[]; readonly units: number; readonly policy: ShortPolicy }): ShortChoice<Of> {
  const committed = input.open.toSorted(byCommitment);
  const candidates = committed.filter(({ exempt, units }) => exempt === null && units > 0).toReversed();
  const queue = input.policy === "unpaid_first" ? [...candidates.filter(({ paid }) => !paid), ...candidates.filter(({ paid }) => paid)] : candidates;
  const short = new Map<Of, number>();
  let left = input.units;
  for (const open of queue) {
    if (left <= 0) break;
    const units = Math.min(open.units, left);
    short.set(open, units);
    left -= units;
  }
  return {
    orders: committed.map((open) => {
      const unitsShort = short.get(open) ?? 0;
      return { open, unitsShort, verdict: open.exempt !== null ? "exempt" : unitsShort > 0 ? "short" : "served" };
    }),
    uncovered: Math.max(0, left),
  };
}

/** Within the same second the lower id came first: Shopify counts up. */
export function byCommitment(a: OpenUnits, b: OpenUnits): number {
  return a.committedMs - b.committedMs || compareIds(a.orderId, b.orderId) || compareIds(a.lineId, b.lineId);
}

/** Decimal ids, which may exceed 2^53. */
function compareIds(a: string, b: string): number {
  if (a === b) return 0;
  return a.length - b.length || (a < b ? -1 : 1);
}

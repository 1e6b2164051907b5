// Holds the mismatches that an app found by comparing with Shopify against the differences that were put there.

/**
 * What was done to one level behind the app's back. `told_count` and `count_after_doubled` were told: nothing is to be found, and above all
 * nothing to be proposed.
 */
export type InjectedKind = "foreign" | "native" | "negative" | "not_stocked" | "count" | "told_count" | "doubled" | "count_after_doubled" | "owed";

export interface InjectedDifference {
  readonly kind: InjectedKind;
  /** gids. */
  readonly inventoryItemId: string;
  readonly locationId: string;
  /** What would set it right; null where nobody owes anything. */
  readonly owedDelta: number | null;
}

/** As a program reads it over the app's API; more fields do no harm. */
export interface FoundDifference {
  readonly state: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly shopify: number | null;
  readonly explanation: { readonly kind: string };
  readonly proposal: { readonly delta: number } | null;
}

export interface DifferenceFigures {
  readonly injected: number;
  readonly found: number;
  readonly explained: number;
  readonly proposals: { readonly due: number; readonly right: number };
  /** In words; each of these lists is empty when all is right. */
  readonly missed: readonly string[];
  readonly misread: readonly string[];
  readonly wrongProposals: readonly string[];
  readonly invented: readonly string[];
}

/** Null: nothing may be found. */
const EXPLAINED_AS: Readonly<Record<InjectedKind, string | null>> = {
  foreign: "another_writer",
  native: "missed_notification",
  negative: "another_writer",
  not_stocked: "not_stocked",
  count: "another_writer",
  told_count: null,
  doubled: "doubled",
  count_after_doubled: null,
  owed: "owed",
};

/** `available`: what stands in Shopify, by item and location; null where an item is not stocked. */
export function compareDifferences(
  injected: readonly InjectedDifference[],
  found: readonly FoundDifference[],
  available: (place: { readonly inventoryItemId: string; readonly locationId: string }) => number | null,
): DifferenceFigures {
  // One that a later comparison replaced says nothing any more.
  const standing = Map.groupBy(found.filter(({ state }) => state !== "gone"), keyOf);
  const known = new Map(injected.map((one) => [keyOf(one), one]));
  const due = injected.filter(({ kind }) => EXPLAINED_AS[kind] !== null);
  const seen = due.filter((one) => standing.has(keyOf(one)));
  const misread = seen.flatMap((one) => misreadingOf(one, standing.get(keyOf(one)) ?? [], available(one)));
  const wrongProposals = [...standing.values()].flat().flatMap((difference) => wrongProposalOf(difference, known.get(keyOf(difference)) ?? null));
  const owed = injected.filter(({ owedDelta }) => owedDelta !== null);
  return {
    injected: due.length,
    found: seen.length,
    explained: seen.length - new Set(misread.map(({ key }) => key)).size,
    proposals: { due: owed.length, right: owed.filter((one) => standing.get(keyOf(one))?.some(({ proposal }) => proposal?.delta === one.owedDelta)).length },
    missed: due.filter((one) => !standing.has(keyOf(one))).map((one) => `${keyOf(one)}: ${one.kind}, not found`),
    misread: misread.map(({ said }) => said),
    wrongProposals,
    invented: [...standing.keys()].filter((key) => isQuiet(known.get(key))).map((key) => `${key}: found, yet nothing was hidden there`),
  };
}

function isQuiet(one: InjectedDifference | undefined): boolean {
  return one === undefined || EXPLAINED_AS[one.kind] === null;
}

function misreadingOf(one: InjectedDifference, found: readonly FoundDifference[], available: number | null): { key: string; said: string }[] {
  const key = keyOf(one);
  const kinds = found.map(({ explanation }) => explanation.kind).join(", ");
  const wanted = EXPLAINED_AS[one.kind];
  return [
    ...(found.some(({ explanation }) => explanation.kind === wanted) ? [] : [{ key, said: `${key}: ${one.kind}, explained as ${kinds}` }]),
    ...(found.some(({ shopify }) => shopify === available) ? [] : [{ key, said: `${key}: ${one.kind}, Shopify has ${available}, shown was ${found.map(({ shopify }) => shopify).join(", ")}` }]),
  ];
}

function wrongProposalOf({ proposal, ...place }: FoundDifference, one: InjectedDifference | null): string[] {
  if (proposal === null || proposal.delta === one?.owedDelta) return [];
  return [`${keyOf(place)}: ${one?.kind ?? "untouched"}, and ${proposal.delta} was proposed`];
}

function keyOf({ inventoryItemId, locationId }: { readonly inventoryItemId: string; readonly locationId: string }): string {
  return `${inventoryItemId} at ${locationId}`;
}

// What a performance scenario says: one row a figure, beside its baseline, with the mark it is held to.

export interface Mark {
  /** What is held to it: the row's own value, or its ratio to the baseline. */
  readonly of: "value" | "ratio";
  readonly is: "at least" | "at most";
  readonly limit: number;
}

export interface Baseline {
  readonly name: string;
  readonly value: number;
}

export interface Row {
  readonly scenario: string;
  readonly row: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: Baseline;
  /** Value by baseline. */
  readonly ratio?: number;
  /** Null: told beside the others, held to nothing. */
  readonly mark: Mark | null;
  /** True for what has no mark. */
  readonly reached: boolean;
}

export interface RowInput {
  readonly scenario: string;
  readonly row: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: Baseline | undefined;
  readonly mark?: Mark | undefined;
}

export const valueAtLeast = (limit: number): Mark => ({ of: "value", is: "at least", limit });
export const valueAtMost = (limit: number): Mark => ({ of: "value", is: "at most", limit });
export const ratioAtLeast = (limit: number): Mark => ({ of: "ratio", is: "at least", limit });
export const ratioAtMost = (limit: number): Mark => ({ of: "ratio", is: "at most", limit });

/** A figure that is not a number (nothing was measured) reaches no mark. */
export function makeRow({ scenario, row, value, unit, baseline, mark = undefined }: RowInput): Row {
  const ratio = baseline === undefined ? undefined : value / baseline.value;
  return { scenario, row, value, unit, ...(baseline === undefined ? {} : { baseline, ratio: ratio ?? Number.NaN }), mark: mark ?? null, reached: isReached(mark ?? null, value, ratio) };
}

function isReached(mark: Mark | null, value: number, ratio: number | undefined): boolean {
  if (mark === null) return true;
  const judged = mark.of === "value" ? value : (ratio ?? Number.NaN);
  return mark.is === "at least" ? judged >= mark.limit : judged <= mark.limit;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** The rows of several runs as one: medians of the values, of the baselines, and of the ratios that were measured within one run each. */
export function medianRows(runs: readonly (readonly Row[])[]): Row[] {
  const keys = new Map<string, Row[]>();
  for (const row of runs.flat()) {
    const key = `${row.scenario} ${row.row}`;
    keys.set(key, [...(keys.get(key) ?? []), row]);
  }
  return [...keys.values()].flatMap((same) => (same[0] === undefined ? [] : [medianOf(same[0], same)]));
}

function medianOf(first: Row, same: readonly Row[]): Row {
  const value = median(same.map((row) => row.value));
  if (first.baseline === undefined) return { ...first, value, reached: isReached(first.mark, value, undefined) };
  const ratio = median(same.map((row) => row.ratio ?? Number.NaN));
  const baseline = { name: first.baseline.name, value: median(same.map((row) => row.baseline?.value ?? Number.NaN)) };
  return { ...first, value, baseline, ratio, reached: isReached(first.mark, value, ratio) };
}

// What an act over many rows answers: one bounded step a request, and where the next goes on. Pure.

export interface StepTotals<Refusal extends string = string> {
  readonly doneCount: number;
  /** What else was settled with them is counted, too. */
  readonly changedCount: number;
  readonly refused: readonly { readonly refusal: Refusal; readonly count: number }[];
}

export type StepFailure = "note_missing" | "note_too_long" | "note_invalid" | "not_installed" | "not_understood" | "not_permitted" | "failed";

export type StepAnswer<Refusal extends string = string> =
  | ({ readonly kind: "acted"; /** Null when nothing is left. */ readonly next: string | null } & StepTotals<Refusal>)
  | { readonly kind: StepFailure };

export type StepOutcome<Refusal extends string = string> = ({ readonly kind: "acted" } & StepTotals<Refusal>) | { readonly kind: StepFailure };

export const NOTHING_YET: StepTotals<never> = { doneCount: 0, changedCount: 0, refused: [] };

export function addStep<Refusal extends string>(totals: StepTotals<Refusal>, step: StepTotals<Refusal>): StepTotals<Refusal> {
  const counts = new Map(totals.refused.map(({ refusal, count }) => [refusal, count]));
  for (const { refusal, count } of step.refused) counts.set(refusal, (counts.get(refusal) ?? 0) + count);
  return {
    doneCount: totals.doneCount + step.doneCount,
    changedCount: totals.changedCount + step.changedCount,
    refused: [...counts].map(([refusal, count]) => ({ refusal, count })),
  };
}

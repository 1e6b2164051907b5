// What became of an act over many rows: how many, and in words why others were not; and how far one is that takes several steps.

import { Banner, List, Text } from "@shopify/polaris";

import { ACT_FAILURES } from "../act-failure-terms.ts";
import { plural } from "../formatting.ts";
import type { StepFailure, StepOutcome, StepTotals } from "../stepwise.ts";

const FAILURES: Readonly<Record<StepFailure, { readonly title: string; readonly text: string }>> = {
  ...ACT_FAILURES,
  failed: { title: "Something went wrong", text: "What was done so far stays done, and doing it again is safe. Try again in a moment." },
};

interface StepOutcomeBannerProps<Refusal extends string> {
  /** "change" */
  readonly noun: string;
  /** Where it is not the noun and an s. */
  readonly nouns?: string;
  /** "discarded" */
  readonly done: string;
  readonly refusalTerms: Readonly<Record<Refusal, string>>;
  readonly running: StepTotals<Refusal> | null;
  readonly outcome: StepOutcome<Refusal> | null;
}

export function StepOutcomeBanner<Refusal extends string>({ noun, nouns, done, refusalTerms, running, outcome }: StepOutcomeBannerProps<Refusal>) {
  if (running !== null) {
    return (
      <Banner tone="info" title={running.doneCount === 0 ? "Working…" : `Working… ${plural(running.doneCount, noun, nouns)} so far`}>
        <Text as="p">Leaving the page stops after the present step; what was done stays done.</Text>
      </Banner>
    );
  }
  if (outcome === null) return null;
  if (outcome.kind !== "acted") {
    const { title, text } = FAILURES[outcome.kind];
    return (
      <Banner tone="critical" title={title}>
        <Text as="p">{text}</Text>
      </Banner>
    );
  }
  const notDone = outcome.refused.reduce((sum, { count }) => sum + count, 0);
  const others = outcome.changedCount - outcome.doneCount;
  return (
    <Banner tone={notDone === 0 ? "success" : "warning"} title={`${plural(outcome.doneCount, noun, nouns)} ${done}${notDone === 0 ? "" : `, ${notDone} not`}`}>
      {others > 0 ? <Text as="p">{`So ${others === 1 ? "was" : "were"} ${plural(others, "other")} that went in the same call.`}</Text> : null}
      {outcome.doneCount === 0 ? null : <Text as="p">Each act is in the audit trail with your staff id.</Text>}
      {notDone === 0 ? null : (
        <List>
          {outcome.refused.map(({ refusal, count }) => (
            <List.Item key={refusal}>{`${plural(count, noun, nouns)} ${refusalTerms[refusal]}.`}</List.Item>
          ))}
        </List>
      )}
    </Banner>
  );
}

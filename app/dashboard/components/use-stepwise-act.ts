// Carries an act over many rows out for a page: one request a step until nothing is left, counting what was done and why others were not.

import { useFetcher } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";

import { addStep, NOTHING_YET, type StepAnswer, type StepOutcome, type StepTotals } from "../stepwise.ts";

interface Step<Refusal extends string> {
  readonly form: Readonly<Record<string, string>>;
  /** Where it goes on; empty for the first. */
  readonly after: string;
  /** What the steps before it did. */
  readonly totals: StepTotals<Refusal>;
}

export interface StepwiseAct<Refusal extends string> {
  /** What has been done so far; null while nothing runs. */
  readonly running: StepTotals<Refusal> | null;
  /** What became of the last act; null before the first and while one runs. */
  readonly outcome: StepOutcome<Refusal> | null;
  start(form: Readonly<Record<string, string>>): void;
}

/** @param address whose action answers with a `StepAnswer`; `after` is added to the form. */
export function useStepwiseAct<Refusal extends string>(address: string): StepwiseAct<Refusal> {
  const { submit, data: answer, state } = useFetcher<StepAnswer<Refusal>>();
  const [step, setStep] = useState<Step<Refusal> | null>(null);
  const [outcome, setOutcome] = useState<StepOutcome<Refusal> | null>(null);
  const [seen, setSeen] = useState<unknown>(undefined);

  // Each answer is taken in once, while rendering, and leads to the next step or to the outcome. Not before the page shows what the step
  // changed: the next one would abort its loading.
  if (state === "idle" && answer !== undefined && answer !== seen && step !== null) {
    setSeen(answer);
    const totals = answer.kind === "acted" ? addStep(step.totals, answer as StepTotals<Refusal>) : null;
    if (answer.kind === "acted" && totals !== null && answer.next !== null) {
      setStep({ ...step, after: answer.next, totals });
    } else {
      setStep(null);
      setOutcome(answer.kind === "acted" ? { kind: "acted", ...(totals ?? step.totals) } : { kind: answer.kind });
    }
  }

  const latest = useRef(answer);
  useEffect(() => {
    latest.current = answer;
  }, [answer]);
  useEffect(() => {
    if (step !== null) submit({ ...step.form, after: step.after }, { method: "post", action: address });
  }, [step, submit, address]);

  return {
    running: step?.totals ?? null,
    outcome,
    // One act at a time, whatever was still to be seen of the last when its button was pressed again.
    start(form) {
      setOutcome(null);
      setSeen(latest.current);
      setStep((running) => running ?? { form, after: "", totals: NOTHING_YET });
    },
  };
}

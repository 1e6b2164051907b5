// The acts of the review page and of a change's own page: which act on which changes, asked about once more where it is final.

import { startTransition, useState } from "react";

import { type ActRefusal, needsNote, type ReviewAct, type ReviewReason } from "#app/domain/review.ts";

import { type StepwiseAct, useStepwiseAct } from "../use-stepwise-act.ts";

/** Changes by their ids, or all that match the reason (empty: any) whatever page they are on. */
export type ReviewSelection = { readonly kind: "ids"; readonly ids: readonly string[] } | { readonly kind: "matching"; readonly why: ReviewReason | "" };

export interface AskedAct {
  readonly act: ReviewAct;
  readonly selection: ReviewSelection;
}

export interface ReviewActs extends Omit<StepwiseAct<ActRefusal | "not_found">, "start"> {
  /** The act that runs, or ran last. */
  readonly act: ReviewAct | null;
  /** Waits for a reason. */
  readonly asked: AskedAct | null;
  want(asked: AskedAct): void;
  confirm(note: string): void;
  dismiss(): void;
}

/** @param onBegun called when an act begins. */
export function useReviewActs(onBegun: () => void = () => undefined): ReviewActs {
  const { running, outcome, start } = useStepwiseAct<ActRefusal | "not_found">("/app/review");
  const [asked, setAsked] = useState<AskedAct | null>(null);
  const [act, setAct] = useState<ReviewAct | null>(null);
  const begin = (wanted: AskedAct, note: string) => {
    setAsked(null);
    setAct(wanted.act);
    start({ act: wanted.act, note, ...fieldsOf(wanted.selection) });
    onBegun();
  };
  return {
    running,
    outcome,
    act,
    asked,
    want: (wanted) => (needsNote(wanted.act) ? startTransition(() => setAsked(wanted)) : begin(wanted, "")),
    confirm: (note) => (asked === null ? undefined : begin(asked, note)),
    dismiss: () => setAsked(null),
  };
}

function fieldsOf(selection: ReviewSelection): Record<string, string> {
  return selection.kind === "ids" ? { ids: selection.ids.join(",") } : { matching: selection.why === "" ? "all" : selection.why };
}

// What became of an act on changes.

import { ACT_REFUSAL_TERMS, REVIEW_ACT_TERMS } from "../../terms.ts";
import { StepOutcomeBanner } from "../step-outcome-banner.tsx";
import type { ReviewActs } from "./use-review-acts.ts";

export function ReviewOutcome({ acts }: { readonly acts: ReviewActs }) {
  if (acts.act === null) return null;
  return <StepOutcomeBanner noun="change" done={REVIEW_ACT_TERMS[acts.act].done} refusalTerms={ACT_REFUSAL_TERMS} running={acts.running} outcome={acts.outcome} />;
}

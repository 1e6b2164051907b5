// The reasons that occur, with how often: choosing one narrows the list to it.

import type { ReviewReason } from "#app/domain/review.ts";

import { formatCount } from "../../formatting.ts";
import { REVIEW_REASON_TERMS } from "../../terms.ts";
import { ViewChoice } from "../view-choice.tsx";

interface ReasonChoiceProps {
  readonly counts: readonly { readonly reason: ReviewReason; readonly count: number }[];
  readonly total: number;
  readonly why: ReviewReason | "";
}

export function ReasonChoice({ counts, total, why }: ReasonChoiceProps) {
  // The chosen one stays, also when the last of its changes has just been settled.
  const shown = why === "" || counts.some(({ reason }) => reason === why) ? counts : [...counts, { reason: why, count: 0 }];
  const views = [
    { label: `All (${formatCount(total)})`, url: "/app/review", chosen: why === "" },
    ...shown.map(({ reason, count }) => ({ label: `${REVIEW_REASON_TERMS[reason].label} (${formatCount(count)})`, url: `/app/review?why=${reason}`, chosen: reason === why })),
  ];
  return <ViewChoice name="Why it needs review" views={views} />;
}

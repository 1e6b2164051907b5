// The dialog before a final act on changes: how many are concerned, those that went in the same calls included.

import type { ReviewAct } from "#app/domain/review.ts";

import { plural } from "../../formatting.ts";
import { REVIEW_ACT_TERMS } from "../../terms.ts";
import { NoteDialog } from "../note-dialog.tsx";

interface ActDialogProps {
  readonly act: ReviewAct;
  /** Null: all that match, however many. */
  readonly count: number | null;
  /** With what went in the same calls; the same as `count` when nothing else did. */
  readonly touchedCount: number | null;
  readonly onConfirm: (note: string) => void;
  readonly onClose: () => void;
}

/** Mount it when it is wanted: it opens with an empty reason. */
export function ActDialog({ act, count, touchedCount, onConfirm, onClose }: ActDialogProps) {
  const term = REVIEW_ACT_TERMS[act];
  const others = touchedCount !== null && count !== null && touchedCount > count ? ` ${plural(touchedCount, "change")} in all went in the same ${count === 1 ? "call" : "calls"}.` : "";
  return (
    <NoteDialog
      title={`${term.label}: ${count === null ? "everything that matches" : plural(count, "change")}`}
      consequence={`${term.consequence}${others}`}
      label={term.label}
      destructive={act !== "resolve_applied"}
      onConfirm={onConfirm}
      onClose={onClose}
    />
  );
}

// A person's act on changes that stopped: the reason is read, the desk judges and writes step by step, and the shop is woken.

import { needsNote, readNote, type ActRefusal, type ReviewAct } from "#app/domain/review.ts";
import type { ActiveInstall } from "#app/ports/install-store.ts";
import { type ActOutcome, REVIEW_STEP_MAX } from "#app/ports/review-desk.ts";
import { inSteps, type ReviewPorts, tally } from "./review-ports.ts";

export interface ActOnChanges {
  readonly install: Pick<ActiveInstall, "installId" | "shop">;
  readonly act: ReviewAct;
  readonly changeIds: readonly bigint[];
  /** `staff:<id>` or `operator`. */
  readonly actor: string;
  /** As typed; empty when none was given. */
  readonly note: string;
  readonly dryRun?: boolean;
}

export type ChangesAnswer =
  | {
      readonly kind: "acted";
      readonly doneIds: readonly bigint[];
      /** Changes whose state changed: more than were asked for when calls were resolved that carried others, too. */
      readonly changedCount: number;
      readonly refused: readonly { readonly refusal: ActRefusal | "not_found"; readonly ids: readonly bigint[] }[];
    }
  /** Nothing was done. */
  | { readonly kind: "note_missing" | "note_too_long" | "note_invalid" | "not_installed" };

export async function actOnChanges({ desk, waker, metrics }: ReviewPorts, request: ActOnChanges): Promise<ChangesAnswer> {
  const { install, act, actor, dryRun = false } = request;
  const note = readNote(request.note);
  if (note.kind === "missing" && needsNote(act)) return { kind: "note_missing" };
  if (note.kind === "too_long" || note.kind === "invalid") return { kind: `note_${note.kind}` };

  const outcomes = new Map<bigint, ActOutcome>();
  let changedCount = 0;
  for (const changeIds of inSteps(request.changeIds, REVIEW_STEP_MAX)) {
    const result = await desk.act({ installId: install.installId, act, changeIds, actor, note: note.kind === "note" ? note.note : null, dryRun });
    if (result.kind === "not_installed") return result;
    changedCount += result.changedCount;
    for (const [id, outcome] of result.outcomes) outcomes.set(id, outcome);
  }
  if (changedCount > 0 && !dryRun) {
    if (act === "discard") metrics.change("rejected", changedCount);
    if (act === "resolve_applied") metrics.change("applied", changedCount);
    // What waits may go on, and what was blocked has its outcome. Without the wake both would wait for the sweeper.
    await waker.wake(install.shop);
  }
  const { doneIds, refused } = tally(outcomes);
  return { kind: "acted", doneIds, changedCount, refused };
}

// A person decides on a mismatch or an overwritten stock: the reason is read, the decision judged and written under locks, the shop woken.

import { readNote } from "#app/domain/review.ts";
import type { CorrectionAct, CorrectionResult, Corrections, CorrectionSubject } from "#app/ports/corrections.ts";
import type { ActiveInstall } from "#app/ports/install-store.ts";

export interface CorrectPorts {
  readonly corrections: Corrections;
  readonly waker: { wake(shop: string): Promise<unknown> };
  /** A fresh UUID. */
  readonly uuid: () => string;
}

export interface CorrectStock {
  readonly install: Pick<ActiveInstall, "installId" | "shop">;
  readonly subject: CorrectionSubject;
  readonly act: CorrectionAct;
  readonly actor: string;
  /** As typed. */
  readonly note: string;
  readonly dryRun?: boolean;
}

/** Nothing was done for want of a reason: it goes to the audit trail with the correction. */
export type CorrectAnswer = CorrectionResult | { readonly kind: "note_missing" | "note_too_long" | "note_invalid" };

export async function correctStock({ corrections, waker, uuid }: CorrectPorts, request: CorrectStock): Promise<CorrectAnswer> {
  const { install, subject, act, actor, dryRun = false } = request;
  const note = readNote(request.note);
  // A dry run is a question: it needs no reason.
  if (note.kind !== "note" && !(dryRun && note.kind === "missing")) return { kind: `note_${note.kind}` };
  const result = await corrections.act({ installId: install.installId, subject, act, actor, note: note.kind === "note" ? note.note : "", dryRun, traceId: uuid() });
  // From here on it is a change like any other; without the wake it would wait for the sweeper.
  if (result.kind === "done" && result.changeId !== null) await waker.wake(install.shop);
  return result;
}

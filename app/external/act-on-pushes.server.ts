// A person's act on parked pushes: the reason is read, then step by step done with its audit entries.

import { readNote } from "#app/domain/review.ts";
import type { ExternalDesk, PushActRefusal, PushActRequest } from "#app/ports/external-pushes.ts";

/** Pushes of one transaction. */
export const PUSH_STEP_MAX = 250;

export type PushActOutcome =
  | { readonly kind: "acted"; readonly doneIds: readonly bigint[]; readonly refused: readonly { readonly id: bigint; readonly refusal: PushActRefusal }[] }
  /** Nothing was done. To skip a push makes the two systems differ for good: the audit trail must say why. */
  | { readonly kind: "note_missing" | "note_too_long" | "note_invalid" };

export async function actOnPushes(desk: Pick<ExternalDesk, "act">, request: PushActRequest): Promise<PushActOutcome> {
  const note = readNote(request.note);
  if (note.kind === "missing" && request.act === "skip") return { kind: "note_missing" };
  if (note.kind === "too_long" || note.kind === "invalid") return { kind: `note_${note.kind}` };
  const pushIds = [...new Set(request.pushIds)];
  const doneIds: bigint[] = [];
  const refused: { id: bigint; refusal: PushActRefusal }[] = [];
  for (let start = 0; start < pushIds.length; start += PUSH_STEP_MAX) {
    const answer = await desk.act({ ...request, pushIds: pushIds.slice(start, start + PUSH_STEP_MAX), note: note.kind === "note" ? note.note : "" });
    doneIds.push(...answer.doneIds);
    refused.push(...answer.refused);
  }
  return { kind: "acted", doneIds, refused };
}

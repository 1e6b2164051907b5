// A person decides on a hold that was paid for and whose order nobody saw: the reason is read, the book decides, the shop is woken.

import { readNote } from "#app/domain/review.ts";
import type { ActiveInstall } from "#app/ports/install-store.ts";
import type { SettlementBook } from "#app/ports/reservation-book.ts";
import type { Waker } from "#app/ports/waker.ts";

export interface DecideHoldPorts {
  readonly settlements: Pick<SettlementBook, "decide">;
  readonly waker: Pick<Waker, "wakeMany">;
}

export interface DecideHold {
  readonly install: Pick<ActiveInstall, "installId">;
  readonly reservationId: string;
  /** False: its units go back on sale. */
  readonly sold: boolean;
  readonly actor: string;
  /** As typed. */
  readonly note: string;
}

export type DecideHoldAnswer =
  | { readonly kind: "done" | "not_waiting" | "not_found" }
  /** Nothing was done. */
  | { readonly kind: "note_missing" | "note_too_long" | "note_invalid" };

export async function decideHold({ settlements, waker }: DecideHoldPorts, { install, reservationId, sold, actor, note }: DecideHold): Promise<DecideHoldAnswer> {
  const reading = readNote(note);
  // Stock is moved on a person's word alone: the audit trail must say why.
  if (reading.kind !== "note") return { kind: `note_${reading.kind}` };
  const { kind, shopsToWake } = await settlements.decide({ installId: install.installId, reservationId, sold, actor, reason: reading.note });
  if (shopsToWake.length > 0) await waker.wakeMany(shopsToWake);
  return { kind };
}

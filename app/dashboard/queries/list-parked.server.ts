// Read model of what needs review, for the page, the operator's command and GET /api/v1/parked: changes with what may be done about each.

import { allowedActs, type ReviewAct, type ReviewReason, reviewReasonOf } from "#app/domain/review.ts";
import type { Database } from "#app/ports/database.ts";
import type { ParkedFacts, ReviewDesk } from "#app/ports/review-desk.ts";

import type { KeysetPage } from "./keyset-page.ts";
import { type ChangeRow, listChanges, type ListChanges } from "./list-changes.server.ts";

export interface ParkedRow extends ChangeRow {
  readonly reviewReason: ReviewReason;
  readonly allowedActs: readonly ReviewAct[];
  /** Changes that went in the same call and share its outcome, this one included. */
  readonly sharedCount: number;
  /** Until then its call may still take effect; null when it cannot. */
  readonly mayArriveUntil: Date | null;
  readonly beingRead: boolean;
}

export async function listParked(
  { database, desk }: { readonly database: Database; readonly desk: Pick<ReviewDesk, "facts"> },
  { installId, filter, page }: ListChanges,
): Promise<KeysetPage<ParkedRow>> {
  const changes = await listChanges(database, { installId, filter: { ...filter, states: ["parked"] }, page });
  const facts = await desk.facts(installId, changes.items.map((change) => change.id));
  return { ...changes, items: changes.items.map((change) => withActs(change, facts.get(change.id))) };
}

/** Also for a change that is shown by itself, in whatever state. Without facts (it went meanwhile) nothing may be done. */
export function withActs(change: ChangeRow, facts: ParkedFacts | undefined): ParkedRow {
  return {
    ...change,
    reviewReason: reviewReasonOf(change.reason),
    allowedActs: facts === undefined ? [] : allowedActs(facts),
    sharedCount: facts?.sharedCount ?? 1,
    mayArriveUntil: facts?.mayArriveUntil ?? null,
    beingRead: facts?.beingRead ?? false,
  };
}

// What a person may do about a change that stopped, and why not: one set of rules for the dashboard, the operator's command and the API.

import type { ChangeState } from "./derive-changes.ts";
import type { PlanProblem } from "./line-plan.ts";

/** Why a change needs review: a closed list. `other` is a code that this version does not know. */
export const REVIEW_REASONS = [
  "unknown_variant",
  "native_bundle",
  "no_location",
  "invalid_quantity",
  "underivable",
  "source_paused",
  "refused",
  "outcome_unknown",
  "key_mismatch",
  "key_forgotten",
  "possibly_doubled",
  "restored",
  "other",
] as const satisfies readonly (PlanProblem | "underivable" | "source_paused" | "refused" | "outcome_unknown" | "key_mismatch" | "key_forgotten" | "possibly_doubled" | "restored" | "other")[];
export type ReviewReason = (typeof REVIEW_REASONS)[number];

/** Stored codes of Shopify's refusals begin so; the rest is Shopify's own code. */
export const REFUSED_PREFIX = "refused:";

/** Reasons whose stored code is their name. */
export const EXACT_REVIEW_REASONS = REVIEW_REASONS.filter((reason) => reason !== "refused" && reason !== "other");

export function reviewReasonOf(code: string | null): ReviewReason {
  if (code?.startsWith(REFUSED_PREFIX) === true) return "refused";
  return EXACT_REVIEW_REASONS.find((reason) => reason === code) ?? "other";
}

export const REVIEW_ACTS = ["retry", "discard", "resolve_applied", "resolve_not_applied"] as const;
export type ReviewAct = (typeof REVIEW_ACTS)[number];

/** What the rules look at; in one transaction with the act. */
export interface ReviewFacts {
  readonly state: ChangeState;
  readonly outcomeUnknown: boolean;
  /** Protection of the change's order source is paused now. */
  readonly sourcePaused: boolean;
  /** An attempt of its call, by the database's clock, may still arrive in Shopify. */
  readonly mayStillArrive: boolean;
}

/** Why an act is refused. */
export type ActRefusal =
  /** It does not wait for a person (any more): another person, news of the order or a late answer was faster. */
  | "not_parked"
  /** It may have taken effect: doing it again could double it, dropping it could hide it. */
  | "outcome_unknown"
  /** It certainly took no effect: there is nothing to resolve. */
  | "outcome_known"
  /** Its order source is paused: the pause is ended, or not, for all of its orders together. */
  | "source_paused"
  /** It could still take effect after it was called not applied. */
  | "may_still_arrive";

/** Null when the act is allowed. */
export function refusalOf(act: ReviewAct, facts: ReviewFacts): ActRefusal | null {
  if (facts.state !== "parked") return "not_parked";
  switch (act) {
    case "retry":
      if (facts.outcomeUnknown) return "outcome_unknown";
      return facts.sourcePaused ? "source_paused" : null;
    case "discard":
      return facts.outcomeUnknown ? "outcome_unknown" : null;
    case "resolve_applied":
      return facts.outcomeUnknown ? null : "outcome_known";
    case "resolve_not_applied":
      if (!facts.outcomeUnknown) return "outcome_known";
      return facts.mayStillArrive ? "may_still_arrive" : null;
  }
}

export function allowedActs(facts: ReviewFacts): ReviewAct[] {
  return REVIEW_ACTS.filter((act) => refusalOf(act, facts) === null);
}

/** A retry may be made without words; whoever ends a change for good says why. */
export function needsNote(act: ReviewAct): boolean {
  return act !== "retry";
}

/** Longest reason a person may give. */
export const NOTE_LENGTH_MAX = 500;

export type NoteReading = { readonly kind: "note"; readonly note: string } | { readonly kind: "missing" | "too_long" | "invalid" };

/** A person's reason, trimmed; it goes to the audit trail as it is. */
export function readNote(text: string): NoteReading {
  const note = text.trim();
  if (note === "") return { kind: "missing" };
  if (note.length > NOTE_LENGTH_MAX) return { kind: "too_long" };
  // PostgreSQL holds neither NUL nor a lone surrogate; other control characters have no place in a sentence, line breaks do.
  if (/[^\P{Cc}\n\r\t]/u.test(note) || !note.isWellFormed()) return { kind: "invalid" };
  return { kind: "note", note };
}

export interface ReplayFacts {
  readonly state: "pending" | "processed" | "ignored" | "rejected";
  /** The kind of its stored content; null when it was stored without, or its content was removed. */
  readonly contentKind: string | null;
}

export type ReplayRefusal =
  /** It waits to be worked on anyway. */
  | "already_pending"
  /** Nothing of it is there to be worked on. */
  | "without_content"
  /** It tells of a moment that has passed: worked on again, it would put an old fact over a newer one. */
  | "past_moment";

/** Content that is merged into what is known, so that a second time changes nothing: what orders want, and levels with their times. */
const MERGED_CONTENT: ReadonlySet<string> = new Set(["order", "refund", "edited", "routed", "fulfilment_order", "level"]);

/** Null when a delivery may be worked on once more. */
export function replayRefusalOf(facts: ReplayFacts): ReplayRefusal | null {
  if (facts.state === "pending") return "already_pending";
  if (facts.contentKind === null) return "without_content";
  return MERGED_CONTENT.has(facts.contentKind) ? null : "past_moment";
}

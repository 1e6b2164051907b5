// The rules about what a person may do, as a whole table: each act against each situation of a change.
import { describe, expect, it } from "vitest";

import { allowedActs, NOTE_LENGTH_MAX, readNote, refusalOf, replayRefusalOf, REVIEW_REASONS, reviewReasonOf, type ReviewFacts } from "./review.ts";

const facts = (over: Partial<ReviewFacts> = {}): ReviewFacts => ({ state: "parked", outcomeUnknown: false, sourcePaused: false, mayStillArrive: false, ...over });

describe("what a person may do about a change", () => {
  it.each<[string, Partial<ReviewFacts>, string[]]>([
    ["that was refused", {}, ["retry", "discard"]],
    ["of a source that is paused", { sourcePaused: true }, ["discard"]],
    ["whose outcome nobody knows", { outcomeUnknown: true }, ["resolve_applied", "resolve_not_applied"]],
    ["whose outcome nobody knows while its call may still arrive", { outcomeUnknown: true, mayStillArrive: true }, ["resolve_applied"]],
    ["whose outcome nobody knows, of a source that is paused", { outcomeUnknown: true, sourcePaused: true }, ["resolve_applied", "resolve_not_applied"]],
    ["that waits", { state: "waiting" }, []],
    ["that is on its way", { state: "claimed" }, []],
    ["that was applied", { state: "applied" }, []],
    ["that was discarded", { state: "rejected" }, []],
    ["that was withdrawn", { state: "cancelled" }, []],
    ["that was only shown", { state: "shadow" }, []],
  ])("%s", (_situation, over, acts) => {
    expect(allowedActs(facts(over))).toEqual(acts);
  });

  it("is refused with a reason that tells what to do instead", () => {
    expect(refusalOf("retry", facts({ outcomeUnknown: true }))).toBe("outcome_unknown");
    expect(refusalOf("discard", facts({ outcomeUnknown: true }))).toBe("outcome_unknown");
    expect(refusalOf("retry", facts({ sourcePaused: true }))).toBe("source_paused");
    expect(refusalOf("resolve_applied", facts())).toBe("outcome_known");
    expect(refusalOf("resolve_not_applied", facts({ outcomeUnknown: true, mayStillArrive: true }))).toBe("may_still_arrive");
    expect(refusalOf("discard", facts({ state: "applied" }))).toBe("not_parked");
  });
});

describe("the reason why a change needs review", () => {
  it("is one of a closed list, whatever code Shopify gave and whatever a later version wrote", () => {
    expect(reviewReasonOf("refused:INVALID_LOCATION")).toBe("refused");
    expect(reviewReasonOf("no_location")).toBe("no_location");
    for (const code of [null, "", "something_newer", "refused", "other"]) expect(REVIEW_REASONS).toContain(reviewReasonOf(code));
    expect(reviewReasonOf("something_newer")).toBe("other");
  });
});

describe("the reason that a person gives", () => {
  it("is trimmed, of bounded length and without characters that cannot be stored", () => {
    expect(readNote("  counted by hand\nagain ")).toEqual({ kind: "note", note: "counted by hand\nagain" });
    expect(readNote(" \n ")).toEqual({ kind: "missing" });
    expect(readNote("a".repeat(NOTE_LENGTH_MAX + 1))).toEqual({ kind: "too_long" });
    expect(readNote("a\u0000b")).toEqual({ kind: "invalid" });
    expect(readNote("a\ud800b")).toEqual({ kind: "invalid" });
  });
});

describe("working on a notification once more", () => {
  it("is allowed for what is merged, and refused with words for what waits, has no content, or tells of a moment that has passed", () => {
    expect(replayRefusalOf({ state: "processed", contentKind: "order" })).toBeNull();
    expect(replayRefusalOf({ state: "rejected", contentKind: "level" })).toBeNull();
    expect(replayRefusalOf({ state: "pending", contentKind: "order" })).toBe("already_pending");
    expect(replayRefusalOf({ state: "rejected", contentKind: null })).toBe("without_content");
    for (const contentKind of ["item", "location", "scopes", "uninstalled"]) expect(replayRefusalOf({ state: "processed", contentKind })).toBe("past_moment");
  });
});

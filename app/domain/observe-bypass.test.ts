// Goal: nothing is concluded about a source that its stock does not show.
import { describe, expect, it } from "vitest";

import { judgeBypass, type ObservedQuantity } from "./observe-bypass.ts";

const CREATED = "2026-11-01T10:00:00Z";
const seen = (over: Partial<ObservedQuantity> = {}): ObservedQuantity => ({
  wanted: 1,
  available: 10,
  committed: 5,
  availableChangedAt: "2026-11-01T09:00:00Z",
  committedChangedAt: "2026-11-01T09:00:00Z",
  ...over,
});

describe("whether an order took stock by itself", () => {
  it("is no when nothing of its items changed since before it was created", () => {
    expect(judgeBypass(CREATED, [seen()])).toBe("bypassed");
  });
  it("is no when fewer units are committed than it would hold, whatever changed", () => {
    expect(judgeBypass(CREATED, [seen({ wanted: 6, committedChangedAt: CREATED })])).toBe("bypassed");
  });
  it("is suspected when committed stock changed just when it was created", () => {
    expect(judgeBypass(CREATED, [seen({ committedChangedAt: "2026-11-01T10:00:01Z" })])).toBe("suspected");
  });
  it("is open when only available changed, or committed changed at another time", () => {
    expect(judgeBypass(CREATED, [seen({ availableChangedAt: CREATED })])).toBe("inconclusive");
    expect(judgeBypass(CREATED, [seen({ committedChangedAt: "2026-11-01T10:01:00Z" })])).toBe("inconclusive");
    expect(judgeBypass(CREATED, [])).toBe("inconclusive");
  });
});

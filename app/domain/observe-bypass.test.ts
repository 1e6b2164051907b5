// Goal: nothing is concluded about a source that its stock does not show.
import { describe, expect, it } from "vitest";

import { judgeBypass, type ObservedQuantity } from "./observe-bypass.ts";

const CREATED = "2026-11-01T10:00:00Z";
const EARLIER = "2026-11-01T09:00:00Z";
const seen = (over: Partial<ObservedQuantity> = {}): ObservedQuantity => ({ committed: 5, availableChangedAt: EARLIER, committedChangedAt: EARLIER, ...over });

describe("whether an order took stock by itself", () => {
  it("is no when available stock did not change since before it was created", () => {
    expect(judgeBypass(CREATED, [seen()])).toBe("bypassed");
    expect(judgeBypass(CREATED, [seen({ committedChangedAt: CREATED })])).toBe("bypassed");
  });
  it("is suspected when available and committed stock changed just when it was created", () => {
    expect(judgeBypass(CREATED, [seen({ availableChangedAt: CREATED, committedChangedAt: "2026-11-01T10:00:01Z" })])).toBe("suspected");
  });
  it("is open when only available stock changed, or both at another time", () => {
    expect(judgeBypass(CREATED, [seen({ availableChangedAt: CREATED })])).toBe("inconclusive");
    expect(judgeBypass(CREATED, [seen({ availableChangedAt: "2026-11-01T10:01:00Z", committedChangedAt: "2026-11-01T10:01:00Z" })])).toBe("inconclusive");
    expect(judgeBypass(CREATED, [seen({ availableChangedAt: CREATED, committedChangedAt: CREATED, committed: 0 })])).toBe("inconclusive");
    expect(judgeBypass(CREATED, [])).toBe("inconclusive");
  });
  it("is open when one of several items says nothing", () => {
    expect(judgeBypass(CREATED, [seen(), seen({ availableChangedAt: CREATED })])).toBe("inconclusive");
  });
});

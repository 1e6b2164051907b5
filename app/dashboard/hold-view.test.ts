import { describe, expect, it } from "vitest";

import { releaseAllSentences } from "./hold-terms.ts";
import { formatAhead, formatConversion, holdFilter, holdHeading, holdsUrl, isUndecided, readHoldView } from "./hold-view.ts";

const line = (quantity: number, title: string | null, sku: string | null = null) => ({ quantity, title, sku, inventoryItemId: "51" });

describe("a hold in a line", () => {
  it("names its first items and counts the others", () => {
    expect(holdHeading([line(2, "Candle - Default Title"), line(1, null, "MUG")])).toBe("2 × Candle, 1 × MUG");
    expect(holdHeading([line(2, "Candle"), line(1, null), line(1, "Tray"), line(3, "Plate")])).toBe("2 × Candle, 1 × Item 51 and 2 more items");
    expect(holdHeading([line(1, "A"), line(1, "B"), line(1, "C")])).toBe("1 × A, 1 × B and 1 more item");
    expect(holdHeading([])).toBe("Hold");
  });

  it("says how long is left, and never a time that has passed", () => {
    const at = (ms: number) => formatAhead(new Date(1_000_000 + ms), 1_000_000);
    expect([at(-5), at(1), at(59_000), at(90_000), at(7_200_000)]).toEqual(["now", "in 1 second", "in 59 seconds", "in 2 minutes", "in 2 hours"]);
  });

  it("waits for a person when its order was not seen, and not any more once its stock was taken", () => {
    expect(isUndecided({ settlement: "person", making: null })).toBe(true);
    expect(isUndecided({ settlement: "order", making: "person" })).toBe(true);
    expect(isUndecided({ settlement: "done", making: "person" })).toBe(false);
    expect(isUndecided({ settlement: "order", making: "unknown" })).toBe(false);
    expect(isUndecided({ settlement: null, making: null })).toBe(false);
  });
});

describe("the views of holds", () => {
  it("are addresses that lead back to themselves", () => {
    for (const view of ["person", "refund", "active", "all"] as const) {
      expect(readHoldView(new URL(holdsUrl(view), "https://app.test").searchParams.get("show"))).toBe(view);
    }
    expect(readHoldView("nonsense")).toBe("all");
    expect(holdFilter("all")).toEqual({});
    expect(holdsUrl("active", { older: "x" })).toBe("/app/holds/all?show=active&older=x");
  });
});

describe("conversion", () => {
  it("is what was sold of what was put on hold, nothing when nothing was, and never above all of it", () => {
    expect(formatConversion({ grantedUnits: 8, committedUnits: 5 })).toBe("63 %");
    expect(formatConversion({ grantedUnits: 0, committedUnits: 0 })).toBe("—");
    expect(formatConversion({ grantedUnits: 2, committedUnits: 3 })).toBe("100 %");
  });
});

describe("what release all says", () => {
  it("tells what checkouts lose, what goes back on sale, and what stays because it is paid for", () => {
    const [lost, back, stays] = releaseAllSentences({ granted: 3, held: 10, settling: 1 });
    expect(lost).toContain("3 units on hold lose them");
    expect(back).toBe("9 units that Shopify keeps aside go back on sale within moments.");
    expect(stays).toBe("1 unit that is paid for and waits for an order stays aside.");
  });

  it("does not speak of units that are not there", () => {
    const text = releaseAllSentences({ granted: 0, held: 2, settling: 2 }).join(" ");
    expect(text).toContain("No checkout has units on hold");
    expect(text).toContain("no units aside that would go back");
  });
});

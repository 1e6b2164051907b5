// Stocks that nobody knows are read once for all who ask.
import { describe, expect, it } from "vitest";

import { createObserveOnce, READ_AGAIN_AFTER_MS } from "./observe-once.server.ts";

const INSTALL = { installId: 1n, shop: "one.myshopify.com", scopes: [] };
const PLACE = { inventoryItemId: "1", locationId: "2" };
const OTHER = { inventoryItemId: "1", locationId: "3" };

describe("observing stock", () => {
  it("reads once for a thousand who ask at the same moment, and not again for a while", async () => {
    const asked: unknown[] = [];
    const clock = { now: 0, monotonicMs: () => clock.now };
    const observe = createObserveOnce((_install, places) => {
      asked.push(places);
      return Promise.resolve(true);
    }, clock);
    await Promise.all(Array.from({ length: 1_000 }, () => observe(INSTALL, [PLACE, PLACE])));
    await observe(INSTALL, [PLACE, OTHER]);
    expect(asked).toEqual([[PLACE], [OTHER]]);
    clock.now = READ_AGAIN_AFTER_MS;
    await observe(INSTALL, [PLACE]);
    expect(asked).toHaveLength(3);
  });

  it("asks again at once after Shopify did not answer, and tells all who asked", async () => {
    const answers = [false, true];
    const observe = createObserveOnce(() => Promise.resolve(answers.shift() ?? true), { monotonicMs: () => 0 });
    expect(await Promise.all([observe(INSTALL, [PLACE]), observe(INSTALL, [PLACE])])).toEqual([{ kind: "unavailable" }, { kind: "unavailable" }]);
    expect(await observe(INSTALL, [PLACE])).toEqual({ kind: "observed" });
  });
});

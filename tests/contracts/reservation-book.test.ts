// Goal: a unit is promised to one buyer at a time, whatever happens at the same moment. Method: the book on a real PostgreSQL, one case of
// each rule, then each race: first with the usual check-then-write, which loses, then with the book's own decision under row locks.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type BookFixture, type BookShop, LOCATION, openBook, see } from "./reservation-fixture.ts";

let fixture: BookFixture;
let shop: BookShop;

beforeAll(async () => {
  fixture = await openBook();
});
afterAll(() => fixture.close());
beforeEach(async () => {
  shop = await fixture.newShop();
});

const free = { held: 0, granted: 0, settling: 0, leaving: 0, growing: 0 };

describe("a hold", () => {
  it("is granted from units that Shopify confirmed, and counted", async () => {
    await shop.stock("1", { held: 5 });
    const outcome = await shop.reserve({ "1": 2 });
    expect(outcome).toMatchObject({ kind: "granted", reservation: { state: "active", lines: [{ inventoryItemId: "1", quantity: 2 }] } });
    expect(await shop.block("1")).toEqual({ ...free, held: 5, granted: 2 });
  });
});

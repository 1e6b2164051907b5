// Goal: whatever is done with reservations in whatever order, the book on PostgreSQL answers and counts what a plain model of a hundred lines
// does. Method: random sequences of all operations with time between them, each in an install of its own, played on both; a difference is
// shrunk to the shortest sequence that shows it. Several databases work side by side, because a lapse is ended whoever's it is.
// HOLDFAST_RUNS=10000 plays the whole; HOLDFAST_SEED repeats a run.
import process from "node:process";

import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type BookFixture, openBook } from "./reservation-fixture.ts";
import { beginning, operation, type Operation, Play } from "./reservation-play.ts";

const RUNS = Number(process.env["HOLDFAST_RUNS"] ?? 150);
const SEED = Number(process.env["HOLDFAST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const LANES = 3;

let lanes: BookFixture[];
beforeAll(async () => {
  lanes = await Promise.all(Array.from({ length: LANES }, () => openBook({ connectionsMax: 2, plain: true })));
});
afterAll(() => Promise.all(lanes.map((lane) => lane.close())));

async function play(fixture: BookFixture, stocks: Parameters<Play["begin"]>[0], operations: readonly Operation[]): Promise<void> {
  const played = new Play(fixture, await fixture.newShop());
  await played.begin(stocks);
  for (const each of operations) {
    await played.step(each);
    await played.compareBlocks();
  }
  await played.compareHolds();
}

const sequences = (lane: BookFixture) => fc.asyncProperty(beginning, fc.array(operation, { minLength: 1, maxLength: 16 }), (stocks, operations) => play(lane, stocks, operations));

describe(`${RUNS} random sequences of reservations (seed ${SEED})`, () => {
  it("answer and count the same as the model", { timeout: 3_600_000 }, async () => {
    await Promise.all(lanes.map((lane, index) => fc.assert(sequences(lane), { numRuns: Math.ceil(RUNS / LANES), seed: SEED + index })));
    expect(lanes.flatMap(({ conflicts }) => conflicts)).toEqual([]);
  });

  it.each([
    ["forgets a unit that comes back", `NEW."granted" < OLD."granted" - 2`, `NEW."granted" := NEW."granted" + 1`],
    ["settles for an order that took nothing", `NEW."settling" < OLD."settling"`, `NEW."leaving" := NEW."leaving" + 1`],
    ["believes a move before Shopify confirmed it", `NEW."growing" > OLD."growing"`, `NEW."held" := NEW."held" + 1`],
  ])("find out a book that %s", async (_fault, when, what) => {
    const lane = await openBook({ connectionsMax: 2, plain: true });
    try {
      await lane.database.execute(`CREATE FUNCTION "miscount"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${what}; RETURN NEW; END $$`);
      await lane.database.execute(`CREATE TRIGGER "miscounts" BEFORE UPDATE ON "stock_blocks" FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION "miscount"()`);
      expect((await fc.check(sequences(lane), { numRuns: 500, seed: SEED, endOnFailure: true })).failed).toBe(true);
    } finally {
      await lane.close();
    }
  });
});

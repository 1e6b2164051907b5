// Goal: two things that happen to a hold at the same moment end as if one had come after the other. Method: each race first with the usual
// check-then-write, held open at its worst moment, which loses; then with the book, many times over, from two processes' connections;
// after each the blocks are held against the reservations' rows, and no deadlock may have been met.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { ReservationBook, ReserveOutcome } from "#app/ports/reservation-book.ts";
import { seededRandom } from "#tests/setup/seeded-random.ts";
import { type BookFixture, type BookShop, openBook } from "./reservation-fixture.ts";

const ROUNDS = 25;

let fixture: BookFixture;
let shop: BookShop;
let books: readonly [ReservationBook, ReservationBook];

beforeAll(async () => {
  fixture = await openBook();
  books = [fixture.book, fixture.another()];
});
afterAll(() => fixture.close());
beforeEach(async () => {
  await fixture.book.expireDue(10_000);
  shop = await fixture.newShop();
});
afterEach(async () => {
  shop.mustAddUp(await shop.miscounts());
  if (fixture.conflicts.length > 0) throw new Error(`met ${fixture.conflicts.join(", ")}`);
});

/** What most checkouts do: look whether there is enough, then write. Both look before either writes. */
async function bothCheckThenWrite(check: () => Promise<boolean>, write: () => Promise<unknown>): Promise<number> {
  const checked = await Promise.all([check(), check()]);
  const allowed = checked.filter(Boolean);
  await Promise.all(allowed.map(write));
  return allowed.length;
}

const count = (outcomes: readonly { kind: string }[], kind: string) => outcomes.filter((outcome) => outcome.kind === kind).length;
const of = async (book: ReservationBook, request: Parameters<ReservationBook["reserve"]>[0][number]): Promise<ReserveOutcome> => (await book.reserve([request])).outcomes[0] ?? { kind: "not_installed" };

describe("two buyers and the last unit", () => {
  it("both get it where it is checked and then taken", async () => {
    await shop.stock("1", { held: 1 });
    const free = async () => {
      const block = await shop.block("1");
      return block !== null && block.held - block.granted > 0;
    };
    const take = () => fixture.database.execute(`UPDATE stock_blocks SET granted = granted + 1 WHERE install_id = $1`, shop.installId);
    expect(await bothCheckThenWrite(free, take)).toBe(2);
    expect(await shop.block("1")).toMatchObject({ held: 1, granted: 2 });
    await fixture.database.execute(`UPDATE stock_blocks SET granted = 0 WHERE install_id = $1`, shop.installId);
  });

  it("one gets it, the other a clear refusal", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const item = String(round);
      await shop.stock(item, { held: 1, available: 0 });
      const outcomes = await Promise.all([0, 1, 0, 1].map((which) => of(books[which === 0 ? 0 : 1], shop.request({ [item]: 1 }))));
      expect([count(outcomes, "granted"), count(outcomes, "short")]).toEqual([1, 3]);
    }
  });
});

describe("one buyer who clicks twice", () => {
  it("holds twice where it is looked for before it is written", async () => {
    await shop.stock("1", { held: 5 });
    const request = shop.request({ "1": 1 });
    const unknown = async () => (await fixture.database.query(`SELECT 1 FROM reservations WHERE install_id = $1 AND idempotency_key LIKE $2 || '%'`, shop.installId, request.idempotencyKey)).length === 0;
    let nth = 0;
    // Without a unique key: as a table without the constraint would have it.
    const write = () => of(fixture.book, { ...request, idempotencyKey: `${request.idempotencyKey}/${(nth += 1)}` });
    expect(await bothCheckThenWrite(unknown, write)).toBe(2);
    expect(await shop.block("1")).toMatchObject({ granted: 2 });
  });

  it("holds once, from two processes at the same moment, also among other keys in another order", async () => {
    await shop.stock("1", { held: 1_000 });
    await shop.stock("2", { held: 1_000 });
    for (let round = 0; round < ROUNDS; round += 1) {
      const same = [shop.request({ "1": 1 }), shop.request({ "2": 1 }), shop.request({}, { lines: [] })];
      const batches = await Promise.all([books[0].reserve(same), books[1].reserve(same.toReversed())]);
      const outcomes = batches.flatMap((batch) => batch.outcomes);
      expect([count(outcomes, "granted"), count(outcomes, "seen_before")]).toEqual([3, 3]);
    }
    expect(await shop.block("1")).toMatchObject({ granted: ROUNDS });
  });
});

describe("a commit and the end of its hold at the same moment", () => {
  it("are both carried out where the state is looked at before it is written", async () => {
    await shop.stock("1", { held: 1 });
    const hold = await shop.granted({ "1": 1 });
    const isActive = async () => (await fixture.book.find(shop.installId, hold.id))?.state === "active";
    const ends = ["committed", "expired"];
    const write = () => fixture.database.execute(`UPDATE stock_blocks SET granted = granted - 1, settling = settling + $2 WHERE install_id = $1`, shop.installId, ends.pop() === "committed" ? 1 : 0);
    // The unit is given back twice: PostgreSQL's own check is what refuses the second.
    await expect(bothCheckThenWrite(isActive, write)).rejects.toThrow(/stock_blocks_counts/);
    await fixture.database.execute(`UPDATE stock_blocks SET granted = 1, settling = 0 WHERE install_id = $1`, shop.installId);
  });

  it.each(["expiry", "release"] as const)("end as one of both: %s", async (end) => {
    const ended = { committed: 0, other: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const item = String(round);
      await shop.stock(item, { held: 1, available: 0 });
      const hold = await shop.granted({ [item]: 1 });
      if (end === "expiry") await shop.pass(600);
      const finish = end === "expiry" ? () => books[1].expireDue(100) : () => books[1].release(shop.installId, hold.id, "api");
      // A buyer who wants the same unit makes the lapsed hold's commit lose now and then.
      const [commit] = await Promise.all([books[0].commit(shop.commit(hold)), finish(), end === "expiry" ? of(books[1], shop.request({ [item]: 1 })) : null]);
      const now = await fixture.book.find(shop.installId, hold.id);
      expect(commit.kind === "committed").toBe(now?.state === "committed");
      expect(now?.refundRequired).toBe(commit.kind !== "committed");
      ended[commit.kind === "committed" ? "committed" : "other"] += 1;
      const block = await shop.block(item);
      expect((block?.granted ?? 0) + (block?.settling ?? 0)).toBeLessThanOrEqual(1);
    }
    expect(ended.committed + ended.other).toBe(ROUNDS);
  });

  it("commits once, however often and from wherever it is said", async () => {
    await shop.stock("1", { held: 1 });
    const hold = await shop.granted({ "1": 1 });
    const commit = shop.commit(hold, { createOrder: { bodyHash: "o", giveUpAfterMs: 1_000 } });
    const outcomes = await Promise.all(Array.from({ length: 12 }, (_, index) => books[index % 2 === 0 ? 0 : 1].commit(commit)));
    expect(outcomes.filter((outcome) => outcome.kind === "committed" && outcome.first)).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.kind === "committed" && outcome.order?.send)).toHaveLength(1);
    expect(await shop.block("1")).toMatchObject({ granted: 0, settling: 1 });
  });
});

describe("a limit that two stocks share", () => {
  it("is exceeded where the units held are counted before either is granted", async () => {
    await shop.stock("1", { held: 9 });
    await shop.stock("2", { held: 9 });
    const below = async () => (await fixture.database.query(`SELECT 1 FROM reservations WHERE install_id = $1 AND reference = 'bot'`, shop.installId)).length === 0;
    const items = ["1", "2"];
    expect(await bothCheckThenWrite(below, () => shop.granted({ [items.pop() ?? ""]: 1 }, { reference: "bot" }))).toBe(2);
  });

  it("is kept, though the row locks of the stocks keep nobody apart", async () => {
    for (const item of ["1", "2", "3", "4"]) await shop.stock(item, { held: 100 });
    for (let round = 0; round < ROUNDS; round += 1) {
      const more = { reference: `bot ${round}`, unitsPerReferenceMax: 2 };
      const outcomes = await Promise.all(["1", "2", "3", "4"].map((item, index) => of(books[index % 2 === 0 ? 0 : 1], shop.request({ [item]: 1 }, more))));
      expect([count(outcomes, "granted"), count(outcomes, "over_limit")]).toEqual([2, 2]);
    }
  });
});

describe("holds of several stocks in every order", () => {
  it("wait for each other in one direction: commits, lapses, releases and grants of crossing lines meet no deadlock", async () => {
    const seed = 20_261_125;
    const random = seededRandom(seed);
    const items = ["1", "2", "3", "4"];
    for (const item of items) await shop.stock(item, { held: 12, available: 0 });
    const shuffled = () => items.map((item) => [random.fraction(), item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item);
    const lines = () => shuffled().slice(0, random.between(1, 3)).map((inventoryItemId) => ({ inventoryItemId, locationId: "20", variantId: null, sku: null, quantity: 1, counts: true }));
    for (let round = 0; round < 12; round += 1) {
      const grants = await Promise.all(Array.from({ length: 6 }, (_, index) => books[index % 2 === 0 ? 0 : 1].reserve([shop.request({}, { lines: lines() }), shop.request({}, { lines: lines() })])));
      const holds = grants.flatMap(({ outcomes }) => outcomes).flatMap((outcome) => (outcome.kind === "granted" ? [outcome.reservation] : []));
      if (random.chance(0.5)) await shop.pass(600);
      await Promise.all([
        ...holds.map((hold, index) => {
          const book = books[index % 2 === 0 ? 0 : 1];
          return random.chance(0.3) ? book.commit(shop.commit(hold)) : book.release(shop.installId, hold.id, "api");
        }),
        books[0].expireDue(3),
        books[1].expireDue(3),
        books[0].reserve([shop.request({}, { lines: lines() })]),
      ]);
      expect(await shop.miscounts(), `seed ${seed}, round ${round}`).toEqual([]);
    }
  });
});

describe("ten thousand holds that lapse at once", () => {
  it("are ended by several workers, each once, while buyers go on being granted", async () => {
    await shop.stock("1", { held: 20_000, available: 0 });
    for (let batch = 0; batch < 20; batch += 1) {
      const outcomes = await fixture.book.reserve(Array.from({ length: 500 }, () => shop.request({ "1": 1 })));
      expect(count(outcomes.outcomes, "granted")).toBe(500);
    }
    await shop.pass(600);
    const expired: number[] = [];
    const worker = async (book: ReservationBook) => {
      for (;;) {
        const { expiredCount } = await book.expireDue(500);
        if (expiredCount === 0) return;
        expired.push(expiredCount);
      }
    };
    let granted = 0;
    const workers = Promise.all([worker(books[0]), worker(books[1]), worker(books[1])]);
    const rush = new AbortController();
    const buyers = (async () => {
      while (!rush.signal.aborted) granted += count((await books[0].reserve([shop.request({ "1": 1 })])).outcomes, "granted");
    })();
    await workers;
    rush.abort();
    await buyers;
    expect(expired.reduce((sum, each) => sum + each, 0)).toBe(10_000);
    expect(granted).toBeGreaterThan(expired.length / 3);
    expect(await shop.block("1")).toMatchObject({ granted, settling: 0 });
  });
});

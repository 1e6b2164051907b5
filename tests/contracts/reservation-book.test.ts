// Goal: the book says of every hold what docs/reference/reservations.md says. Method: one case of each rule on a real PostgreSQL, and after
// each the blocks held against the reservations' rows. What happens at the same moment is in reservation-races.test.ts.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { STOCKS_MAX } from "#app/adapters/prisma/reservation-book-reserve.server.ts";
import { type BookFixture, type BookShop, LOCATION, openBook, see } from "./reservation-fixture.ts";

let fixture: BookFixture;
let shop: BookShop;

beforeAll(async () => {
  fixture = await openBook();
});
afterAll(() => fixture.close());
beforeEach(async () => {
  // What lapsed in the tests before is due, too.
  await fixture.book.expireDue(10_000);
  shop = await fixture.newShop();
});
afterEach(async () => {
  shop.mustAddUp(await shop.miscounts());
});

const none = { held: 0, granted: 0, settling: 0, leaving: 0, growing: 0 };
const kinds = (outcomes: readonly { kind: string }[]) => outcomes.map(({ kind }) => kind);
const CREATE = { bodyHash: "o1", giveUpAfterMs: 60_000 };

describe("a hold", () => {
  it("is granted from units that Shopify confirmed, and counted", async () => {
    await shop.stock("1", { held: 5 });
    const reservation = await shop.granted({ "1": 2 });
    expect(reservation).toMatchObject({ state: "active", lines: [{ inventoryItemId: "1", quantity: 2 }] });
    expect(await shop.block("1")).toEqual({ ...none, held: 5, granted: 2 });
    expect(await fixture.book.find(shop.installId, reservation.id)).toEqual(reservation);
    expect(await fixture.book.find(shop.installId + 1n, reservation.id)).toBeNull();
  });

  it("is all lines or none, and the refusal names each stock that is short", async () => {
    await shop.stock("1", { held: 5, available: 0 });
    await shop.stock("2", { held: 1, available: 0 });
    await shop.stock("3", { held: 0, available: 0 });
    expect(await shop.reserve({ "1": 2, "2": 2, "3": 1 })).toEqual({
      kind: "short",
      lines: [
        { inventoryItemId: "2", locationId: LOCATION, requested: 2, available: 1, growing: false, unobserved: false },
        { inventoryItemId: "3", locationId: LOCATION, requested: 1, available: 0, growing: false, unobserved: false },
      ],
    });
    expect(await shop.block("1")).toEqual({ ...none, held: 5 });
    const [hour] = await fixture.database.query(`SELECT refused_count, short_units FROM reservation_hours WHERE install_id = $1 AND inventory_item_id = '2'`, shop.installId);
    expect(hour).toEqual({ refused_count: 1, short_units: 1n });
  });

  it("counts the same stock on two lines together", async () => {
    await shop.stock("1", { held: 3, available: 0 });
    const line = { inventoryItemId: "1", locationId: LOCATION, variantId: null, sku: null, quantity: 2, counts: true };
    expect(await shop.reserve({}, { lines: [line, line] })).toMatchObject({ kind: "short", lines: [{ requested: 4, available: 3 }] });
    expect((await shop.reserve({}, { lines: [line, { ...line, quantity: 1 }] })).kind).toBe("granted");
    expect(await shop.block("1")).toMatchObject({ granted: 3 });
  });

  it("lets pass what may be sold without stock, and draws on no block for it", async () => {
    const lines = [{ inventoryItemId: "1", locationId: LOCATION, variantId: null, sku: null, quantity: 9, counts: false }];
    const outcome = await shop.reserve({}, { lines });
    expect(outcome.kind).toBe("granted");
    expect(await shop.block("1")).toBeNull();
  });

  it("says that a stock was never seen, and promises nothing of it", async () => {
    expect(await shop.reserve({ "1": 1 }, { promiseFrom: "local" })).toMatchObject({ kind: "short", lines: [{ available: 0, unobserved: true }] });
  });

  it("may be promised from what was seen as available, where the merchant chose so", async () => {
    await shop.stock("1", { held: 1, available: 2 });
    expect(kinds((await fixture.book.reserve([4, 3].map((units) => shop.request({ "1": units }, { promiseFrom: "local" })))).outcomes)).toEqual(["short", "granted"]);
    expect((await shop.reserve({ "1": 1 }, { promiseFrom: "local" })).kind).toBe("short");
  });

  it("of an install that is over is refused", async () => {
    await shop.stock("1", { held: 5 });
    await fixture.database.execute(`UPDATE installs SET state = 'ended', ended_at = now() WHERE id = $1`, shop.installId);
    expect(await shop.reserve({ "1": 1 })).toEqual({ kind: "not_installed" });
  });
});

describe("a block that is too small", () => {
  it("asks for what is missing and as much again, and is not refused yet", async () => {
    await shop.stock("1", { held: 0, available: 20 });
    const { outcomes, shopsToWake } = await fixture.book.reserve([shop.request({ "1": 3 }), shop.request({ "1": 2 })]);
    expect(outcomes).toMatchObject([{ kind: "short", lines: [{ growing: true }] }, { kind: "short", lines: [{ growing: true }] }]);
    expect(shopsToWake).toEqual([shop.shop]);
    expect(await shop.block("1")).toEqual({ ...none, growing: 10 });
    expect(await fixture.database.query(`SELECT delta, state, quantity_name FROM changes WHERE install_id = $1`, shop.installId)).toEqual([{ delta: 10, state: "waiting", quantity_name: "hold" }]);
  });

  it("asks for nothing twice while it grows, and for nothing where there is nothing", async () => {
    await shop.stock("1", { held: 0, available: 8 });
    await shop.reserve({ "1": 3 });
    await shop.reserve({ "1": 3 });
    expect(await shop.block("1")).toMatchObject({ growing: 6 });
    await shop.reserve({ "1": 9 });
    expect(await shop.block("1")).toMatchObject({ growing: 8 });
    await shop.stock("2", { held: 0, available: 0 });
    expect(await shop.reserve({ "2": 1 })).toMatchObject({ kind: "short", lines: [{ growing: false }] });
  });

  it("asks for those who come while it grows, beside what others wait for, when they ask for the first time", async () => {
    await shop.stock("1", { held: 0, available: 100 });
    await shop.reserve({ "1": 3 }, { asksFirst: true });
    await shop.reserve({ "1": 4 }, { asksFirst: true });
    expect(await shop.block("1")).toMatchObject({ growing: 10 });
    await shop.reserve({ "1": 4 }, { asksFirst: false });
    expect(await shop.block("1")).toMatchObject({ growing: 10 });
  });

  it("doubles when a grant leaves less than half of what is promised", async () => {
    await shop.stock("1", { held: 10, available: 100 });
    await shop.granted({ "1": 6 });
    expect(await shop.block("1")).toMatchObject({ growing: 0 });
    await shop.granted({ "1": 1 });
    expect(await shop.block("1")).toMatchObject({ granted: 7, growing: 4 });
  });
});

describe("a key", () => {
  it("answers the same hold again, and another body is refused", async () => {
    await shop.stock("1", { held: 5 });
    const request = shop.request({ "1": 1 });
    const outcomes = [request, request, { ...request, bodyHash: "other" }].map(async (each) => (await fixture.book.reserve([each])).outcomes[0]);
    expect((await Promise.all(outcomes)).map((outcome) => outcome?.kind).toSorted()).toEqual(["granted", "key_reused", "seen_before"]);
    await shop.pass(600);
    expect((await fixture.book.reserve([request])).outcomes).toMatchObject([{ kind: "seen_before", reservation: { state: "expired" } }]);
  });

  it("may come twice in one batch", async () => {
    await shop.stock("1", { held: 5 });
    const request = shop.request({ "1": 2 });
    const { outcomes } = await fixture.book.reserve([request, request, { ...request, bodyHash: "other" }]);
    expect(kinds(outcomes)).toEqual(["granted", "seen_before", "key_reused"]);
    expect(await shop.block("1")).toMatchObject({ granted: 2 });
  });

  it("is not bound by a refusal: it is decided anew", async () => {
    await shop.stock("1", { held: 0, available: 0 });
    const request = shop.request({ "1": 1 });
    expect(kinds((await fixture.book.reserve([request])).outcomes)).toEqual(["short"]);
    await shop.stock("1", { held: 1 });
    expect(kinds((await fixture.book.reserve([request])).outcomes)).toEqual(["granted"]);
  });
});

describe("a limit", () => {
  it.each([
    ["reference", { reference: "bot", unitsPerReferenceMax: 3 }],
    ["token", { tokenId: "t", unitsPerTokenMax: 3 }],
  ] as const)("of a %s counts its active holds, those of the same batch included, until they end", async (limit, more) => {
    await shop.stock("1", { held: 50 });
    const ask = (units: number) => shop.request({ "1": units }, more);
    const { outcomes } = await fixture.book.reserve([ask(2), ask(2), ask(1), shop.request({ "1": 9 })]);
    expect(outcomes).toMatchObject([{ kind: "granted" }, { kind: "over_limit", limit, unitsMax: 3, unitsHeld: 2 }, { kind: "granted" }, { kind: "granted" }]);
    await shop.pass(600);
    expect(kinds((await fixture.book.reserve([ask(3)])).outcomes)).toEqual(["granted"]);
  });
});

describe("a batch", () => {
  it("goes on without the request that PostgreSQL cannot store", async () => {
    await shop.stock("1", { held: 9, available: 0 });
    const requests = [shop.request({ "1": 1 }), shop.request({ "1": 1 }, { reference: "a\u0000b" }), shop.request({ "1": 1 }), shop.request({ "1": 3_000_000_000 }), shop.request({ "1": 1 })];
    expect(kinds((await fixture.book.reserve(requests)).outcomes)).toEqual(["granted", "unstorable", "granted", "unstorable", "granted"]);
    expect(await shop.block("1")).toMatchObject({ granted: 3 });
  });

  it("of more stocks than one transaction locks is cut, and answered in its order", async () => {
    const items = Array.from({ length: STOCKS_MAX * 2 + 3 }, (_, index) => String(1_000 + index));
    for (const item of items) await shop.stock(item, { held: 1, available: 0 });
    const requests = items.map((item, index) => shop.request({ [item]: index % 7 === 0 ? 2 : 1 }));
    expect(kinds((await fixture.book.reserve(requests)).outcomes)).toEqual(items.map((_, index) => (index % 7 === 0 ? "short" : "granted")));
  });
});

describe("time", () => {
  it("makes a lapsed hold the next buyer's at once, without anybody having ended it", async () => {
    await shop.stock("1", { held: 2, available: 0 });
    await shop.stock("2", { held: 2, available: 0 });
    const lapsed = await shop.granted({ "1": 2, "2": 1 });
    await shop.pass(600);
    expect(await shop.block("1")).toMatchObject({ granted: 2 });
    await shop.granted({ "1": 2 });
    expect(await fixture.book.find(shop.installId, lapsed.id)).toMatchObject({ state: "expired" });
    expect(await shop.block("2")).toMatchObject({ granted: 0 });
  });

  it("is extended to the later end, never to an earlier one", async () => {
    await shop.stock("1", { held: 2 });
    const hold = await shop.granted({ "1": 1 });
    expect(await fixture.book.extend(shop.installId, hold.id, 10)).toMatchObject({ kind: "ended", reservation: { expiresAt: hold.expiresAt } });
    const longer = await fixture.book.extend(shop.installId, hold.id, 1_200);
    expect(longer.kind !== "not_found" && longer.reservation.expiresAt.getTime()).toBeGreaterThan(hold.expiresAt.getTime() + 500_000);
    await shop.pass(1_200);
    expect(await fixture.book.extend(shop.installId, hold.id, 600)).toMatchObject({ kind: "already", reservation: { state: "expired" } });
    expect(await shop.block("1")).toMatchObject({ granted: 0 });
  });

  it("ends what is due, oldest first, as many as asked for, and says when the next is", async () => {
    await shop.stock("1", { held: 9 });
    for (const ttlSeconds of [10, 20, 30]) await shop.granted({ "1": 1 }, { ttlSeconds });
    await shop.pass(20);
    await fixture.book.expireDue(1);
    expect(await shop.block("1")).toMatchObject({ granted: 2 });
    expect(await fixture.book.expireDue(10)).toEqual({ expiredCount: 1, units: 1 });
    expect(await shop.block("1")).toMatchObject({ granted: 1 });
    expect(await fixture.book.nextExpiryInMs()).toBeGreaterThan(0);
    await shop.pass(30);
    expect(await fixture.book.nextExpiryInMs()).toBe(0);
    await fixture.book.expireDue(10);
  });
});

describe("an end", () => {
  it("by release gives the units back once, and nothing can be done with it any more", async () => {
    await shop.stock("1", { held: 2 });
    const hold = await shop.granted({ "1": 2 });
    expect(await fixture.book.release(shop.installId, hold.id, "api")).toMatchObject({ kind: "ended", reservation: { state: "released" } });
    expect(await fixture.book.release(shop.installId, hold.id, "api")).toMatchObject({ kind: "already", reservation: { state: "released" } });
    expect(await fixture.book.extend(shop.installId, hold.id, 60)).toMatchObject({ kind: "already" });
    expect(await shop.block("1")).toMatchObject({ granted: 0 });
    // Somebody was charged all the same.
    expect(await fixture.book.commit(shop.commit(hold))).toMatchObject({ kind: "released", reservation: { refundRequired: true } });
    expect((await fixture.book.release(shop.installId, "00000000-0000-4000-8000-000000000000", "api")).kind).toBe("not_found");
  });

  it("by commit keeps the units for its order, and repeats the same answer", async () => {
    await shop.stock("1", { held: 2 });
    const hold = await shop.granted({ "1": 2 });
    const commit = shop.commit(hold, { paymentReference: "p1" });
    expect(await fixture.book.commit(commit)).toMatchObject({ kind: "committed", first: true, reservation: { state: "committed", settlement: "order", paymentReference: "p1", late: false } });
    expect(await fixture.book.commit(commit)).toMatchObject({ kind: "committed", first: false });
    expect(await fixture.book.commit({ ...commit, commitHash: "other" })).toMatchObject({ kind: "other_body" });
    expect((await fixture.book.release(shop.installId, hold.id, "api")).kind).toBe("committed");
    expect(await shop.block("1")).toEqual({ ...none, held: 2, settling: 2 });
    expect(await fixture.database.query(`SELECT kind, actor, detail->>'payment' AS payment FROM audit_entries WHERE install_id = $1`, shop.installId)).toEqual([{ kind: "reservation_committed", actor: "api", payment: "p1" }]);
  });

  it("by commit with its order waits for that order's stock", async () => {
    await shop.stock("1", { held: 2 });
    const hold = await shop.granted({ "1": 1 });
    expect(await fixture.book.commit(shop.commit(hold, { orderId: "77" }))).toMatchObject({ reservation: { orderId: "77", settlement: "take" } });
  });

  it("by its order's webhook is completed by the commit that follows, and no second order is made", async () => {
    await shop.stock("1", { held: 2 });
    const hold = await shop.granted({ "1": 1 });
    await fixture.book.commit(shop.commit(hold, { orderId: "77", by: "order", commitHash: null }));
    expect(await fixture.book.commit(shop.commit(hold, { orderId: "78" }))).toMatchObject({ kind: "other_body" });
    expect(await fixture.book.commit(shop.commit(hold, { paymentReference: "p", createOrder: CREATE }))).toMatchObject({
      kind: "committed",
      first: false,
      reservation: { orderId: "77", paymentReference: "p" },
      order: { state: "created", orderId: "77", send: false },
    });
  });
});

describe("a commit after the hold lapsed", () => {
  it("takes the units again when they are there, whether or not anybody wrote the lapse down", async () => {
    await shop.stock("1", { held: 2, available: 0 });
    const holds = [await shop.granted({ "1": 1 }), await shop.granted({ "1": 1 })];
    await shop.pass(600);
    await fixture.book.expireDue(1);
    for (const hold of holds) {
      expect(await fixture.book.commit(shop.commit(hold))).toMatchObject({ kind: "committed", first: true, reservation: { late: true } });
      expect(await fixture.book.commit(shop.commit(hold))).toMatchObject({ kind: "committed", first: false, reservation: { late: true } });
    }
    expect(await shop.block("1")).toEqual({ ...none, held: 2, settling: 2 });
  });

  it("is refused for good when they are gone, also when they come back later", async () => {
    await shop.stock("1", { held: 1, available: 0 });
    const hold = await shop.granted({ "1": 1 });
    await shop.pass(600);
    const other = await shop.granted({ "1": 1 });
    const refused = { kind: "lapsed", final: true, reservation: { state: "expired", refundRequired: true } };
    expect(await fixture.book.commit(shop.commit(hold))).toMatchObject({ ...refused, lines: [{ requested: 1, available: 0 }] });
    await fixture.book.release(shop.installId, other.id, "api");
    expect(await fixture.book.commit(shop.commit(hold))).toMatchObject(refused);
    expect(await shop.block("1")).toMatchObject({ granted: 0, settling: 0 });
  });

  it("that an order's webhook asks for demands no refund, and decides nothing for the payment", async () => {
    await shop.stock("1", { held: 1, available: 0 });
    const hold = await shop.granted({ "1": 1 });
    await shop.pass(600);
    const other = await shop.granted({ "1": 1 });
    expect(await fixture.book.commit(shop.commit(hold, { orderId: "77", by: "order", commitHash: null }))).toMatchObject({ kind: "lapsed", final: true, reservation: { refundRequired: false } });
    await fixture.book.release(shop.installId, other.id, "api");
    expect(await fixture.book.commit(shop.commit(hold, { orderId: "77" }))).toMatchObject({ kind: "committed", reservation: { late: true } });
  });

  it("is undecided while the block grows", async () => {
    await shop.stock("1", { held: 1, available: 5 });
    const hold = await shop.granted({ "1": 1 });
    await shop.pass(600);
    await shop.granted({ "1": 1 });
    expect(await fixture.book.commit(shop.commit(hold))).toMatchObject({ kind: "lapsed", final: false, lines: [{ growing: true }], reservation: { refundRequired: false } });
    await shop.stock("1", { held: 2 });
    expect(await fixture.book.commit(shop.commit(hold))).toMatchObject({ kind: "committed", reservation: { late: true } });
  });

  it("may be promised from what was seen as available", async () => {
    await shop.stock("1", { held: 0, available: 1 });
    const hold = await shop.granted({ "1": 1 }, { promiseFrom: "local" });
    await shop.pass(600);
    await see(fixture.database, shop.installId, "1", 0);
    expect(await fixture.book.commit(shop.commit(hold, { promiseFrom: "local" }))).toMatchObject({ kind: "lapsed", final: true });
  });
});

describe("an order that Holdfast creates", () => {
  const order = (hold: { id: string }) => fixture.database.query(`SELECT state, body_hash, attempt_count FROM reservation_orders WHERE reservation_id = $1::uuid`, hold.id);

  it("is sent by one caller only, however often the commit is repeated", async () => {
    await shop.stock("1", { held: 1 });
    const hold = await shop.granted({ "1": 1 });
    const commit = shop.commit(hold, { createOrder: CREATE });
    expect(await fixture.book.commit(commit)).toMatchObject({ order: { state: "sending", send: true } });
    expect(await fixture.book.commit(commit)).toMatchObject({ order: { state: "sending", send: false } });
    expect(await order(hold)).toEqual([{ state: "sending", body_hash: "o1", attempt_count: 1 }]);
  });

  it("is not sent when an order names the hold already, though nobody has tied the two yet", async () => {
    await shop.stock("1", { held: 1 });
    const hold = await shop.granted({ "1": 1 });
    await fixture.database.execute(`INSERT INTO orders (install_id, shop, order_id, snapshot, reservation_id) VALUES ($1, $2, '77', '{}', $3::uuid)`, shop.installId, shop.shop, hold.id);
    expect(await fixture.book.commit(shop.commit(hold, { createOrder: CREATE }))).toMatchObject({ kind: "committed", order: { state: "created", orderId: "77", send: false } });
    expect(await order(hold)).toEqual([]);
  });

  it("may have another content after Shopify refused it for certain, once", async () => {
    await shop.stock("1", { held: 1 });
    const hold = await shop.granted({ "1": 1 });
    await fixture.book.commit(shop.commit(hold, { createOrder: CREATE }));
    const again = shop.commit(hold, { commitHash: "paid 2", createOrder: { ...CREATE, bodyHash: "o2" } });
    expect(await fixture.book.commit(again)).toMatchObject({ kind: "other_body" });
    await fixture.database.execute(`UPDATE reservation_orders SET state = 'refused', failure = 'x', finished_at = now(), look_at = NULL WHERE reservation_id = $1::uuid`, hold.id);
    expect(await fixture.book.commit(again)).toMatchObject({ kind: "committed", first: false, order: { state: "sending", send: true } });
    expect(await fixture.book.commit(again)).toMatchObject({ order: { send: false } });
    expect(await order(hold)).toEqual([{ state: "sending", body_hash: "o2", attempt_count: 2 }]);
  });
});

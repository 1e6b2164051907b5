// Goal: the contract of /api/v1/reservations and /api/v1/stock, answer by answer, for stock that is promised from what was observed; real
// PostgreSQL, Redis and simulator. Blocks that grow in Shopify are reservations-in-shopify.test.ts's.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ApiShop, openReservationsFixture, type ReservationsFixture } from "./reservations-api-fixture.ts";

let fixture: ReservationsFixture;
let shop: ApiShop;

beforeAll(async () => {
  fixture = await openReservationsFixture();
  shop = await fixture.openShop({ name: "checkout" });
});
afterAll(() => fixture.close());

const code = (answer: { readonly status: number; readonly body: { readonly error?: { readonly code: string } } }) => `${answer.status} ${answer.body.error?.code ?? ""}`.trim();

async function promisable(of: ApiShop, itemId: string): Promise<unknown> {
  return (await fixture.call(of, "GET", `/stock?inventoryItemId=${encodeURIComponent(itemId)}`)).body;
}

/** As if its time had passed. */
async function lapse(id: string): Promise<void> {
  await fixture.house.composed.database.execute(`UPDATE reservations SET expires_at = now() - interval '1 second' WHERE id = $1::uuid`, id);
}

describe("POST /api/v1/reservations", () => {
  it("holds the units, says until when, and counts them out of what can be promised", async () => {
    const mug = await fixture.stock(shop, { levels: [5], sku: "HAPPY" });
    const answer = await fixture.reserve(shop, { lines: [{ inventoryItemId: mug.itemId, quantity: 2 }], ttlSeconds: 60, reference: "cart-1" });
    expect(answer).toMatchObject({
      status: 201,
      body: { state: "active", reference: "cart-1", late: false, refundRequired: false, orderId: null, order: null, lines: [{ inventoryItemId: mug.itemId, variantId: mug.variantId, locationId: shop.locationId, sku: "HAPPY", quantity: 2, counts: true }] },
    });
    expect(await promisable(shop, mug.itemId)).toMatchObject({ available: 5, reserved: 0, promisable: 3, locationId: shop.locationId });
    expect(await fixture.call(shop, "GET", `/reservations/${answer.body.id}`)).toMatchObject({ status: 200, body: { id: answer.body.id, state: "active", expiresAt: answer.body.expiresAt, lines: answer.body.lines } });
  });

  it.each(["inventoryItemId", "variantId", "sku"])("takes a line by %s, and ids as numbers too", async (name) => {
    const mug = await fixture.stock(shop, { levels: [1], sku: `BY-${name}` });
    const by = { inventoryItemId: Number(mug.itemId.split("/").at(-1)), variantId: mug.variantId, sku: `BY-${name}` }[name];
    expect(await fixture.reserve(shop, { lines: [{ [name]: by, quantity: 1 }] })).toMatchObject({ status: 201, body: { lines: [{ inventoryItemId: mug.itemId, variantId: mug.variantId }] } });
  });

  it("holds all lines or none, counts the same stock on two lines together, and says for each line what there is", async () => {
    const scarce = await fixture.stock(shop, { levels: [3], sku: "SCARCE" });
    const plenty = await fixture.stock(shop, { levels: [50], sku: "PLENTY" });
    const answer = await fixture.reserve(shop, { lines: [{ inventoryItemId: scarce.itemId, quantity: 2 }, { inventoryItemId: plenty.itemId, quantity: 1 }, { variantId: scarce.variantId, quantity: 2 }] });
    expect(code(answer)).toBe("409 insufficient_stock");
    expect(answer.body.error.details).toMatchObject({
      lines: [
        { inventoryItemId: scarce.itemId, requested: 2, requestedTogether: 4, available: 3, short: true },
        { inventoryItemId: plenty.itemId, requested: 1, requestedTogether: 1, available: 50, short: false },
        { inventoryItemId: scarce.itemId, requested: 2, requestedTogether: 4, available: 3, short: true },
      ],
    });
    expect(await promisable(shop, plenty.itemId)).toMatchObject({ promisable: 50 });
    expect((await fixture.reserve(shop, { lines: [{ inventoryItemId: scarce.itemId, quantity: 3 }] })).status).toBe(201);
  });

  it("answers a key again with the hold that it bound, refuses another body under it, and leaves it free after a refusal", async () => {
    const mug = await fixture.stock(shop, { levels: [2], sku: "KEYS" });
    const lines = [{ inventoryItemId: mug.itemId, quantity: 2 }];
    expect(code(await fixture.reserve(shop, { idempotencyKey: "again", lines: [{ inventoryItemId: mug.itemId, quantity: 3 }] }))).toBe("409 insufficient_stock");
    const first = await fixture.reserve(shop, { idempotencyKey: "again", lines });
    expect(first.status).toBe(201);
    expect(await fixture.reserve(shop, { idempotencyKey: "again", lines })).toMatchObject({ status: 200, body: { id: first.body.id, state: "active" } });
    expect(code(await fixture.reserve(shop, { idempotencyKey: "again", lines: [{ inventoryItemId: mug.itemId, quantity: 1 }] }))).toBe("409 idempotency_key_reuse");
    await fixture.call(shop, "POST", `/reservations/${first.body.id}/release`);
    expect(await fixture.reserve(shop, { idempotencyKey: "again", lines })).toMatchObject({ status: 200, body: { state: "released" } });
  });

  it("makes one hold of twenty requests with one key at once, and of as many buyers one gets the last unit", async () => {
    const mug = await fixture.stock(shop, { levels: [3], sku: "DOUBLE" });
    const click = () => fixture.reserve(shop, { idempotencyKey: "click", lines: [{ inventoryItemId: mug.itemId, quantity: 2 }] });
    const clicks = await Promise.all(Array.from({ length: 20 }, click));
    expect(new Set(clicks.map((answer) => answer.body.id)).size).toBe(1);
    expect(clicks.map((answer) => answer.status).toSorted()).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
    const buyers = await Promise.all(Array.from({ length: 20 }, () => fixture.reserve(shop, { lines: [{ inventoryItemId: mug.itemId, quantity: 1 }] })));
    expect(buyers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(buyers.filter((answer) => code(answer) === "409 insufficient_stock")).toHaveLength(19);
  });

  it("lets items pass that are not tracked, or go on selling, whatever their stock", async () => {
    const untracked = await fixture.stock(shop, { levels: [0], sku: "UNTRACKED", tracked: false });
    const going = await fixture.stock(shop, { levels: [0], sku: "GOING", inventoryPolicy: "CONTINUE" });
    const answer = await fixture.reserve(shop, { lines: [{ inventoryItemId: untracked.itemId, quantity: 9 }, { inventoryItemId: going.itemId, quantity: 9 }] });
    expect([answer.status, answer.body.lines.map((line) => line.counts)]).toEqual([201, [false, false]]);
  });

  it("keeps one reference, and one token, from holding more than the shop allows", async () => {
    const careful = await fixture.openShop({ reservations: { unitsPerReferenceMax: 4, unitsPerTokenMax: 6 } });
    const mug = await fixture.stock(careful, { levels: [100] });
    const hold = (reference: string, quantity: number) => fixture.reserve(careful, { reference, lines: [{ inventoryItemId: mug.itemId, quantity }] });
    expect((await hold("bot", 3)).status).toBe(201);
    const over = await hold("bot", 2);
    expect([code(over), over.body.error.details]).toMatchObject(["409 limit_exceeded", { limit: "reference", unitsMax: 4, unitsHeld: 3 }]);
    expect((await hold("person", 3)).status).toBe(201);
    expect((await hold("another", 1)).body.error.details).toMatchObject({ limit: "token", unitsMax: 6, unitsHeld: 6 });
  });

  it("promises from the location with most to promise, from the one that is named, and never from one that does not stock it", async () => {
    const wide = await fixture.openShop({ locations: 3 });
    const mug = await fixture.stock(wide, { levels: [2, 7, null] });
    const line = (quantity: number, locationId?: string) => ({ lines: [{ inventoryItemId: mug.itemId, quantity, ...(locationId === undefined ? {} : { locationId }) }] });
    const at = async (quantity: number, locationId?: string) => (await fixture.reserve(wide, line(quantity, locationId))).body.lines?.[0]?.locationId;
    expect(await at(6)).toBe(wide.locationIds[1]);
    expect(await at(1)).toBe(wide.locationIds[0]);
    expect(await at(1, wide.locationIds[1])).toBe(wide.locationIds[1]);
    expect(code(await fixture.reserve(wide, line(1, wide.locationIds[2])))).toBe("409 insufficient_stock");
    const nowhere = await fixture.stock(wide, { levels: [null, null, null], sku: "NOWHERE" });
    expect(code(await fixture.reserve(wide, { lines: [{ inventoryItemId: nowhere.itemId, quantity: 1 }] }))).toBe("422 location_needed");
    expect(code(await fixture.reserve(wide, line(1, "99")))).toBe("422 unknown_location");
  });

  it("names what it does not know, a SKU that two variants have, and bundles", async () => {
    const first = await fixture.stock(shop, { levels: [1], sku: "TWIN" });
    const second = await fixture.stock(shop, { levels: [1], sku: "TWIN" });
    const bundle = await fixture.stock(shop, { levels: [1], sku: "BUNDLE", requiresComponents: true });
    const refusal = async (line: object) => (await fixture.reserve(shop, { lines: [{ quantity: 1, ...line }] })).body.error;
    expect(await refusal({ inventoryItemId: 999 })).toMatchObject({ code: "unknown_item", details: { faults: [{ path: "lines[0]", code: "unknown_item" }] } });
    expect(await refusal({ variantId: 999 })).toMatchObject({ code: "unknown_item" });
    expect(await refusal({ sku: 'no "such" \\ sku' })).toMatchObject({ code: "unknown_item" });
    expect(await refusal({ sku: "TWIN" })).toMatchObject({ code: "sku_ambiguous", details: { faults: [{ candidates: [first.variantId, second.variantId].toSorted() }] } });
    expect(await refusal({ variantId: bundle.variantId })).toMatchObject({ code: "bundle_refused" });
  });

  it.each([
    ["no JSON", "{", "400 invalid_json"],
    ["a list", "[]", "422 invalid_request"],
    ["65 KB", JSON.stringify({ reference: "x".repeat(65 * 1024) }), "413 payload_too_large"],
    ["a prototype", '{"__proto__": {"lines": []}, "idempotencyKey": "x"}', "422 invalid_request"],
  ])("refuses a body of %s", async (_name, body, expected) => {
    expect(code(await fixture.call(shop, "POST", "/reservations", body))).toBe(expected);
  });

  it("refuses a body that is nested deeper than anything sensible, as JSON it cannot read or as none of its shape", async () => {
    const answer = await fixture.call(shop, "POST", "/reservations", `${"[".repeat(30_000)}${"]".repeat(30_000)}`);
    expect(["400 invalid_json", "422 invalid_request"]).toContain(code(answer));
  });

  it("names every fault of a body at once", async () => {
    const answer = await fixture.call(shop, "POST", "/reservations", {
      idempotencyKey: "nul\u0000",
      ttlSeconds: 0,
      reference: "half \ud800",
      colour: "red",
      lines: [{ inventoryItemId: "gid://shopify/Order/1", quantity: 1.5 }, { sku: "A", variantId: 1, quantity: 0 }, { quantity: 2_000_000 }],
    });
    expect(code(answer)).toBe("422 invalid_request");
    expect(answer.body.error.details.faults.map((fault) => fault.path)).toEqual(expect.arrayContaining(["idempotencyKey", "ttlSeconds", "reference", "lines[0].inventoryItemId", "lines[0].quantity", "lines[1].quantity", "lines[2].quantity"]));
    const many = await fixture.reserve(shop, { lines: Array.from({ length: 101 }, () => ({ sku: "A", quantity: 1 })) });
    expect(many.body.error.details.faults).toMatchObject([{ path: "lines" }]);
    const both = await fixture.reserve(shop, { lines: [{ sku: "A", variantId: 1, quantity: 1 }] });
    expect(both.body.error.details.faults).toMatchObject([{ path: "lines[0]" }]);
  });

  it("refuses a time beyond the shop's longest", async () => {
    const mug = await fixture.stock(shop, { levels: [1], sku: "LONG" });
    expect((await fixture.reserve(shop, { ttlSeconds: 3_601, lines: [{ inventoryItemId: mug.itemId, quantity: 1 }] })).body.error).toMatchObject({ code: "invalid_request", details: { faults: [{ path: "ttlSeconds" }] } });
  });
});

describe("one reservation", () => {
  async function held(quantity = 1, available = 1): Promise<{ id: string; itemId: string; expiresAt: string }> {
    const { itemId } = await fixture.stock(shop, { levels: [available], sku: `ONE-${quantity}-${available}` });
    const answer = await fixture.reserve(shop, { ttlSeconds: 60, lines: [{ inventoryItemId: itemId, quantity }] });
    expect(answer.status).toBe(201);
    return { id: answer.body.id, itemId, expiresAt: answer.body.expiresAt };
  }

  const act = (id: string, name: string, body?: unknown) => fixture.call(shop, "POST", `/reservations/${id}/${name}`, body);

  it("is nobody else's: another shop's token finds nothing to read, extend, commit or release", async () => {
    const other = await fixture.openShop();
    const { id } = await held();
    for (const [method, path, body] of [["GET", "", undefined], ["POST", "/extend", { ttlSeconds: 5 }], ["POST", "/commit", {}], ["POST", "/release", undefined]] as const) {
      expect(code(await fixture.call(other, method, `/reservations/${id}${path}`, body))).toBe("404 not_found");
      expect(code(await fixture.call(shop, method, `/reservations/no-uuid${path}`, body))).toBe("404 not_found");
    }
    expect(await fixture.call(shop, "GET", `/reservations/${id}`)).toMatchObject({ status: 200, body: { state: "active" } });
  });

  it("ends no earlier when it is extended by less, and later when by more; not beyond the shop's longest", async () => {
    const { id, expiresAt } = await held();
    expect((await act(id, "extend", { ttlSeconds: 5 })).body.expiresAt).toBe(expiresAt);
    expect(Date.parse((await act(id, "extend", { ttlSeconds: 600 })).body.expiresAt)).toBeGreaterThan(Date.parse(expiresAt));
    expect(code(await act(id, "extend", { ttlSeconds: 3_601 }))).toBe("422 invalid_request");
  });

  it("is released once, however often that is said, and can then be neither extended nor committed", async () => {
    const { id, itemId } = await held();
    expect(await act(id, "release")).toMatchObject({ status: 200, body: { state: "released" } });
    expect(await act(id, "release", {})).toMatchObject({ status: 200, body: { state: "released" } });
    expect(await promisable(shop, itemId)).toMatchObject({ promisable: 1 });
    expect(code(await act(id, "extend", { ttlSeconds: 5 }))).toBe("409 reservation_released");
    const commit = await act(id, "commit", { paymentReference: "paid-1" });
    expect([code(commit), commit.body.error.details]).toMatchObject(["409 reservation_released", { refundRequired: true }]);
  });

  it("is committed once: the same again changes nothing, another content is refused, and it is not released any more", async () => {
    const { id, itemId } = await held();
    const first = await act(id, "commit", { orderId: 77, paymentReference: "paid-2" });
    expect(first).toMatchObject({ status: 200, body: { state: "committed", orderId: "gid://shopify/Order/77", paymentReference: "paid-2", late: false } });
    expect(await act(id, "commit", { paymentReference: "paid-2", orderId: "gid://shopify/Order/77" })).toMatchObject({ status: 200, body: { state: "committed" } });
    expect(code(await act(id, "commit", { orderId: 78, paymentReference: "paid-2" }))).toBe("409 reservation_committed");
    expect(code(await act(id, "release"))).toBe("409 reservation_committed");
    expect(code(await act(id, "extend", { ttlSeconds: 5 }))).toBe("409 reservation_committed");
    expect(await promisable(shop, itemId)).toMatchObject({ promisable: 0 });
  });

  it("that lapsed is committed late while its units are there, and demands a refund, for good, when they are gone", async () => {
    const lucky = await held();
    await lapse(lucky.id);
    expect(await act(lucky.id, "commit", { paymentReference: "late" })).toMatchObject({ status: 200, body: { state: "committed", late: true } });
    const unlucky = await held();
    await lapse(unlucky.id);
    const taker = await fixture.reserve(shop, { lines: [{ inventoryItemId: unlucky.itemId, quantity: 1 }] });
    expect(taker.status).toBe(201);
    for (let count = 0; count < 2; count += 1) {
      const refused = await act(unlucky.id, "commit", { paymentReference: "late" });
      expect([code(refused), refused.body.error.details]).toMatchObject(["409 reservation_expired", { refundRequired: true }]);
    }
    expect(code(await act(unlucky.id, "extend", { ttlSeconds: 5 }))).toBe("409 reservation_expired");
    expect(await act(unlucky.id, "release")).toMatchObject({ status: 200, body: { state: "expired", refundRequired: true } });
  });

  it("takes either an order's id or an order to create, and creates none without the permission", async () => {
    const { id } = await held();
    expect((await act(id, "commit", { orderId: 1, createOrder: {} })).body.error.details.faults).toMatchObject([{ path: "createOrder" }]);
    expect(code(await act(id, "commit", { createOrder: { email: "someone@example.com" } }))).toBe("409 order_not_allowed");
    expect(await fixture.call(shop, "GET", `/reservations/${id}`)).toMatchObject({ body: { state: "active" } });
  });
});

describe("GET /api/v1/reservations", () => {
  it("lists newest first, by state, reference, order and item, page by page", async () => {
    const listed = await fixture.openShop();
    const mug = await fixture.stock(listed, { levels: [10] });
    const made: string[] = [];
    for (const reference of ["a", "b", "a"]) made.push((await fixture.reserve(listed, { reference, lines: [{ inventoryItemId: mug.itemId, quantity: 1 }] })).body.id);
    await fixture.call(listed, "POST", `/reservations/${made[1] ?? ""}/commit`, { orderId: 5 });
    const ids = async (query: string) => (await fixture.call(listed, "GET", `/reservations${query}`)).body.items.map((item) => item.id);
    expect(await ids("")).toEqual(made.toReversed());
    expect(await ids("?state=committed")).toEqual([made[1]]);
    expect(await ids("?reference=a")).toEqual([made[2], made[0]]);
    expect(await ids("?orderId=5")).toEqual([made[1]]);
    expect(await ids(`?inventoryItemId=${encodeURIComponent(mug.itemId)}`)).toHaveLength(3);
    const first = await fixture.call(listed, "GET", "/reservations?limit=2");
    expect(await ids(`?limit=2&cursor=${first.body.nextCursor ?? ""}`)).toEqual([made[0]]);
    for (const query of ["?state=open", "?orderId=x", "?colour=red", "?limit=251"]) expect(code(await fixture.call(listed, "GET", `/reservations${query}`))).toBe("400 invalid_parameter");
    expect(code(await fixture.call(listed, "GET", "/reservations?cursor=aaaa"))).toBe("400 invalid_cursor");
  });
});

describe("GET /api/v1/stock", () => {
  it("reads what was never observed, and says of unknown items and locations that there are none", async () => {
    const mug = await fixture.stock(shop, { levels: [4], sku: "UNSEEN", observed: false });
    await fixture.house.composed.database.execute(`DELETE FROM stock_levels WHERE install_id = $1 AND inventory_item_id = $2`, shop.installId, mug.itemId.split("/").at(-1) ?? "");
    expect(await promisable(shop, mug.itemId)).toMatchObject({ available: 4, reserved: 0, promisable: 4 });
    expect(code(await fixture.call(shop, "GET", "/stock?inventoryItemId=999"))).toBe("404 not_found");
    expect(code(await fixture.call(shop, "GET", `/stock?inventoryItemId=${encodeURIComponent(mug.itemId)}&locationId=999`))).toBe("404 not_found");
    expect(code(await fixture.call(shop, "GET", "/stock"))).toBe("400 invalid_parameter");
  });
});

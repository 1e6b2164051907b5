// Goal: units that Shopify confirms before they are promised: buyers wait for the block and no longer than the merchant lets them, a crowd
// asks one question, and what is answered when Shopify is away is the merchant's choice. Turns are taken by hand when the book asks for one.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ReservationSettings } from "#app/domain/settings.ts";
import { createBlockWatch } from "#app/reservations/watch-blocks.server.ts";
import { reserveStock } from "#app/reservations/reserve-stock.server.ts";
import { ledgerDifferences } from "#tests/setup/ledger-and-truth.ts";

import { type ApiShop, openReservationsFixture, type ReservationsFixture } from "./reservations-api-fixture.ts";

let fixture: ReservationsFixture;
beforeAll(async () => {
  fixture = await openReservationsFixture();
});
afterAll(() => fixture.close());

interface Store {
  readonly shop: ApiShop;
  readonly itemId: string;
}

async function openStore(available: number, reservations: Partial<ReservationSettings> = {}): Promise<Store> {
  const shop = await fixture.openShop({ reservations: { mirrorInShopify: true, unitsPerReferenceMax: null, waitMs: 10_000, ...reservations } });
  const { itemId } = await fixture.stock(shop, { levels: [available] });
  return { shop, itemId };
}

const tail = (gid: string) => gid.split("/").at(-1) ?? "";

const ask = ({ shop, itemId }: Store, quantity = 1, signal?: AbortSignal) =>
  fixture.call(shop, "POST", "/reservations", { idempotencyKey: `key-${Math.random()}`, lines: [{ inventoryItemId: itemId, quantity }] }, signal);

/** Resolves as soon as that many buyers wait for a block. */
async function waiting(count: number): Promise<void> {
  const { watch } = fixture.dependencies.reservations;
  while (watch.waitingCount < count) await new Promise((resolve) => setImmediate(resolve));
}

const promisable = async ({ shop, itemId }: Store) => (await fixture.call(shop, "GET", `/stock?inventoryItemId=${encodeURIComponent(itemId)}`)).body;

const codeOf = (answer: { readonly status: number; readonly body: { readonly error?: { readonly code: string } } }) => `${answer.status} ${answer.body.error?.code ?? ""}`.trim();

describe("units that Shopify confirms", () => {
  it("are promised once a turn has moved them, and the next buyers do not wait", async () => {
    const store = await openStore(20);
    const first = ask(store, 3);
    await waiting(1);
    await fixture.house.settle(store.shop.shop);
    expect((await first).status).toBe(201);
    const { reserved } = (await promisable(store)) as unknown as { reserved: number };
    expect(reserved).toBeGreaterThanOrEqual(3);
    expect(await promisable(store)).toMatchObject({ promisable: 17, available: 20 - reserved });
    expect((await ask(store, 1)).status).toBe(201);
    await fixture.house.settle(store.shop.shop);
    expect(await ledgerDifferences(fixture.house, store.shop)).toEqual([]);
  });

  it("are handed to a crowd that waits together until there are none left, and the rest hear that at once", async () => {
    const store = await openStore(12);
    const buyers = Array.from({ length: 30 }, () => ask(store));
    await waiting(30);
    const watcher = fixture.dependencies.reservations.watch;
    const answered = Promise.all(buyers);
    const progress = { done: false };
    void answered.then(() => (progress.done = true));
    while (!progress.done) {
      await fixture.house.settle(store.shop.shop);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const answers = await answered;
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(12);
    expect(answers.filter((answer) => codeOf(answer) === "409 insufficient_stock")).toHaveLength(18);
    expect(watcher.waitingCount).toBe(0);
    expect(await promisable(store)).toMatchObject({ available: 0, reserved: 12, promisable: 0 });
  });

  it("are refused in time when Shopify stays silent and the merchant wants no other promise; the same key gets them later", async () => {
    const store = await openStore(5, { waitMs: 1 });
    const key = "patient";
    const request = () => fixture.call(store.shop, "POST", "/reservations", { idempotencyKey: key, lines: [{ inventoryItemId: store.itemId, quantity: 1 }] });
    const refused = await request();
    expect([codeOf(refused), refused.headers.get("Retry-After")]).toEqual(["503 stock_unconfirmed", "1"]);
    await fixture.house.settle(store.shop.shop);
    expect((await request()).status).toBe(201);
  });

  it("are promised from what was observed when Shopify stays silent and the merchant chose so, never beyond it", async () => {
    const store = await openStore(2, { waitMs: 1, whenShopifyIsAway: "promise_local" });
    expect((await ask(store, 2)).status).toBe(201);
    expect(codeOf(await ask(store, 1))).toBe("409 insufficient_stock");
    await fixture.house.settle(store.shop.shop);
    expect(await ledgerDifferences(fixture.house, store.shop)).toEqual([]);
  });

  it("are waited for no longer by a client that has left, and nothing is held for it", async () => {
    const store = await openStore(5);
    const leaving = new AbortController();
    const left = ask(store, 1, leaving.signal);
    await waiting(1);
    leaving.abort();
    expect(codeOf(await left)).toBe("503 try_again");
    await fixture.house.settle(store.shop.shop);
    expect(await promisable(store)).toMatchObject({ promisable: 5 });
  });

  it("are read first where nothing is known of them; while Shopify cannot be asked nothing is promised, whatever the merchant chose", async () => {
    const shop = await fixture.openShop({ reservations: { whenShopifyIsAway: "promise_local" } });
    const { itemId } = await fixture.stock(shop, { levels: [5], observed: false });
    await fixture.house.composed.database.execute(`DELETE FROM stock_levels WHERE install_id = $1`, shop.installId);
    const { reservations } = fixture.dependencies;
    const request = {
      install: { installId: shop.installId, shop: shop.shop, scopes: [] },
      tokenId: null,
      reference: null,
      ttlSeconds: null,
      idempotencyKey: "unseen",
      lines: [{ inventoryItemId: tail(itemId), variantId: null, sku: null, locationId: null, quantity: 1 }],
    };
    expect(await reserveStock({ ...reservations, observe: () => Promise.resolve({ kind: "unavailable" }) }, request)).toEqual({ kind: "unconfirmed" });
    expect(await reserveStock(reservations, request)).toMatchObject({ kind: "granted" });
  });
});

describe("a commit that wants its order created", () => {
  async function held(): Promise<{ readonly shop: ApiShop; readonly id: string; readonly variantId: string }> {
    const shop = await fixture.openShop({ scopes: ["write_inventory", "write_orders"] });
    const { itemId, variantId } = await fixture.stock(shop, { levels: [5] });
    const answer = await fixture.call(shop, "POST", "/reservations", { idempotencyKey: "order", lines: [{ inventoryItemId: itemId, quantity: 2 }] });
    return { shop, id: answer.body.id, variantId };
  }
  const orderCount = (shop: ApiShop) => fixture.house.simulator.control.orders(shop.shop).length;

  it("is answered with the order, once, however often it is sent", async () => {
    const { shop, id } = await held();
    const commit = () => fixture.call(shop, "POST", `/reservations/${id}/commit`, { createOrder: { note: "gift" }, paymentReference: "paid" });
    const first = await commit();
    expect(first).toMatchObject({ status: 200, body: { state: "committed", order: { state: "created", failure: null } } });
    const orderId = (first.body as unknown as { orderId: string }).orderId;
    expect(orderId).toMatch(/^gid:\/\/shopify\/Order\//);
    expect(await commit()).toMatchObject({ status: 200, body: { orderId, order: { state: "created", orderId } } });
    expect(await fixture.call(shop, "GET", `/reservations/${id}`)).toMatchObject({ status: 200, body: { orderId, order: { state: "created", orderId } } });
    expect(orderCount(shop)).toBe(1);
  });

  it("says that nobody knows when the answer was lost, and creates no second one", async () => {
    const { shop, id } = await held();
    fixture.house.simulator.control.addFault({ boundary: "orderCreate", kind: "cut", times: 1, shop: shop.shop, committed: true });
    const commit = () => fixture.call(shop, "POST", `/reservations/${id}/commit`, { createOrder: {} });
    expect(await commit()).toMatchObject({ status: 202, body: { state: "committed", order: { state: "unknown", orderId: null } } });
    expect(await commit()).toMatchObject({ status: 202, body: { order: { state: "unknown" } } });
    expect(orderCount(shop)).toBe(1);
  });

  it("may be sent again with another order after Shopify, or Holdfast, refused the first", async () => {
    const { shop, id } = await held();
    const refused = await fixture.call(shop, "POST", `/reservations/${id}/commit`, { createOrder: { lineItems: [] } });
    expect([codeOf(refused), refused.body.error.details]).toMatchObject(["422 order_refused", { reservation: { state: "committed", order: { state: "refused" } } }]);
    expect(await fixture.call(shop, "POST", `/reservations/${id}/commit`, { createOrder: { note: "again" } })).toMatchObject({ status: 200, body: { order: { state: "created" } } });
    expect(orderCount(shop)).toBe(1);
  });
});

describe("a commit after the hold has lapsed", () => {
  it("waits for the block to give its units again, and is undecided when Shopify stays silent", async () => {
    const store = await openStore(4);
    const asked = ask(store, 2);
    await waiting(1);
    await fixture.house.settle(store.shop.shop);
    const { id } = (await asked).body;
    const { database, reservations } = fixture.house.composed;
    await database.execute(`UPDATE reservations SET expires_at = now() - interval '1 second' WHERE id = $1::uuid`, id);
    await reservations.book.expireDue(10);
    // Its block was given back meanwhile, as one that nobody drew on for a while is.
    await database.execute(`UPDATE stock_blocks SET held = 0, leaving = 0, growing = 0 WHERE install_id = $1`, store.shop.installId);
    await database.execute(`UPDATE stock_levels SET available = 4 WHERE install_id = $1`, store.shop.installId);
    const commit = () => fixture.call(store.shop, "POST", `/reservations/${id}/commit`, { paymentReference: "late" });
    await fixture.house.settings(store.shop, (settings) => ({ ...settings, reservations: { ...settings.reservations, waitMs: 0 } }));
    expect(codeOf(await commit())).toBe("503 stock_unconfirmed");
    expect(await fixture.call(store.shop, "GET", `/reservations/${id}`)).toMatchObject({ body: { state: "expired", refundRequired: false } });
    await database.execute(`UPDATE stock_blocks SET held = 4, growing = 0 WHERE install_id = $1`, store.shop.installId);
    expect(await commit()).toMatchObject({ status: 200, body: { state: "committed", late: true } });
  });
});

describe("the wait for a block", () => {
  it("asks one question for a thousand who wait, and wakes only as many as there are units", async () => {
    const timers: { ms: number; fn: () => void }[] = [];
    let questions = 0;
    let free = 0;
    const clock = {
      setTimer(ms: number, fn: () => void) {
        const timer = { ms, fn };
        timers.push(timer);
        return { cancel: () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0) };
      },
    };
    const view = {
      states: (places: readonly { installId: bigint; inventoryItemId: string; locationId: string }[]) => {
        questions += 1;
        return Promise.resolve(places.map((place) => ({ ...place, available: 0, observedAt: new Date(0), stocked: true, held: free, granted: 0, settling: 0, leaving: 0, growing: 5 })));
      },
    };
    const watch = createBlockWatch({ view, clock, logger: { warn: () => undefined } });
    const waits = Array.from({ length: 1_000 }, () => watch.wait({ installId: 1n, lines: [{ inventoryItemId: "1", locationId: "2", requested: 1 }] }, { ms: 9_000 }));
    const look = async () => {
      const due = timers.filter((timer) => timer.ms < 9_000);
      for (const timer of due) timers.splice(timers.indexOf(timer), 1);
      for (const timer of due) timer.fn();
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    await look();
    expect([questions, watch.waitingCount]).toEqual([1, 1_000]);
    free = 7;
    await look();
    expect([questions, watch.waitingCount]).toEqual([2, 993]);
    expect(await Promise.all(waits.slice(0, 7))).toEqual(Array.from({ length: 7 }, () => "ask_again"));
  });
});

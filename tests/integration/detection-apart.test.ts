// What is promised beyond stock and may be: listed apart, and never an incident or an alert.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { apartEndpoint } from "#app/api/apart-endpoint.server.ts";
import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";
import { detectionStage, idOf } from "./detection-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const { shopWithMug, sell, judged, oversells, alerts } = detectionStage(() => house);

interface Listed {
  items: { inventoryItemId: string; reason: string; unitsOpen: number; orderCount: number; orders: { orderId: string; units: number }[]; locations: { available: number | null }[] }[];
  nextCursor: string | null;
}

async function listed({ installId }: HouseShop, query = "") {
  const created = await house.composed.apiTokenStore.create({ installId, label: "test", actor: "staff:1" });
  const token = created.kind === "created" ? created.token : "";
  const request = new Request(`http://app.test/api/v1/oversells/apart${query}`, { headers: { Authorization: `Bearer ${token}` } });
  const response = await apartEndpoint({ request, params: {} }, () => ({ ...house.composed, rateLimiter: { take: () => ({ kind: "allowed" }) } }));
  return (await response.json()) as Listed;
}

describe("what may be sold beyond stock", () => {
  it("is listed apart where the variant may go on selling, and is an oversell where the merchant says so", async () => {
    const { shop, mug } = await shopWithMug([1], undefined, { inventoryPolicy: "CONTINUE" });
    const placed = sell(shop, mug.variantId, 3);
    await judged(shop);
    expect(await oversells(shop)).toEqual([]);
    expect(await alerts(shop)).toEqual([]);
    expect(await listed(shop)).toEqual({
      items: [
        expect.objectContaining({
          inventoryItemId: mug.inventoryItemId,
          reason: "continue",
          unitsOpen: 3,
          orderCount: 1,
          orders: [expect.objectContaining({ orderId: placed.orderId, units: 3 })],
          locations: [expect.objectContaining({ available: -2 })],
        }),
      ],
      nextCursor: null,
    });
    await house.settings(shop, (settings) => ({ ...settings, oversell: { ...settings.oversell, ignoreContinuePolicy: false } }));
    sell(shop, mug.variantId, 1);
    await judged(shop);
    expect(await oversells(shop)).toMatchObject([{ kind: "oversold", depth: 3 }]);
    expect((await listed(shop)).items).toEqual([]);
  });

  it("is listed apart where Shopify keeps no count", async () => {
    const { shop, mug } = await shopWithMug([1], undefined, { tracked: false });
    sell(shop, mug.variantId, 5);
    await judged(shop);
    expect(await oversells(shop)).toEqual([]);
    expect(await listed(shop)).toMatchObject({ items: [{ inventoryItemId: mug.inventoryItemId, reason: "untracked", unitsOpen: 5 }] });
    expect((await listed(shop, `?inventoryItemId=${idOf(mug.inventoryItemId)}9`)).items).toEqual([]);
  });

  it("is listed apart where it is a gift card", async () => {
    const { shop } = await shopWithMug();
    const [locationId = ""] = shop.locationIds;
    const [card] = house.simulator.control.createProduct(shop.shop, { title: "Card", giftCard: true, variants: [{ sku: "CARD", tracked: false, levels: [{ locationId, available: 0 }] }] }).variants;
    if (!card) throw new Error("the product has a variant");
    sell(shop, card.variantId, 2);
    await judged(shop);
    expect(await oversells(shop)).toEqual([]);
    expect(await listed(shop)).toMatchObject({ items: [{ inventoryItemId: card.inventoryItemId, reason: "gift_card" }] });
  });

  it("is not listed while there is enough, and is no other shop's business", async () => {
    const { shop, mug } = await shopWithMug([5], undefined, { inventoryPolicy: "CONTINUE" });
    sell(shop, mug.variantId, 3);
    await judged(shop);
    expect((await listed(shop)).items).toEqual([]);
    sell(shop, mug.variantId, 3);
    await judged(shop);
    expect((await listed(shop)).items).toHaveLength(1);
    expect((await listed((await shopWithMug()).shop)).items).toEqual([]);
  });
});

describe("a preorder", () => {
  const PREORDER = { name: "Ships in May", category: "PRE_ORDER" as const };
  const MONTHLY = { name: "Every month", category: "SUBSCRIPTION" as const };
  type Orders = House["composed"]["detection"]["shopifyOrders"];

  /** Detection's reads of selling plans, counted; `over` takes their place. */
  function counting(over: Partial<Orders> = {}) {
    const reads: string[] = [];
    const real: Orders = { ...house.composed.detection.shopifyOrders, ...over };
    const shopifyOrders: Orders = {
      ...real,
      readSoldByPlan: (context, ids) => (reads.push(`variants ${ids.length}`), real.readSoldByPlan(context, ids)),
      readPreorders: (context, ids) => (reads.push(`lines ${ids.length}`), real.readPreorders(context, ids)),
    };
    return { reads, shopifyOrders };
  }
  const noneByPlan: Orders["readSoldByPlan"] = async (_, ids) => ({ kind: "ok", found: [], missing: [...ids], cost: null });

  it("of a variant that may not go on selling is named short where nobody asks for its plan", async () => {
    const { shop, mug, planIds } = await shopWithMug([1], undefined, {}, [PREORDER]);
    sell(shop, mug.variantId, 3, { sellingPlanId: planIds[0] });
    await judged(shop, counting({ readSoldByPlan: noneByPlan }));
    expect(await oversells(shop)).toMatchObject([{ kind: "oversold", depth: 2, orders: [{ unitsShort: 2, verdict: "short" }] }]);
  });

  it("makes no oversell and is listed apart", async () => {
    const { shop, mug, planIds } = await shopWithMug([1], undefined, {}, [PREORDER]);
    const placed = sell(shop, mug.variantId, 3, { sellingPlanId: planIds[0] });
    await judged(shop);
    expect(await oversells(shop)).toEqual([]);
    expect(await alerts(shop)).toEqual([]);
    expect(await listed(shop)).toMatchObject({
      items: [{ inventoryItemId: mug.inventoryItemId, reason: "preorder", unitsOpen: 3, orders: [{ orderId: placed.orderId, units: 3 }], locations: [{ available: -2 }] }],
    });
  });

  it("is not what an order beside it is short of, and stays one whatever is told of its order later", async () => {
    const { shop, mug, planIds } = await shopWithMug([1], undefined, {}, [MONTHLY, PREORDER]);
    const [monthly, preorder] = planIds;
    const kept = sell(shop, mug.variantId, 2, { sellingPlanId: preorder, paid: false });
    sell(shop, mug.variantId, 1);
    const short = sell(shop, mug.variantId, 2, { sellingPlanId: monthly });
    await judged(shop);
    house.simulator.control.payOrder(shop.shop, kept.orderId);
    await judged(shop);
    const [found, ...more] = await oversells(shop);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ depth: 2, short: 2 });
    expect(found?.orders.map(({ orderId, unitsShort, verdict }) => [orderId, unitsShort, verdict])).toEqual([
      [idOf(kept.orderId), 0, "exempt"],
      [expect.any(String), 0, "served"],
      [idOf(short.orderId), 2, "short"],
    ]);
  });

  it("costs nothing while there is enough; then a variant is asked once, and a line only where plans sell it", async () => {
    const plain = await shopWithMug([1]);
    const byPlan = await shopWithMug([1], undefined, {}, [PREORDER]);
    const { reads, shopifyOrders } = counting();
    for (const { shop, mug } of [plain, byPlan]) {
      sell(shop, mug.variantId, 1);
      await judged(shop, { shopifyOrders });
    }
    expect(reads).toEqual([]);
    for (const { shop, mug } of [plain, plain, byPlan, byPlan]) {
      sell(shop, mug.variantId, 1);
      await judged(shop, { shopifyOrders });
    }
    expect(reads).toEqual(["variants 1", "variants 1", "lines 2", "lines 1"]);
  });

  it("is waited for where its item is known to be sold by plans, and holds nothing up where that cannot be asked", async () => {
    const { shop, mug, planIds } = await shopWithMug([1], undefined, {}, [PREORDER]);
    const away = () => Promise.resolve({ kind: "unknown" as const, stage: "not_sent" as const, cause: "away" });
    const nothing = () => Promise.reject(new Error("not to be asked"));
    sell(shop, mug.variantId, 3, { sellingPlanId: planIds[0] });
    await judged(shop, counting({ readPreorders: away }));
    expect(await oversells(shop)).toEqual([]);
    expect((await listed(shop)).items).toEqual([]);
    // As if the lease had run out.
    await house.composed.database.execute(`UPDATE stock_judgements SET taken_until = now() WHERE install_id = $1`, shop.installId);
    await judged(shop);
    expect(await oversells(shop)).toEqual([]);
    expect((await listed(shop)).items).toMatchObject([{ reason: "preorder" }]);
    const other = await shopWithMug([1], undefined, {}, [PREORDER]);
    sell(other.shop, other.mug.variantId, 3);
    await judged(other.shop, counting({ readSoldByPlan: away, readPreorders: nothing }));
    expect(await oversells(other.shop)).toMatchObject([{ depth: 2 }]);
  });
});

describe("what Shopify says of selling plans", () => {
  it("is read within the points set aside: of variants, and of lines whose plan is none, another kind's, or a preorder's that takes its units now or later", async () => {
    const { shop, mug, planIds } = await shopWithMug([9], undefined, {}, [
      { name: "Ships in May", category: "PRE_ORDER" },
      { name: "Ships when it is there", category: "PRE_ORDER", reserve: "ON_FULFILLMENT" },
      { name: "Every month", category: "SUBSCRIPTION" },
    ]);
    const plain = await shopWithMug([1]);
    const { shopifyOrders: shopify } = house.composed.detection;
    const context = { shop: shop.shop };
    const sold = await shopify.readSoldByPlan(context, [idOf(mug.variantId), "12345"]);
    expect(sold).toMatchObject({ kind: "ok", found: [{ variantId: idOf(mug.variantId), soldByPlan: true }], missing: ["12345"] });
    expect(await shopify.readSoldByPlan({ shop: plain.shop.shop }, [idOf(plain.mug.variantId)])).toMatchObject({ found: [{ soldByPlan: false }] });
    const lineIds = [...planIds, undefined].map((sellingPlanId) => idOf(sell(shop, mug.variantId, 1, { sellingPlanId }).lines[0]?.lineItemId ?? ""));
    const lines = await shopify.readPreorders(context, [...lineIds, "12345"]);
    const [now, later, monthly, none] = lineIds;
    expect(lines).toMatchObject({
      kind: "ok",
      found: [{ lineId: now, preorder: "on_sale" }, { lineId: later, preorder: "on_fulfilment" }, { lineId: monthly, preorder: null }, { lineId: none, preorder: null }],
      missing: ["12345"],
    });
    for (const [read, estimate] of [[sold, shopify.limits.soldByPlan.estimateCost(2)], [lines, shopify.limits.preorders.estimateCost(5)]] as const) {
      expect(read.kind === "ok" ? read.cost?.requested : null).toBeLessThanOrEqual(estimate);
    }
  });
});

describe("a sale that is told of late", () => {
  it("is why those who bought meanwhile are short, although the till has handed it over", async () => {
    const { shop, mug } = await shopWithMug([2]);
    house.simulator.control.sellOffline(shop.shop, { lines: [{ variantId: mug.variantId, quantity: 2 }], locationId: shop.locationIds[0] ?? "" });
    house.simulator.control.setClock({ advanceMs: 1_800_000 });
    const short = sell(shop, mug.variantId, 2);
    house.simulator.control.setClock({ advanceMs: 3_600_000 });
    await judged(shop);
    const [found] = await oversells(shop);
    expect(found).toMatchObject({ depth: 2, short: 2, cause: "late_notification" });
    expect(found?.orders.filter(({ unitsShort }) => unitsShort > 0)).toMatchObject([{ orderId: idOf(short.orderId) }]);
  });
});

describe("what operators count", () => {
  it("is each incident that opened and closed, by its kind", async () => {
    const { shop, mug } = await shopWithMug([1]);
    const counted: string[] = [];
    const metrics = { ...house.composed.detection.metrics, oversell: (kind: string, stage: string) => void counted.push(`${kind} ${stage}`) };
    sell(shop, mug.variantId, 3);
    for (let time = 0; time < 2; time += 1) await judged(shop, { metrics });
    expect(counted).toEqual(["oversold opened"]);
    house.simulator.control.adjustLevel(shop.shop, { inventoryItemId: mug.inventoryItemId, locationId: shop.locationIds[0] ?? "", delta: 9, writer: "receipt" });
    await judged(shop, { metrics });
    expect(counted).toEqual(["oversold opened", "oversold closed"]);
  });
});

/** An order of two mugs, applied, that detection has taken and written nothing of yet. */
async function takenOrder() {
  const { shop, mug } = await shopWithMug([9]);
  sell(shop, mug.variantId, 2);
  await house.settle(shop.shop);
  const [taken] = await house.composed.detection.detectionOrders.take(10, 60_000);
  if (!taken) throw new Error("no order has news");
  return { shop, mug, taken };
}

describe("an order that its shop's turn has locked when what was made of it is written", () => {
  it("is due again as soon as the turn is done with it, and not only when its lease is over", async () => {
    const { shop, taken } = await takenOrder();
    const { database, detection: { detectionOrders } } = house.composed;
    const [locked, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const turn = database.transaction(async (tx) => {
      await tx.query(`SELECT 1 FROM orders WHERE id = $1 FOR UPDATE`, taken.rowId);
      locked.resolve();
      await letGo.promise;
    });
    await locked.promise;
    const recording = detectionOrders.record(shop.installId, [{ ...taken, items: [], effects: [] }]);
    await expect.poll(() => database.query(`SELECT 1 AS waits FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).toHaveLength(1);
    letGo.resolve();
    await turn;
    expect(await recording).toBe(0);
    expect((await detectionOrders.take(10, 60_000)).map(({ orderId }) => orderId)).toEqual([taken.orderId]);
  });
});

describe("an order that is merged while it is looked at", () => {
  it("is looked at again: what was made of its older state is dropped", async () => {
    const { shop, mug, taken } = await takenOrder();
    const { database, detection: { detectionOrders } } = house.composed;
    const facts = { ...taken, items: [], effects: [{ key: "order:old", kind: "order" as const, lineId: "1", inventoryItemId: idOf(mug.inventoryItemId), locationId: null, delta: -7, at: "2026-11-22T00:00:00Z", eventId: null, expected: true }] };
    await database.execute(`UPDATE orders SET detect_at = now() WHERE id = $1`, taken.rowId);
    expect(await detectionOrders.record(shop.installId, [facts])).toBe(0);
    expect(await database.query(`SELECT 1 FROM stock_effects WHERE install_id = $1`, shop.installId)).toEqual([]);
    await judged(shop);
    expect(await database.query(`SELECT delta FROM stock_effects WHERE install_id = $1`, shop.installId)).toEqual([{ delta: -2 }]);
  });
});

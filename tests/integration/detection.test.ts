// Detection through the whole house: what is seen of stock, who changed it, what is oversold, who is short.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { holdFulfilment, releaseFulfilment } from "#app/detection/act-on-oversell.server.ts";
import { detect } from "#app/detection/detect.server.ts";
import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function shopWithMug(available: readonly number[] = [5], scopes: readonly string[] = ["write_inventory"]) {
  const shop = await house.openShop({ locations: available.length, scopes });
  const product = house.simulator.control.createProduct(shop.shop, {
    title: "Mug",
    variants: [{ sku: "MUG", levels: shop.locationIds.map((locationId, index) => ({ locationId, available: available[index] ?? 0 })) }],
  });
  const [mug] = product.variants;
  if (!mug) throw new Error("the product has a variant");
  return { shop, mug };
}

function sell(shop: HouseShop, variantId: string, quantity = 1, options: { channel?: "web" | "api"; inventoryBehaviour?: "DECREMENT_IGNORING_POLICY" | "BYPASS" } = {}) {
  const placed = house.simulator.control.placeOrder(shop.shop, {
    channel: "api",
    sourceName: "web",
    inventoryBehaviour: "DECREMENT_IGNORING_POLICY",
    lines: [{ variantId, quantity }],
    ...options,
  });
  if ("refused" in placed) throw new Error("the order was refused");
  return placed;
}

const idOf = (gid: string) => gid.slice(gid.lastIndexOf("/") + 1);

/** As if what is told to wait had waited. */
async function judged({ shop, installId }: HouseShop) {
  await house.settle(shop);
  const { database, detection } = house.composed;
  const failing = (facts: object) => {
    throw new Error("detection reported a failure", { cause: facts });
  };
  const ports = { ...detection, logger: { ...detection.logger, error: failing } };
  for (let round = 0; round < 20; round += 1) {
    await database.execute(`UPDATE stock_judgements SET due_at = now() WHERE install_id = $1 AND due_at < 'infinity'`, installId);
    const { orderCount, stockCount } = await detect(ports, new AbortController().signal);
    if (orderCount + stockCount === 0) return;
  }
  throw new Error("detection finds no end");
}

const observations = ({ installId }: HouseShop) =>
  house.composed.database.query<{ available: number | null; verdict: string | null; foreign_delta: number | null; seen_by: string }>(
    `SELECT available, verdict, foreign_delta, seen_by FROM stock_observations WHERE install_id = $1 ORDER BY at, id`,
    installId,
  );
interface OversellRow {
  kind: string;
  state: string;
  depth: number;
  short: number;
  cause: string;
  close_reason: string | null;
  orders: { orderId: string; unitsShort: number; verdict: string }[];
}
const oversells = ({ installId }: HouseShop) =>
  house.composed.database.query<OversellRow>(`SELECT kind, state, depth, short, cause, close_reason, orders FROM oversells WHERE install_id = $1 ORDER BY id`, installId);
const alerts = ({ installId }: HouseShop) =>
  house.composed.database.query<{ kind: string; stage: string; facts: { orders: { orderId: string; units: number }[]; depth: number } }>(
    `SELECT kind, stage, facts FROM alert_events WHERE install_id = $1 ORDER BY id`,
    installId,
  );

describe("oversells", () => {
  it("are opened by a native rush, name the latest orders as short, and alert once", async () => {
    const { shop, mug } = await shopWithMug([2]);
    const placed = [sell(shop, mug.variantId, 1), sell(shop, mug.variantId, 1), sell(shop, mug.variantId, 2)];
    await judged(shop);
    expect((await observations(shop)).map(({ verdict }) => verdict)).toEqual(["first", "none", "shopify_order", "shopify_order", "shopify_order"]);
    const [found, ...others] = await oversells(shop);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ kind: "oversold", state: "open", depth: 2, short: 2, cause: "two_sales" });
    expect(found?.orders.map(({ orderId, unitsShort }) => [orderId, unitsShort])).toEqual(placed.map(({ orderId }, index) => [idOf(orderId), index === 2 ? 2 : 0]));
    expect(await alerts(shop)).toMatchObject([{ kind: "oversell", stage: "opened", facts: { depth: 2, orders: [{ orderId: idOf(placed[2]?.orderId ?? ""), units: 2 }] } }]);
    await judged(shop);
    expect(await alerts(shop)).toHaveLength(1);
  });

  it("close by themselves when stock returns", async () => {
    const { shop, mug } = await shopWithMug([1]);
    sell(shop, mug.variantId, 3);
    await judged(shop);
    expect(await oversells(shop)).toMatchObject([{ state: "open", depth: 2 }]);
    house.simulator.control.adjustLevel(shop.shop, { inventoryItemId: mug.inventoryItemId, locationId: shop.locationIds[0] ?? "", delta: 10, writer: "receipt" });
    await judged(shop);
    expect(await oversells(shop)).toMatchObject([{ state: "closed", close_reason: "recounted" }]);
    expect((await alerts(shop)).map(({ stage }) => stage)).toEqual(["opened", "closed"]);
  });

  it("are a matter of moving stock when another location has it", async () => {
    const { shop, mug } = await shopWithMug([1, 5]);
    house.simulator.control.adjustLevel(shop.shop, { inventoryItemId: mug.inventoryItemId, locationId: shop.locationIds[0] ?? "", delta: -3, writer: "erp" });
    await judged(shop);
    expect(await oversells(shop)).toMatchObject([{ kind: "move_stock", depth: 2, short: 0 }]);
  });
});

describe("overwritten stock", () => {
  it("is found when another writer puts back a number from before the orders, and hides an oversell", async () => {
    const { shop, mug } = await shopWithMug([3]);
    const place = { inventoryItemId: mug.inventoryItemId, locationId: shop.locationIds[0] ?? "" };
    // Later than the stock's first second, in which `reserved` counts as changed, too.
    house.simulator.control.setClock({ advanceMs: 10_000 });
    house.simulator.control.adjustLevel(shop.shop, { ...place, delta: -1, writer: "erp" });
    sell(shop, mug.variantId, 1);
    sell(shop, mug.variantId, 1);
    house.simulator.control.setLevel(shop.shop, { ...place, available: 2, writer: "erp" });
    sell(shop, mug.variantId, 2);
    await judged(shop);
    const conflicts = await house.composed.database.query<{ units_at_risk: number; value_before: number; value_written: number; unseen: unknown[] }>(
      `SELECT units_at_risk, value_before, value_written, unseen FROM conflicts WHERE install_id = $1`,
      shop.installId,
    );
    expect(conflicts).toMatchObject([{ units_at_risk: 2, value_before: 0, value_written: 2, unseen: [{ units: 1 }, { units: 1 }] }]);
    expect(await oversells(shop)).toMatchObject([{ kind: "likely_oversold", depth: 2, cause: "foreign_write" }]);
  });
});

describe("the mirror", () => {
  it("keeps the later of two changes of one second", async () => {
    const { shop, mug } = await shopWithMug([9]);
    const place = { inventoryItemId: mug.inventoryItemId, locationId: shop.locationIds[0] ?? "" };
    for (let left = 8; left > 0; left -= 1) {
      house.simulator.control.setLevel(shop.shop, { ...place, available: left, writer: "erp" });
      await house.settle(shop.shop);
    }
    const levels = await house.composed.database.query(`SELECT available FROM stock_levels WHERE install_id = $1`, shop.installId);
    expect(levels).toEqual([{ available: 1 }]);
  });
});

describe("the fulfilment of an order that is short", () => {
  const holdsIn = async (shop: HouseShop, orderId: string) => {
    const read = await house.composed.detection.holds.readPlaces({ shop: shop.shop, accessToken: null }, idOf(orderId));
    return read.kind === "ok" ? read.places.flatMap(({ holds }) => holds) : read;
  };
  const audit = ({ installId }: HouseShop) =>
    house.composed.database.query<{ kind: string; actor: string }>(`SELECT kind, actor FROM audit_entries WHERE install_id = $1 AND kind LIKE 'fulfilment_hold%' ORDER BY id`, installId);

  async function oversold(change?: Parameters<House["settings"]>[1]) {
    const made = await shopWithMug([1], ["write_inventory", "write_merchant_managed_fulfillment_orders"]);
    if (change) await house.settings(made.shop, change);
    const [served, short] = [sell(made.shop, made.mug.variantId, 1), sell(made.shop, made.mug.variantId, 1)];
    await judged(made.shop);
    const [row] = await house.composed.database.query<{ id: bigint }>(`SELECT id FROM oversells WHERE install_id = $1`, made.shop.installId);
    if (!row) throw new Error("nothing is oversold");
    return { ...made, served, short, request: { installId: made.shop.installId, shop: made.shop.shop, oversellId: row.id, orderId: idOf(short.orderId), actor: "operator", accessToken: null } };
  }

  it("is held once and released once, however often a person asks", async () => {
    const { shop, served, short, request } = await oversold();
    const { detection } = house.composed;
    for (let time = 0; time < 3; time += 1) expect(await holdFulfilment(detection, request)).toMatchObject({ kind: "done" });
    expect(await holdsIn(shop, short.orderId)).toHaveLength(1);
    expect(await holdsIn(shop, served.orderId)).toEqual([]);
    for (let time = 0; time < 3; time += 1) expect(await releaseFulfilment(detection, request)).toMatchObject({ kind: "done" });
    expect(await holdsIn(shop, short.orderId)).toEqual([]);
    expect((await audit(shop)).map(({ kind }) => kind)).toEqual(["fulfilment_hold_held", "fulfilment_hold_released"]);
    expect(await holdFulfilment(detection, { ...request, orderId: idOf(served.orderId) })).toEqual({ kind: "not_found" });
  });

  it("is found held when whoever asked died before it heard the answer", async () => {
    const { shop, short, request } = await oversold();
    const { detection } = house.composed;
    const deaf = { ...detection, holdBook: { ...detection.holdBook, settle: () => Promise.reject(new Error("died")) } };
    await expect(holdFulfilment(deaf, request)).rejects.toThrow("died");
    expect(await holdFulfilment(detection, request)).toMatchObject({ kind: "done" });
    expect(await holdsIn(shop, short.orderId)).toHaveLength(1);
    expect(await audit(shop)).toMatchObject([{ kind: "fulfilment_hold_held" }]);
  });

  it("is held by itself only where the merchant switched that on, and not again once a person released it", async () => {
    const { shop, short, request } = await oversold((settings) => ({ ...settings, oversell: { ...settings.oversell, holdFulfilment: true } }));
    expect(await holdsIn(shop, short.orderId)).toHaveLength(1);
    expect(await audit(shop)).toMatchObject([{ kind: "fulfilment_hold_held", actor: "holdfast" }]);
    await releaseFulfilment(house.composed.detection, request);
    await judged(shop);
    expect(await holdsIn(shop, short.orderId)).toEqual([]);
    const watched = await oversold();
    expect(await holdsIn(watched.shop, watched.short.orderId)).toEqual([]);
  });
});

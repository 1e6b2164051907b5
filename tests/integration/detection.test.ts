// Detection through the whole house: what is seen of stock, who changed it, what is oversold, who is short.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { conflictsEndpoint } from "#app/api/conflicts-endpoint.server.ts";
import { oversellsEndpoint } from "#app/api/oversells-endpoint.server.ts";
import { holdFulfilment, releaseFulfilment } from "#app/detection/act-on-oversell.server.ts";
import type { DetectionPorts } from "#app/detection/detect.server.ts";
import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";
import { lookForMissed } from "#tests/setup/look-for-missed.ts";
import { NO_OPTIONS } from "../../cli/command.ts";
import { oversellsHandled, oversellsHold } from "../../cli/oversells.ts";
import { detectionStage, idOf } from "./detection-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const { shopWithMug, moment, sell, judged, observations, oversells, alerts } = detectionStage(() => house);

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

  it("are found when two notifications of one moment left the mirror with the older number: Shopify is asked, and without its answer nothing is found", async () => {
    const { shop, mug } = await shopWithMug([1]);
    sell(shop, mug.variantId, 3);
    await house.settle(shop.shop);
    const { database, detection } = house.composed;
    const tie = async () => {
      await database.execute(`UPDATE stock_observations SET at = (SELECT max(at) FROM stock_observations WHERE install_id = $1) WHERE install_id = $1`, shop.installId);
      await database.execute(`UPDATE stock_levels SET available = 1, observed_at = (SELECT max(at) FROM stock_observations WHERE install_id = $1) WHERE install_id = $1`, shop.installId);
    };
    await tie();
    const silent = { ...detection.shopifyInventory, readLevels: () => Promise.resolve({ kind: "unknown" as const, stage: "sent" as const, cause: "no answer" }) };
    await judged(shop, { shopifyInventory: silent });
    expect(await oversells(shop)).toEqual([]);
    // Nobody has to buy again for it: it is asked once more when the lease is over.
    await database.execute(`UPDATE stock_judgements SET taken_until = now() WHERE install_id = $1`, shop.installId);
    await judged(shop);
    expect(await oversells(shop)).toMatchObject([{ state: "open", depth: 2 }]);
  });

  it("are found when the last number was never told, but the order that moved it was: Shopify is asked, and without its answer nothing is found", async () => {
    const sellUntold = async (ports: Partial<DetectionPorts>) => {
      const { shop, mug } = await shopWithMug([2]);
      sell(shop, mug.variantId, 1);
      await house.settle(shop.shop);
      house.simulator.control.setClock({ advanceMs: 5_000 });
      house.simulator.control.planWebhooks({ seed: 3, loss: { rate: 1 } });
      sell(shop, mug.variantId, 3);
      house.simulator.control.planWebhooks({ seed: 3 });
      await lookForMissed(house, shop);
      await judged(shop, ports);
      return oversells(shop);
    };
    const { shopifyInventory } = house.composed.detection;
    const silent = { ...shopifyInventory, readLevels: () => Promise.resolve({ kind: "unknown" as const, stage: "sent" as const, cause: "no answer" }) };
    expect(await sellUntold({ shopifyInventory: silent })).toEqual([]);
    expect(await sellUntold({})).toMatchObject([{ state: "open", depth: 2 }]);
  });

  it("do not open when what puts it right was only not told yet, and do without the read that shows it", async () => {
    const put = async (ports: Partial<DetectionPorts>) => {
      const { shop, mug } = await shopWithMug([1]);
      sell(shop, mug.variantId, 3);
      await house.settle(shop.shop);
      house.simulator.control.planWebhooks({ seed: 3, loss: { rate: 1 } });
      house.simulator.control.setClock({ advanceMs: 5_000 });
      house.simulator.control.adjustLevel(shop.shop, { inventoryItemId: mug.inventoryItemId, locationId: shop.locationIds[0] ?? "", delta: 10, writer: "receipt" });
      house.simulator.control.planWebhooks({ seed: 3 });
      await judged(shop, ports);
      return oversells(shop);
    };
    expect(await put({})).toEqual([]);
    const { shopifyInventory } = house.composed.detection;
    const silent = { ...shopifyInventory, readLevels: () => Promise.resolve({ kind: "unknown" as const, stage: "sent" as const, cause: "no answer" }) };
    expect(await put({ shopifyInventory: silent })).toMatchObject([{ state: "open", depth: 2 }]);
  });

  it("leave the unpaid short first where the merchant says so", async () => {
    const { shop, mug } = await shopWithMug([1]);
    await house.settings(shop, (settings) => ({ ...settings, oversell: { ...settings.oversell, shortPolicy: "unpaid_first" } }));
    const unpaid = sell(shop, mug.variantId, 1, { paid: false });
    const paid = sell(shop, mug.variantId, 1);
    await judged(shop);
    const [found] = await oversells(shop);
    expect(found?.orders.map(({ orderId, unitsShort }) => [orderId, unitsShort])).toEqual([
      [idOf(unpaid.orderId), 1],
      [idOf(paid.orderId), 0],
    ]);
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
    moment();
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

  it("is held for the units that are short only, however often a person asks", async () => {
    const { shop, mug } = await shopWithMug([4], ["write_inventory", "write_merchant_managed_fulfillment_orders"]);
    const short = sell(shop, mug.variantId, 6);
    await judged(shop);
    const [row] = await house.composed.database.query<{ id: bigint }>(`SELECT id FROM oversells WHERE install_id = $1`, shop.installId);
    if (!row) throw new Error("nothing is oversold");
    const request = { installId: shop.installId, shop: shop.shop, oversellId: row.id, orderId: idOf(short.orderId), actor: "operator", accessToken: null };
    const { detection } = house.composed;
    for (let time = 0; time < 2; time += 1) expect(await holdFulfilment(detection, request)).toMatchObject({ kind: "done" });
    const read = await detection.holds.readPlaces({ shop: shop.shop, accessToken: null }, request.orderId);
    const places = read.kind === "ok" ? read.places.map(({ holds, lines }) => [holds.length, lines.map(({ remaining }) => remaining)]) : read;
    expect(places).toEqual([
      [1, [2]],
      [0, [4]],
    ]);
    house.simulator.control.fulfillOrder(shop.shop, short.orderId, { lines: [{ lineItemId: short.lines[0]?.lineItemId ?? "", quantity: 4 }] });
    expect(await releaseFulfilment(detection, request)).toMatchObject({ kind: "done" });
    expect(await holdsIn(shop, short.orderId)).toEqual([]);
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

describe("the operator, trying what would happen", () => {
  it.each([
    ["handled", oversellsHandled],
    ["hold", oversellsHold],
  ])("changes nothing: oversells %s --dry-run", async (_name, command) => {
    const { shop, mug } = await shopWithMug([1], ["write_inventory", "write_merchant_managed_fulfillment_orders"]);
    const [, short] = [sell(shop, mug.variantId, 1), sell(shop, mug.variantId, 1)];
    await judged(shop);
    const rows = () => house.composed.database.query<{ id: bigint; handled_at: Date | null; holds: number }>(
      `SELECT id, handled_at, (SELECT count(*)::int FROM fulfilment_holds h WHERE h.oversell_id = o.id) AS holds FROM oversells o WHERE install_id = $1`,
      shop.installId,
    );
    const [before] = await rows();
    const id = String(before?.id);
    const answer = await command.run({ composed: house.composed, options: { ...NO_OPTIONS, shop: shop.shop, id, ids: [id], order: short?.orderId, dryRun: true } });
    expect(answer).toMatchObject({ ok: true, value: { dryRun: true } });
    expect(await rows()).toEqual([before]);
    expect(before).toMatchObject({ handled_at: null, holds: 0 });
  });
});

describe("stock that Shopify does not know to be gone", () => {
  it("is oversold by a bypassed rush although Holdfast only watches", async () => {
    const { shop, mug } = await shopWithMug([2]);
    await house.settings(shop, (settings) => ({ ...settings, deduct: { ...settings.deduct, location: shop.locationIds[0] ?? "", sources: [{ sourceName: "my-channel", confirmedBypass: true }] } }));
    const placed = [1, 2].map((quantity) => sell(shop, mug.variantId, quantity, { sourceName: "my-channel", inventoryBehaviour: "BYPASS" }));
    await judged(shop);
    const [found] = await oversells(shop);
    expect(found).toMatchObject({ kind: "oversold", depth: 1, short: 1 });
    expect(found?.orders.filter(({ unitsShort }) => unitsShort > 0)).toMatchObject([{ orderId: idOf(placed[1]?.orderId ?? ""), unitsShort: 1 }]);
  });

  it("is oversold where a bundle and its component are sold from the same units", async () => {
    const shop = await house.openShop();
    const [locationId = ""] = shop.locationIds;
    const product = house.simulator.control.createProduct(shop.shop, {
      title: "Tea",
      variants: [
        { sku: "CUP", levels: [{ locationId, available: 3 }] },
        { sku: "SET", levels: [{ locationId, available: 100 }] },
      ],
    });
    const [cup, set] = product.variants;
    if (!cup || !set) throw new Error("the product has two variants");
    await house.settings(shop, (settings) => ({
      ...settings,
      deduct: { ...settings.deduct, location: locationId },
      bundles: [{ variantId: set.variantId, parentStock: "leave", components: [{ inventoryItemId: cup.inventoryItemId, quantity: 2 }] }],
    }));
    sell(shop, cup.variantId, 2);
    const bundled = sell(shop, set.variantId, 1);
    await judged(shop);
    const [found, ...others] = await oversells(shop);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ kind: "oversold", depth: 1, cause: "bundle" });
    expect(found?.orders.filter(({ unitsShort }) => unitsShort > 0)).toMatchObject([{ orderId: idOf(bundled.orderId), unitsShort: 1 }]);
  });
});

describe("notifications that come late and out of order", () => {
  it("lead to the same verdicts, and never move the mirror back", async () => {
    const { shop, mug } = await shopWithMug([6]);
    await judged(shop);
    house.simulator.control.planWebhooks({ seed: 7, reorder: { rate: 1, withinMs: 300 } });
    for (let count = 0; count < 5; count += 1) sell(shop, mug.variantId, 1);
    await judged(shop);
    house.simulator.control.planWebhooks({ seed: 7 });
    expect((await observations(shop)).map(({ available, verdict }) => [available, verdict])).toEqual([
      [6, "first"],
      [6, "none"],
      ...[5, 4, 3, 2, 1].map((available) => [available, "shopify_order"]),
    ]);
    expect(await house.composed.database.query(`SELECT available FROM stock_levels WHERE install_id = $1`, shop.installId)).toEqual([{ available: 1 }]);
    expect(await oversells(shop)).toEqual([]);
  });
});

describe("an order that was told of a thousand times", () => {
  it("is looked at with the newest notification of each topic", async () => {
    const { shop, mug } = await shopWithMug([5]);
    const { orderId } = sell(shop, mug.variantId, 1);
    await house.settle(shop.shop);
    const { database, detection } = house.composed;
    await database.execute(
      `INSERT INTO deliveries SELECT (jsonb_populate_record(d, jsonb_build_object('id', nextval('deliveries_id_seq'), 'webhook_id', d.webhook_id || '-' || n, 'event_id', 'event ' || n))).*
       FROM deliveries d, generate_series(1, 1000) AS n WHERE d.install_id = $1 AND d.topic = 'orders/create' ORDER BY n`,
      shop.installId,
    );
    await database.execute(`UPDATE orders SET detect_at = now() WHERE install_id = $1`, shop.installId);
    const taken = (await detection.detectionOrders.take(100, 1_000)).find((order) => order.installId === shop.installId && order.orderId === idOf(orderId));
    expect(taken?.told.filter(({ topic }) => topic === "orders/create")).toEqual([{ topic: "orders/create", eventId: "event 1000", refundId: null }]);
    expect(taken?.told.length).toBeLessThan(10);
  });
});

describe("an order of its own accord", () => {
  it("that is cancelled ends the oversell it was short in", async () => {
    const { shop, mug } = await shopWithMug([1]);
    sell(shop, mug.variantId, 1);
    const short = sell(shop, mug.variantId, 1);
    await judged(shop);
    expect(await oversells(shop)).toMatchObject([{ state: "open" }]);
    house.simulator.control.cancelOrder(shop.shop, short.orderId, { restock: true });
    await judged(shop);
    expect(await oversells(shop)).toMatchObject([{ state: "closed", close_reason: "orders_gone" }]);
    expect((await observations(shop)).at(-1)).toMatchObject({ verdict: "restock", foreign_delta: 0 });
  });
});

describe("GET /api/v1/oversells and /api/v1/conflicts", () => {
  it("show one shop's own by gid, and refuse what they do not know", async () => {
    const { shop, mug } = await shopWithMug([1]);
    const other = await house.openShop();
    const short = sell(shop, mug.variantId, 2);
    await judged(shop);
    const call = async ({ installId }: HouseShop, endpoint: typeof oversellsEndpoint, query = "") => {
      const created = await house.composed.apiTokenStore.create({ installId, label: "test", actor: "staff:1" });
      const token = created.kind === "created" ? created.token : "";
      const request = new Request(`http://app.test/api/v1/list${query}`, { headers: { Authorization: `Bearer ${token}` } });
      const response = await endpoint({ request, params: {} }, () => ({ ...house.composed, rateLimiter: { take: () => ({ kind: "allowed" }) } }));
      return { status: response.status, body: (await response.json()) as unknown };
    };
    expect(await call(shop, oversellsEndpoint)).toMatchObject({
      status: 200,
      body: { items: [{ kind: "oversold", state: "open", inventoryItemId: mug.inventoryItemId, sku: "MUG", depth: 1, orders: [{ orderId: short.orderId, unitsShort: 1, verdict: "short" }], handled: null, holds: [] }], nextCursor: null },
    });
    expect(await call(shop, oversellsEndpoint, "?state=closed")).toMatchObject({ status: 200, body: { items: [] } });
    expect(await call(other, oversellsEndpoint, "?state=all")).toMatchObject({ status: 200, body: { items: [] } });
    expect(await call(shop, conflictsEndpoint)).toMatchObject({ status: 200, body: { items: [], nextCursor: null } });
    expect(await call(shop, oversellsEndpoint, "?state=closing")).toMatchObject({ status: 400, body: { error: { code: "invalid_parameter" } } });
  });
});

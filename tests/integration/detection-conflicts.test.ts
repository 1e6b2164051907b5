// Overwritten stock through the whole house: what is one, what only looks like one, and when somebody is told.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";
import { detectionStage } from "./detection-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const { shopWithMug, moment, sell, judged, oversells, alerts } = detectionStage(() => house);

const conflicts = ({ installId }: HouseShop) =>
  house.composed.database.query<{ state: string; units_at_risk: number }>(`SELECT state, units_at_risk FROM conflicts WHERE install_id = $1 ORDER BY id`, installId);

/** As if a minute had gone by since it was found. */
const minuteLater = ({ installId }: HouseShop) => house.composed.database.execute(`UPDATE conflicts SET found_at = found_at - interval '61 seconds' WHERE install_id = $1`, installId);

const conflictAlerts = async (shop: HouseShop) => (await alerts(shop)).filter(({ kind }) => kind === "conflict").map(({ stage }) => stage);

/** A writer puts back the number from before two orders. */
async function overwritten(available = 10) {
  const { shop, mug } = await shopWithMug([available]);
  const place = { inventoryItemId: mug.inventoryItemId, locationId: shop.locationIds[0] ?? "" };
  // Later than the stock's first second, in which `reserved` counts as changed, too.
  house.simulator.control.setClock({ advanceMs: 10_000 });
  sell(shop, mug.variantId, 2);
  sell(shop, mug.variantId, 1);
  moment();
  house.simulator.control.setLevel(shop.shop, { ...place, available, writer: "erp" });
  await judged(shop);
  expect(await conflicts(shop)).toEqual([{ state: "open", units_at_risk: 3 }]);
  return { shop, mug, place };
}

describe("overwritten stock", () => {
  it("is told of once it has stood for a minute, and once", async () => {
    const counted: number[] = [];
    const { shop } = await overwritten();
    expect(await conflictAlerts(shop)).toEqual([]);
    await minuteLater(shop);
    const metrics = { ...house.composed.detection.metrics, conflict: (count = 1) => void counted.push(count) };
    for (let time = 0; time < 2; time += 1) await judged(shop, { metrics });
    expect(await conflictAlerts(shop)).toEqual(["opened"]);
    expect(counted).toEqual([1]);
  });

  it("is never told of when it was explained before that", async () => {
    const { shop } = await overwritten();
    // What a late notification of the writer's own doing amounts to: the change had an author after all.
    await house.composed.database.execute(
      `INSERT INTO stock_effects (install_id, effect_key, kind, inventory_item_id, location_id, delta, at, order_id, expected)
       SELECT install_id, 'restock:late', 'restock', inventory_item_id, location_id, 3, at, '1', true FROM conflicts WHERE install_id = $1`,
      shop.installId,
    );
    await house.composed.database.execute(
      `INSERT INTO stock_judgements (install_id, inventory_item_id, location_id, due_at, from_at) SELECT install_id, inventory_item_id, location_id, now(), at FROM conflicts WHERE install_id = $1`,
      shop.installId,
    );
    await judged(shop);
    await minuteLater(shop);
    await judged(shop);
    expect(await conflicts(shop)).toEqual([{ state: "explained", units_at_risk: 3 }]);
    expect(await conflictAlerts(shop)).toEqual([]);
  });

  it("stays hidden stock while somebody takes fewer than are hidden, and is none any more when somebody may have counted", async () => {
    const { shop, place } = await overwritten(4);
    house.simulator.control.setClock({ advanceMs: 10_000 });
    house.simulator.control.adjustLevel(shop.shop, { ...place, delta: -2, writer: "other-till" });
    await judged(shop);
    expect(await oversells(shop)).toMatchObject([{ kind: "likely_oversold", state: "open", depth: 1 }]);
    house.simulator.control.setClock({ advanceMs: 10_000 });
    house.simulator.control.setLevel(shop.shop, { ...place, available: 7, writer: "stock-take" });
    await judged(shop);
    expect(await oversells(shop)).toMatchObject([{ state: "closed", close_reason: "recounted" }]);
  });
});

describe("a draft order's reservation that lapses", () => {
  async function lapsed(over: Parameters<typeof judged>[1] = {}) {
    const { shop, mug } = await shopWithMug([10]);
    house.simulator.control.setClock({ advanceMs: 10_000 });
    // Reserved, and sold to two others while it is: when it lapses the number of before the second order is back.
    house.simulator.control.createDraft(shop.shop, { lines: [{ variantId: mug.variantId, quantity: 2 }], reserveForMs: 60_000 });
    sell(shop, mug.variantId, 1);
    moment();
    sell(shop, mug.variantId, 1);
    house.simulator.control.setClock({ advanceMs: 70_000 });
    await judged(shop, over);
    return conflicts(shop);
  }

  it("is no overwrite: what was reserved changed in the same moment", async () => {
    expect(await lapsed()).toEqual([]);
  });

  it("would be taken for one without the read that shows it", async () => {
    const { shopifyInventory } = house.composed.detection;
    const silent = { ...shopifyInventory, readLevels: () => Promise.resolve({ kind: "unknown" as const, stage: "sent" as const, cause: "no answer" }) };
    expect(await lapsed({ shopifyInventory: silent })).toMatchObject([{ state: "open", units_at_risk: 2 }]);
  });
});

// Goal: an operator can have a shop looked through at once, as far back as wanted, and be told before anything is taken in.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { lookForMissed } from "#tests/setup/look-for-missed.ts";
import { backfill } from "../../cli/backfill.ts";
import { NO_OPTIONS, type CommandOptions } from "../../cli/command.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** The command's clock runs ahead, so that what just happened is old enough to be looked for. */
function run(options: Partial<CommandOptions>) {
  const clock = { ...house.composed.clock, now: () => new Date(Date.now() + 600_000), setTimer: house.composed.clock.setTimer };
  const composed = { ...house.composed, clock, backfill: { ...house.composed.backfill, clock } };
  return backfill.run({ composed, options: { ...NO_OPTIONS, ...options } });
}

async function shopWithUntoldOrders(count: number): Promise<{ shop: HouseShop; item: string }> {
  const shop = await house.openShop();
  await house.protect(shop);
  const levels = [{ locationId: shop.locationIds[0] ?? "", available: 100 }];
  const [kettle] = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "K", levels }] }).variants;
  await house.delivered();
  house.simulator.control.planWebhooks({ seed: 1, loss: { rate: 1 } });
  for (let order = 0; order < count; order += 1) {
    house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: kettle?.variantId ?? "", quantity: 1 }] });
  }
  await house.delivered();
  house.simulator.control.planWebhooks({ seed: 1 });
  return { shop, item: kettle?.inventoryItemId ?? "" };
}

describe("holdfast backfill", () => {
  it("says with --dry-run what it would take in, and takes it in without", async () => {
    const { shop, item } = await shopWithUntoldOrders(7);
    expect((await run({ shop: shop.shop, dryRun: true })).value).toMatchObject({ dryRun: true, examined: 7, missed: 7, unseen: { length: 7 } });
    expect(await house.composed.database.query(`SELECT 1 FROM orders WHERE install_id = $1`, shop.installId)).toEqual([]);

    const answer = await run({ shop: shop.shop });
    expect(answer).toMatchObject({ ok: true, value: { examined: 7, missed: 7 } });
    expect(answer.text).toContain("7 orders whose notifications never came were taken in");
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, item)).toBe(-7);
    expect(await house.composed.database.query(`SELECT actor FROM audit_entries WHERE install_id = $1 AND kind = 'missed_orders_found'`, shop.installId)).toEqual([{ actor: "operator" }]);
    expect((await run({ shop: shop.shop, since: "2020-01-01" })).value).toMatchObject({ examined: 7, missed: 0 });
  });

  it("goes back to --since, behind what the worker has looked through, and leaves the worker's place alone", async () => {
    const { shop } = await shopWithUntoldOrders(1);
    const { shopifyOrders } = house.composed.backfill;
    // The worker passed by while Shopify said that the order was not there.
    await lookForMissed(house, shop, { ports: { shopifyOrders: { ...shopifyOrders, readOrders: (_context, missing) => Promise.resolve({ kind: "ok", found: [], missing, cost: null }) } } });
    const before = await house.composed.backfill.scans.find(shop.shop);
    expect((await run({ shop: shop.shop, since: new Date(Date.now() - 60_000).toISOString() })).value).toMatchObject({ missed: 1 });
    expect(await house.composed.backfill.scans.find(shop.shop)).toEqual(before);
  });

  it("refuses a time that is none, and a shop that is not there", async () => {
    const { shop } = await shopWithUntoldOrders(0);
    await expect(run({ shop: shop.shop, since: "yesterday" })).rejects.toThrow("--since yesterday is no time");
    await expect(run({ shop: "nobody.myshopify.com" })).rejects.toThrow("not installed");
  });
});

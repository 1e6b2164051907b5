// Goal: holds that the merchant wants without asking are tried within bounds: an order of which nothing can be held costs a read now and then, not one
// a second, and no shop's orders keep another's waiting. Method: real PostgreSQL and simulator; the ports to Shopify are counted, time is passed by
// moving its marks.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { holdAutomatically } from "#app/detection/act-on-oversell.server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { detectionStage, idOf } from "./detection-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => house.composed.database.execute(`UPDATE oversells SET state = 'closed', closed_at = now(), close_reason = 'moved' WHERE state = 'open'`));

const { shopWithMug, sell, judged } = detectionStage(() => house);
const HOLDING = ["write_inventory", "write_merchant_managed_fulfillment_orders"];
const signal = new AbortController().signal;

/** One unit, `short` orders too many; nothing is held until the merchant switches it on. */
async function oversold(short: number, scopes: readonly string[] = HOLDING) {
  const { shop, mug } = await shopWithMug([1], scopes);
  const placed = Array.from({ length: short + 1 }, () => sell(shop, mug.variantId, 1));
  await judged(shop);
  return { shop, orders: placed.slice(1).map(({ orderId }) => idOf(orderId)) };
}

const switchOn = (shop: HouseShop) => house.settings(shop, (settings) => ({ ...settings, oversell: { ...settings.oversell, holdFulfilment: true } }));

function counted(places: "as they are" | "none") {
  const { detection } = house.composed;
  const read: string[] = [];
  const holds: typeof detection.holds = {
    ...detection.holds,
    readPlaces(context, orderId) {
      read.push(orderId);
      return places === "none" ? Promise.resolve({ kind: "ok", places: [], cost: null }) : detection.holds.readPlaces(context, orderId);
    },
  };
  return { ports: { ...detection, holds }, read };
}

const passSeconds = ({ installId }: HouseShop, seconds: number) =>
  house.composed.database.execute(
    `UPDATE oversells SET hold_tries = (SELECT jsonb_object_agg(key, jsonb_set(value, '{dueAt}', to_jsonb((value->>'dueAt')::timestamptz - $2::int * interval '1 second'))) FROM jsonb_each(hold_tries))
     WHERE install_id = $1 AND hold_tries <> '{}'`,
    installId,
    seconds,
  );

/** As if no try were ever put off. */
const forgetTries = ({ installId }: HouseShop) => house.composed.database.execute(`UPDATE oversells SET hold_tries = '{}' WHERE install_id = $1`, installId);

describe("an order that is to be held without anybody asking", () => {
  it("and of which nothing can be held is read again after 15 s, and then ever later", async () => {
    const { shop, orders } = await oversold(1);
    await switchOn(shop);
    const unguarded = counted("none");
    for (let look = 0; look < 5; look += 1) {
      await holdAutomatically(unguarded.ports, signal);
      await forgetTries(shop);
    }
    expect(unguarded.read).toHaveLength(5);
    const { ports, read } = counted("none");
    for (let look = 0; look < 5; look += 1) await holdAutomatically(ports, signal);
    expect(read).toEqual(orders);
    await passSeconds(shop, 15);
    for (let look = 0; look < 5; look += 1) await holdAutomatically(ports, signal);
    expect(read).toHaveLength(2);
    await passSeconds(shop, 15);
    await holdAutomatically(ports, signal);
    expect(read).toHaveLength(2);
    await passSeconds(shop, 15);
    await holdAutomatically(ports, signal);
    expect(read).toHaveLength(3);
  });

  it("is held by the next try when its fulfilment orders came late", async () => {
    const { shop, orders } = await oversold(1);
    await switchOn(shop);
    await holdAutomatically(counted("none").ports, signal);
    await passSeconds(shop, 15);
    const { ports, read } = counted("as they are");
    for (let look = 0; look < 3; look += 1) await holdAutomatically(ports, signal);
    expect(read).toEqual(orders);
    const [hold] = await house.composed.database.query<{ state: string }>(`SELECT state FROM fulfilment_holds WHERE install_id = $1`, shop.installId);
    expect(hold).toEqual({ state: "held" });
  });

  it("does not wait behind the many of shops that may not hold, or of which nothing can be held", async () => {
    const mayNot = await oversold(25, ["write_inventory"]);
    const many = await oversold(25);
    const { shop, orders } = await oversold(1);
    for (const one of [mayNot.shop, many.shop, shop]) await switchOn(one);
    const { ports, read } = counted("none");
    await holdAutomatically(ports, signal);
    expect(read).toContain(orders[0]);
    expect(read).toHaveLength(20);
    expect(read.filter((id) => many.orders.includes(id))).toHaveLength(19);
    const [untried] = await house.composed.database.query<{ tries: object }>(`SELECT hold_tries AS tries FROM oversells WHERE install_id = $1 AND state = 'open'`, mayNot.shop.installId);
    expect(untried).toEqual({ tries: {} });
  });

  it.each([
    ["shop_inactive", "asked"],
    ["access_denied", "failed"],
  ] as const)("and that Shopify refused for a reason of the shop's (%s) is %s", async (reason, state) => {
    const { shop } = await oversold(1);
    await switchOn(shop);
    const { detection } = house.composed;
    await holdAutomatically({ ...detection, holds: { ...detection.holds, hold: () => Promise.resolve({ kind: "refused", reason, message: "" }) } }, signal);
    expect(await house.composed.database.query(`SELECT state FROM fulfilment_holds WHERE install_id = $1`, shop.installId)).toEqual([{ state }]);
  });

  it("is tried by one of two workers that look at the same moment", async () => {
    const { shop, orders } = await oversold(3);
    await switchOn(shop);
    const { ports, read } = counted("none");
    await Promise.all([holdAutomatically(ports, signal), holdAutomatically(ports, signal), holdAutomatically(ports, signal)]);
    expect(read.toSorted()).toEqual(orders.toSorted());
  });
});

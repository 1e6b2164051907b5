// Goal: Shopify signs bodies, not headers, so a signed body could be sent again under another shop's or another topic's name. It moves no
// stock in either shop: every id in it is looked up with the named shop's own token, and what the body is follows from its shape.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House } from "#tests/setup/house.ts";
import { openStore } from "./store-under-test.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

describe("a signed order", () => {
  it("under another installed shop's name moves no stock there, and none at home a second time", async () => {
    const home = await openStore(house);
    const abroad = await openStore(house);
    const placed = home.buy();
    await home.settle();
    const payload = house.simulator.control.order(home.shop.shop, placed.orderId);
    const sent = await house.simulator.control.sendWebhook({ shop: abroad.shop.shop, topic: "orders/create", payload });
    expect(sent.status).toBe(200);
    await abroad.settle();
    await home.settle();
    expect([home.moved(), abroad.moved()]).toEqual([-1, 0]);
    expect(await abroad.states()).toEqual(["parked:unknown_variant"]);
    await home.endsWell();
  });

  it.each(["refunds/create", "orders/edited", "inventory_levels/update", "inventory_items/update", "app/scopes_update", "app/uninstalled"])("under the name of %s changes nothing", async (topic) => {
    const store = await openStore(house);
    const placed = store.buy();
    await store.settle();
    const payload = house.simulator.control.order(store.shop.shop, placed.orderId);
    const sent = await house.simulator.control.sendWebhook({ shop: store.shop.shop, topic, payload });
    expect(sent.status).toBe(200);
    await store.settle();
    expect(store.moved()).toBe(-1);
    expect((await house.composed.installStore.active(store.shop.shop))?.installId).toBe(store.shop.installId);
    expect((await house.composed.settingsStore.current(store.shop.installId)).mode).toBe("enforce");
    await store.endsWell();
  });
});

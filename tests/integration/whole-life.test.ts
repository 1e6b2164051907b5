// Goal: from the first install to the last deletion Holdfast does what the merchant allows at each moment, says what it leaves behind, and can
// be left with nothing kept aside. Method: the simulated Shopify grants, withdraws, uninstalls and asks for deletion as Shopify does.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createBlockBook } from "#app/adapters/prisma/block-book.server.ts";
import { loadLeavingPage } from "#app/dashboard/leaving-page.server.ts";
import { isReadyToLeave } from "#app/dashboard/leaving-terms.ts";
import { holdFulfilment } from "#app/detection/act-on-oversell.server.ts";
import { releaseAllHolds } from "#app/reservations/release-all.server.ts";
import { openAppRoutes, type AppRoutes } from "#tests/setup/app-routes.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { unitsMoved } from "#tests/setup/ledger-and-truth.ts";

import { detectionStage, idOf } from "./detection-fixture.ts";
import { movesStage } from "./moves-fixture.ts";

const READS = ["read_orders", "read_products", "read_inventory", "read_locations", "read_merchant_managed_fulfillment_orders", "read_third_party_fulfillment_orders"];

/** Of the shop: may look at orders, and hold or release none. */
const LOOKER = "7003";

let house: House;
let app: AppRoutes;
beforeAll(async () => {
  house = await openHouse();
  app = await openAppRoutes(house);
});
afterAll(() => house.close());

const { sell, judged } = detectionStage(() => house);
const { openStore, ask, quantities, sql } = movesStage(() => house);

async function openKettles(scopes: readonly string[]) {
  const shop = await house.openShop({ scopes });
  const [kettle] = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "K", levels: [{ locationId: shop.locationIds[0] ?? "", available: 100 }] }] }).variants;
  if (kettle === undefined) throw new Error("the product has a variant");
  const buy = async () => {
    const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: kettle.variantId, quantity: 1 }] });
    if ("refused" in placed) throw new Error("the order was refused");
    await house.settle(shop.shop);
  };
  return { shop, buy, moved: (life: HouseShop = shop) => unitsMoved(house, life, kettle.inventoryItemId) };
}

const grant = async ({ shop }: HouseShop, scopes: readonly string[]) => {
  house.simulator.control.setScopes(shop, { granted: [...READS, ...scopes] });
  await house.settle(shop);
};
/** The rules are there; it still only watches. */
const nameSource = (shop: HouseShop) => house.settings(shop, (settings) => ({ ...settings, deduct: { ...settings.deduct, sources: [{ sourceName: "my-channel", confirmedBypass: true }] } }));
const statesOf = async ({ installId }: HouseShop) => (await sql<{ state: string }>(`SELECT state FROM changes WHERE install_id = $1 ORDER BY id`, installId)).map(({ state }) => state);
const modeOf = async ({ installId }: HouseShop) => (await house.composed.settingsStore.current(installId)).mode;
const rowsOf = async (installId: bigint) => {
  const [row] = await sql<{ count: number }>(`SELECT (SELECT count(*) FROM installs WHERE id = $1)::int + (SELECT count(*) FROM changes WHERE install_id = $1)::int + (SELECT count(*) FROM deliveries WHERE install_id = $1)::int AS count`, installId);
  return row?.count ?? 0;
};
const uninstall = async ({ shop }: HouseShop) => {
  house.simulator.control.uninstall(shop);
  await house.settle(shop);
};
const redact = async ({ shop }: HouseShop) => {
  house.simulator.control.sendCompliance(shop, { topic: "shop/redact" });
  await house.delivered();
  for (let round = 0; round < 3; round += 1) await house.composed.compliance.completeOpen(10, house.composed.shopify.lookForApp);
};

describe("an install that Shopify manages", () => {
  it("watches with what every install grants, acts with what is granted later, and watches again when that is withdrawn", async () => {
    const { shop, buy, moved } = await openKettles([]);
    expect((await house.composed.installStore.active(shop.shop))?.scopes.filter((scope) => scope.startsWith("write_"))).toEqual([]);
    await nameSource(shop);
    await buy();
    expect({ moved: moved(), states: await statesOf(shop) }).toEqual({ moved: 0, states: ["shadow"] });

    await grant(shop, ["write_inventory"]);
    await house.protect(shop);
    await buy();
    expect({ moved: moved(), mode: await modeOf(shop) }).toEqual({ moved: -1, mode: "enforce" });

    await grant(shop, []);
    await buy();
    expect(moved()).toBe(-1);
    expect(await modeOf(shop)).toBe("observe");

    // Nothing begins by itself again: the merchant switches protection on, and what waited then goes, once.
    await grant(shop, ["write_inventory"]);
    await buy();
    expect(await modeOf(shop)).toBe("observe");
    await house.settings(shop, (settings) => ({ ...settings, mode: "enforce" }));
    await buy();
    const states = await statesOf(shop);
    expect(states.filter((state) => state === "waiting" || state === "claimed")).toEqual([]);
    expect(moved()).toBe(-states.filter((state) => state === "applied").length);
  });
});

describe("an uninstall", () => {
  it("ends tokens, sessions and work; installed again before the deletion, a life of its own begins, and only the former one is deleted", async () => {
    const { shop, buy, moved } = await openKettles(["write_inventory"]);
    await house.protect(shop);
    await buy();
    await uninstall(shop);
    expect(await house.composed.installStore.active(shop.shop)).toBeNull();
    expect(await sql(`SELECT 1 FROM "Session" WHERE shop = $1`, shop.shop)).toEqual([]);
    await buy();
    expect({ moved: moved(), rows: (await statesOf(shop)).length }).toEqual({ moved: -1, rows: 1 });

    const again = { ...shop, installId: await house.install(shop.shop) };
    expect(await modeOf(again)).toBe("observe");
    await nameSource(again);
    await buy();
    expect({ moved: moved(again), states: await statesOf(again) }).toEqual({ moved: -1, states: ["shadow"] });
    await redact(shop);
    expect(await rowsOf(shop.installId)).toBe(0);
    expect(await rowsOf(again.installId)).toBeGreaterThan(1);
  });

  it("is followed by the deletion of everything; installed after it, nothing of before is known", async () => {
    const { shop, buy, moved } = await openKettles(["write_inventory"]);
    await house.protect(shop);
    await buy();
    await uninstall(shop);
    await redact(shop);
    expect(await rowsOf(shop.installId)).toBe(0);
    const again = { ...shop, installId: await house.install(shop.shop) };
    expect((await house.composed.settingsStore.current(again.installId)).version).toBe(1);
    await nameSource(again);
    await buy();
    expect({ moved: moved(again), states: await statesOf(again) }).toEqual({ moved: -1, states: ["shadow"] });
  });
});

describe("leaving in good order", () => {
  const person = async ({ shop }: HouseShop) => {
    const install = await house.composed.installStore.active(shop);
    if (install === null) throw new Error("it is installed");
    return install;
  };
  const page = async (shop: HouseShop) => loadLeavingPage({ dependencies: house.composed, install: await person(shop) });

  it("puts back on sale what is kept aside, so that an uninstall leaves nothing behind", async () => {
    const store = await openStore();
    await ask(store, 20);
    await house.settle(store.shop.shop);
    const before = await page(store.shop);
    expect({ held: before.holds.held, ready: isReadyToLeave(before), reserved: quantities(store).reserved }).toEqual({ held: 20, ready: false, reserved: 20 });
    await releaseAllHolds(house.composed.reservations, { install: await person(store.shop), actor: "staff:1" });
    await createBlockBook(house.composed.database).resizeDue(100);
    await house.settle(store.shop.shop);
    expect({ ready: isReadyToLeave(await page(store.shop)), now: quantities(store) }).toEqual({ ready: true, now: { available: 100, reserved: 0 } });
    await uninstall(store.shop);
    expect(await sql(`SELECT 1 FROM audit_entries WHERE install_id = $1 AND kind = 'units_stranded'`, store.shop.installId)).toEqual([]);
  });

  it("releases the orders that it holds, as the person who clicks, and says why it stopped where Shopify refuses", async () => {
    const shop = await house.openShop({ scopes: ["write_inventory", "write_merchant_managed_fulfillment_orders"] });
    const [mug] = house.simulator.control.createProduct(shop.shop, { title: "Mug", variants: [{ sku: "M", levels: [{ locationId: shop.locationIds[0] ?? "", available: 1 }] }] }).variants;
    const orders = Array.from({ length: 3 }, () => idOf(sell(shop, mug?.variantId ?? "").orderId)).slice(1);
    await judged(shop);
    const [oversell] = await sql<{ id: bigint }>(`SELECT id FROM oversells WHERE install_id = $1 AND state = 'open'`, shop.installId);
    const { detection } = house.composed;
    for (const orderId of orders) expect(await holdFulfilment(detection, { installId: shop.installId, shop: shop.shop, oversellId: oversell?.id ?? 0n, orderId, actor: "test", accessToken: null })).toMatchObject({ kind: "done" });
    expect(await page(shop)).toMatchObject({ heldOrderCount: 2, mayRelease: true });

    const route = app.routes.find(({ path }) => path === "/app/settings/leaving");
    if (route === undefined) throw new Error("there is the page");
    house.simulator.control.setStaff(shop.shop, { id: LOOKER, scopes: ["read_orders", "read_inventory", "write_inventory"] });
    const release = async (staff: { staff?: string }) => (await app.act(route, shop.shop, { intent: "release-orders" }, staff)).data;
    expect(await release({ staff: LOOKER })).toEqual({ kind: "orders_released", released: 0, stopped: { kind: "not_allowed" }, more: true });
    expect(await page(shop)).toMatchObject({ heldOrderCount: 2 });
    expect(await release({})).toEqual({ kind: "orders_released", released: 2, stopped: null, more: false });
    expect(isReadyToLeave(await page(shop))).toBe(true);
    expect(await release({})).toEqual({ kind: "orders_released", released: 0, stopped: null, more: false });
  });
});

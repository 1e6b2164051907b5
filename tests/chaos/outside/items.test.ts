// Goal: an item that cannot be changed stops alone, with Shopify's reason: gone, not stocked at the location, or the parent of a bundle.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House } from "#tests/setup/house.ts";
import { openStore, type StoreUnderTest } from "./store-under-test.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
afterEach(() => void house.simulator.control.setAssumptions({ unstockedLocation: "activate", failingBatchIsAllOrNothing: true }));

/** The first variant is a bundle of the merchant's whose only part is this item; the second is an ordinary one. */
async function partOfBundle(inventoryItemId: string): Promise<StoreUnderTest> {
  const store = await openStore(house, 2);
  await house.settings(store.shop, (settings) => ({
    ...settings,
    bundles: [{ variantId: store.variants[0]?.variantId ?? "", parentStock: "leave", components: [{ inventoryItemId, quantity: 1 }] }],
  }));
  return store;
}

async function soldBesideANeighbour(store: StoreUnderTest, parked: readonly string[]): Promise<void> {
  store.buy(0);
  store.buy(1);
  await store.settle();
  expect(store.moved(1)).toBe(-1);
  await store.endsWell(parked);
}

describe.each([true, false])("an item that Shopify refuses, where one bad entry refuses the whole call: %s", (failingBatchIsAllOrNothing) => {
  const refuseOnly = () => house.simulator.control.setAssumptions({ failingBatchIsAllOrNothing });

  it("is gone: its change is parked, its neighbour goes on", async () => {
    const store = await partOfBundle("gid://shopify/InventoryItem/999999999");
    refuseOnly();
    await soldBesideANeighbour(store, ["parked:refused:INVALID_INVENTORY_ITEM"]);
    expect(store.moved(1)).toBe(-1);
  });

  it("is the parent of a native bundle: Shopify derives its stock, its change is parked", async () => {
    const shop = await openStore(house);
    const locationId = shop.shop.locationIds[0] ?? "";
    const part = house.simulator.control.createProduct(shop.shop.shop, { title: "Part", variants: [{ sku: "P", levels: [{ locationId, available: 9 }] }] });
    const [partVariant] = part.variants;
    const parent = house.simulator.control.createProduct(shop.shop.shop, {
      title: "Set",
      variants: [{ sku: "SET", requiresComponents: true, components: [{ variantId: partVariant?.variantId ?? "", quantity: 1 }] }],
    });
    await house.settings(shop.shop, (settings) => ({
      ...settings,
      bundles: [{ variantId: shop.variants[0]?.variantId ?? "", parentStock: "leave", components: [{ inventoryItemId: parent.variants[0]?.inventoryItemId ?? "", quantity: 1 }] }],
    }));
    refuseOnly();
    shop.buy();
    await shop.settle();
    expect(await shop.states()).toEqual(["parked:refused:NON_MUTABLE_INVENTORY_ITEM"]);
    await shop.endsWell(["parked:refused:NON_MUTABLE_INVENTORY_ITEM"]);
  });

  it("is not stocked at the location: parked where Shopify refuses it, taken there where Shopify stocks it", async () => {
    for (const unstockedLocation of ["refuse", "activate"] as const) {
      const store = await openStore(house, 2);
      house.simulator.control.disconnectLevel(store.shop.shop, { inventoryItemId: store.variants[0]?.inventoryItemId ?? "", locationId: store.shop.locationIds[0] ?? "" });
      house.simulator.control.setAssumptions({ failingBatchIsAllOrNothing, unstockedLocation });
      await soldBesideANeighbour(store, unstockedLocation === "refuse" ? ["parked:refused:INVALID_LOCATION"] : []);
      expect(store.moved(0)).toBe(unstockedLocation === "refuse" ? 0 : -1);
    }
  });
});

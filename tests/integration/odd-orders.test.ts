// Goal: an order nobody should have sent is parked with its reason or settled without effect, and never stops its neighbours.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { orderBody } from "#tests/setup/webhook-request.ts";

let house: House;
let shop: HouseShop;
let variantId: string;
let inventoryItemId: string;
beforeAll(async () => {
  house = await openHouse();
  shop = await house.openShop();
  const { variants } = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "K", levels: [{ locationId: shop.locationIds[0] ?? "", available: 100 }] }] });
  variantId = variants[0]?.variantId ?? "";
  inventoryItemId = variants[0]?.inventoryItemId ?? "";
  // A fixed location: hand-made orders have no fulfilment order to ask for.
  await house.protect(shop, (settings) => ({ ...settings, deduct: { ...settings.deduct, location: shop.locationIds[0] ?? "" } }));
});
afterAll(() => house.close());

let nextId = 7_000_000_000;
const variantNumber = () => Number(variantId.split("/").at(-1));
const line = (over: Record<string, unknown>) => ({ id: (nextId += 1), variant_id: variantNumber(), sku: "K", name: "Kettle", quantity: 1, current_quantity: 1, variant_inventory_management: "shopify", ...over });

async function receive(lines: unknown[]): Promise<string> {
  const id = (nextId += 1);
  const payload = orderBody({ id, admin_graphql_api_id: `gid://shopify/Order/${id}`, name: `#${id}`, line_items: lines });
  await house.simulator.control.sendWebhook({ shop: shop.shop, topic: "orders/create", payload });
  await house.settle(shop.shop);
  return String(id);
}
const changesOf = (orderId: string) =>
  house.composed.database.query<{ state: string; reason: string | null; delta: number }>(`SELECT state, reason, delta FROM changes WHERE install_id = $1 AND order_id = $2 ORDER BY id`, shop.installId, orderId);

describe("an odd order", () => {
  it("without lines settles without effect", async () => {
    expect(await changesOf(await receive([]))).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a negative quantity", { quantity: -2, current_quantity: -2 }, "invalid_quantity"],
    ["a fractional quantity", { quantity: 1.5, current_quantity: 1.5 }, "invalid_quantity"],
    ["a quantity that is no number", { quantity: "three" }, "invalid_quantity"],
    ["an unknown variant", { variant_id: 123456789 }, "unknown_variant"],
  ])("with %s is parked with its reason, and the line beside it is applied", async (_case, odd, reason) => {
    const before = unitsMoved(house, shop, inventoryItemId);
    const changes = await changesOf(await receive([line(odd), line({})]));
    expect(changes.toSorted((a, b) => a.delta - b.delta)).toEqual([
      { state: "applied", reason: null, delta: -1 },
      { state: "parked", reason, delta: 0 },
    ]);
    expect(unitsMoved(house, shop, inventoryItemId)).toBe(before - 1);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("with a line that is no line at all is taken for what can be read of it", async () => {
    expect(await changesOf(await receive([null, 7, line({})]))).toMatchObject([{ state: "applied", delta: -1 }]);
  });
});

// Goal: orders that come while Shopify is waited for do not wait with it, and two calls for one item are never under way together. Method: the
// first turn's call is held open; the turns that follow are taken beside it, as the queue hands them out once it let the next one begin.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { takeTurn } from "#app/pipeline/take-turn.server.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { door } from "#tests/setup/turn-log.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function openShop() {
  const shop = await house.openShop();
  const levels = shop.locationIds.map((locationId) => ({ locationId, available: 100 }));
  const product = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "KETTLE", levels }, { sku: "LID", levels }] });
  const [kettle, lid] = product.variants;
  if (!kettle || !lid) throw new Error("the product has two variants");
  await house.protect(shop);
  return { shop, kettle, lid };
}

async function order(shop: HouseShop, variantId: string): Promise<void> {
  house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity: 1 }] });
  await house.delivered();
}

/** A turn whose call has reached Shopify and is not answered before `answer` opens. */
function turnWithHeldCall(shop: HouseShop, answer: ReturnType<typeof door>): { nextMayBegin: Promise<void>; ended: ReturnType<typeof takeTurn> } {
  const next = Promise.withResolvers<void>();
  const { turnPorts } = house.composed;
  const shopifyInventory: TurnPorts["shopifyInventory"] = {
    ...turnPorts.shopifyInventory,
    adjustQuantities: async (context, request) => {
      const result = await turnPorts.shopifyInventory.adjustQuantities(context, request);
      await answer.passed;
      return result;
    },
  };
  const ended = takeTurn({ ...turnPorts, shopifyInventory }, shop.shop, new AbortController().signal, next.resolve);
  return { nextMayBegin: next.promise, ended };
}

/** As the queue hands them out while they ask for another; what waits for the call that is under way must not have them ask for ever. */
async function turnsUntilNone({ shop }: HouseShop): Promise<void> {
  for (let count = 0; count < 5; count += 1) {
    if ((await house.turn(shop)).again !== "now") return;
    await house.delivered();
  }
  throw new Error("turns ask for another without end");
}

const states = async (shop: HouseShop) => (await house.composed.database.query<{ state: string }>(`SELECT state FROM changes WHERE install_id = $1 ORDER BY id`, shop.installId)).map(({ state }) => state);

describe("a turn beside one that waits for Shopify", () => {
  it("applies other items at once and leaves the item that is under way alone, whose next call the first turn asks for", async () => {
    const { shop, kettle, lid } = await openShop();
    // Where it is taken is known from the first orders on: what follows is one call each.
    await order(shop, kettle.variantId);
    await house.settle(shop.shop);
    const answer = door();
    await order(shop, kettle.variantId);
    const first = turnWithHeldCall(shop, answer);
    await first.nextMayBegin;
    await order(shop, lid.variantId);
    await order(shop, kettle.variantId);
    await turnsUntilNone(shop);
    expect(await states(shop)).toEqual(["applied", "claimed", "applied", "waiting"]);
    answer.open();
    expect(await first.ended).toEqual({ again: "now" });
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["applied", "applied", "applied", "applied"]);
    expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-3);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });
});

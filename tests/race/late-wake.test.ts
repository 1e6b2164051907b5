// Goal: an order whose commit and wake fall between a turn's last look for work and the turn's end is not lost, with the sweeper switched off.
// Method: the turn is held open after its last look; the webhook is delivered, committed and its wake sent; only then the turn ends.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { takeTurn } from "#app/pipeline/take-turn.server.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { createSweep } from "../../worker/sweeper.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

describe("a wake that comes after a turn's last look for work", () => {
  it("brings another turn when this one ends", async () => {
    const shop = await house.openShop();
    const { variants } = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "K", levels: [{ locationId: shop.locationIds[0] ?? "", available: 10 }] }] });
    const kettle = variants[0];
    if (!kettle) throw new Error("the product has a variant");
    await house.protect(shop);
    const place = () => house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: kettle.variantId, quantity: 1 }] });
    place();
    await house.delivered();

    const { waker, turnQueue, turnPorts } = house.composed;
    let placedLate = false;
    const bothApplied = Promise.withResolvers<void>();
    const runner = turnQueue.runTurns(
      async (domain, { signal }) => {
        const outcome = await takeTurn(turnPorts, domain, signal);
        if (outcome.again !== "now" && !placedLate) {
          // The last look has found nothing more. Now the next order arrives.
          placedLate = true;
          place();
          await house.delivered();
        }
        if (unitsMoved(house, shop, kettle.inventoryItemId) === -2) bothApplied.resolve();
        return outcome;
      },
      { concurrency: 2 },
    );
    await runner.ready();
    await waker.wake(shop.shop);
    await bothApplied.promise;
    await runner.stop({ timeoutMs: 10_000 });
    expect(placedLate).toBe(true);
  });
});

describe("a notification that nobody was woken for", () => {
  it("is found by the sweeper", async () => {
    const shop = await house.openShop();
    const { variants } = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "K", levels: [{ locationId: shop.locationIds[0] ?? "", available: 10 }] }] });
    await house.protect(shop);
    house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: variants[0]?.variantId ?? "", quantity: 1 }] });
    await house.delivered();
    const woken: string[] = [];
    const waker = { wakeMany: async (shops: readonly string[]) => (woken.push(...shops), { kind: "woken" as const }) };
    const sweep = createSweep({ installStore: house.composed.installStore, waker });
    await sweep();
    expect(woken).toContain(shop.shop);
    await house.settle(shop.shop);
    woken.length = 0;
    await sweep();
    expect(woken).not.toContain(shop.shop);
  });
});

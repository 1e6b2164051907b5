// Goal: a shop with a flash sale does not keep a quiet shop waiting. Method: one worker that takes one turn at a time; the big shop has
// many times a turn's bound waiting when the small shop's single order arrives; the order of turns is recorded.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ABSORB_DELIVERIES_MAX, INTAKE_ROUNDS_MAX } from "#app/pipeline/limits.ts";
import { takeTurn } from "#app/pipeline/take-turn.server.ts";
import { openHouse, type House } from "#tests/setup/house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** Deliveries of a level notice: the cheapest kind of work, so that the test measures turns and nothing else. */
async function deliver(shop: string, count: number): Promise<void> {
  await house.composed.database.execute(
    `INSERT INTO deliveries (install_id, shop, webhook_id, topic, payload, trace_id)
     SELECT installs.id, installs.shop, 'fair-' || installs.shop || n, 'inventory_items/update', '{"kind":"item","inventoryItemId":"1","sku":null,"tracked":null}'::jsonb, 't'
     FROM installs, generate_series(1, $2::int) AS n WHERE installs.shop = $1 AND installs.state = 'active'`,
    shop,
    count,
  );
}

describe("a shop with many times a turn's bound waiting", () => {
  it("lets a quiet shop's turn in after each of its own", async () => {
    const [big, small] = [await house.openShop(), await house.openShop()];
    const turnsOfBig = 4;
    await deliver(big.shop, ABSORB_DELIVERIES_MAX * INTAKE_ROUNDS_MAX * turnsOfBig);
    const { waker, turnQueue, turnPorts } = house.composed;
    const order: string[] = [];
    const done = Promise.withResolvers<void>();
    const runner = turnQueue.runTurns(
      async (shop, { signal }) => {
        const outcome = await takeTurn(turnPorts, shop, signal);
        order.push(shop === big.shop ? "big" : "small");
        if (order.length === 1) {
          await deliver(small.shop, 1);
          await waker.wake(small.shop);
        }
        if (shop === big.shop && outcome.again === "no") done.resolve();
        return outcome;
      },
      { concurrency: 1 },
    );
    await runner.ready();
    await waker.wake(big.shop);
    await done.promise;
    await runner.stop({ timeoutMs: 10_000 });
    expect(order.indexOf("small")).toBe(1);
    expect(order.filter((shop) => shop === "big").length).toBeGreaterThanOrEqual(turnsOfBig);
  });
});

// Goal: work that nobody was woken for is found, whoever else has work, and however long theirs lasts.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { createSweep } from "../../worker/sweeper.ts";

let house: House;
let woken: string[];
const waker = { wakeMany: async (shops: readonly string[]) => (woken.push(...shops), { kind: "woken" as const }) };

beforeAll(async () => {
  house = await openHouse();
});
beforeEach(() => {
  woken = [];
});
afterAll(() => house.close());

async function leavePending(shop: HouseShop): Promise<void> {
  await house.composed.database.execute(
    `INSERT INTO deliveries (install_id, shop, webhook_id, topic, trace_id) VALUES ($1, $2, 'never-woken', 'orders/create', 't')`,
    shop.installId,
    shop.shop,
  );
}
async function finishAll(): Promise<void> {
  await house.composed.database.execute(`UPDATE deliveries SET state = 'processed'`);
}

describe("the sweeper", () => {
  it("gets round to every shop with work, however many have work that does not end", async () => {
    const shops = [];
    for (let count = 0; count < 5; count += 1) shops.push(await house.openShop());
    for (const shop of shops) await leavePending(shop);
    const names = shops.map(({ shop }) => shop);
    const sweep = createSweep({ installStore: house.composed.installStore, waker }, 2);
    for (let count = 0; count < 5; count += 1) expect(await sweep()).toBe(2);
    expect(woken).toEqual([...names, ...names]);
    await finishAll();
    expect(await sweep()).toBe(0);
  });

  it("wakes each shop once when one sweep goes round them all", async () => {
    const shops = [await house.openShop(), await house.openShop()];
    const sweep = createSweep({ installStore: house.composed.installStore, waker }, 10);
    for (const shop of shops) await leavePending(shop);
    await sweep();
    await sweep();
    expect(woken.toSorted()).toEqual(shops.flatMap(({ shop }) => [shop, shop]).toSorted());
    await finishAll();
  });

  it.each([
    ["is claimed", "claimed", false, []],
    ["is parked with an unknown outcome", "parked", true, []],
    ["is applied", "applied", false, ["found"]],
    ["is parked with a known outcome", "parked", false, ["found"]],
  ])("finds an order that is blocked by nothing: its change %s", async (_name, state, outcomeUnknown, found) => {
    const shop = await house.openShop();
    const { database } = house.composed;
    await database.execute(`INSERT INTO orders (install_id, shop, order_id, snapshot, state) VALUES ($1, $2, '7', '{}', 'blocked')`, shop.installId, shop.shop);
    await database.execute(
      `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, inventory_item_id, location_id, delta, state, outcome_unknown, mutation_id, trace_id)
       VALUES ($1, $2, 'e', 'order', '7', '1', '1', -1, $3, $4, gen_random_uuid(), 't')`,
      shop.installId,
      shop.shop,
      state,
      outcomeUnknown,
    );
    await createSweep({ installStore: house.composed.installStore, waker })();
    expect(woken).toEqual(found.map(() => shop.shop));
    await database.execute(`DELETE FROM orders WHERE install_id = $1`, shop.installId);
  });

  it("finds a suspicion against a source whose time has come, though Redis forgot to tell of it", async () => {
    const shop = await house.openShop();
    const { sources } = house.composed.turnPorts;
    const sweep = createSweep({ installStore: house.composed.installStore, waker });
    await sources.suspect(shop.installId, { sourceKey: "name:my-channel", orderId: "7", createdAt: new Date().toISOString(), variantIds: ["1"], evidence: [] }, 60_000);
    await sweep();
    expect(woken).toEqual([]);
    await house.composed.database.execute(`UPDATE source_suspicions SET judge_at = now() WHERE install_id = $1`, shop.installId);
    await sweep();
    expect(woken).toEqual([shop.shop]);
    await sources.settleSuspicion(shop.installId, "7");
  });
});

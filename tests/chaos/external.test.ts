// Goal: the merchant's stock system hears of every applied change exactly once and in order per item, whatever fails between: its answers,
// our processes, two of them at once. Method: a receiver that fails half the time before or after it took a push; a process that dies
// around every step of a run; two workers at the same moment. Each guard is taken away once, to show what it keeps from happening.
import { describe, expect, it } from "vitest";

import { pushChanges, type ExternalPorts } from "#app/external/push-changes.server.ts";
import type { ExternalLane, ExternalPush, ExternalPushBook } from "#app/ports/external-pushes.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import type { House, HouseShop } from "#tests/setup/house.ts";
import { seededRandom } from "#tests/setup/seeded-random.ts";
import { connect, openStockSystem, passTime, pushEverything, receiverDifferences, run, type StockSystem, useStockSystem } from "#tests/integration/external-fixture.ts";
import { createExternalStep } from "../../worker/external-service.ts";

const SEED = Number(process.env.SEED ?? 20261123);

let house: House;
let system: StockSystem;
useStockSystem((opened) => ({ house, system } = opened));

/** A shop whose items have so many changes booked and queued, in several calls each. */
async function shopWithPushes(items: number, changesPerItem: number, receiver = system): Promise<HouseShop> {
  const shop = await house.openShop();
  await house.protect(shop);
  await connect(house, shop, receiver);
  await book(shop, items, changesPerItem);
  return shop;
}

/** Changes applied as the pipeline applies them: by an update of their state, many in one statement, in no order. */
async function book(shop: HouseShop, items: number, changesPerItem: number, from = 0): Promise<void> {
  const { database } = house.composed;
  await database.execute(
    `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, inventory_item_id, location_id, delta, state, trace_id)
     SELECT $1, $2, 'k' || i || '/' || n, 'order', n::text, (1000 + i)::text, '7', CASE WHEN n % 5 = 0 THEN n ELSE -n END, 'waiting', 't'
     FROM generate_series($5::int + 1, $5::int + $4::int) n, generate_series(1, $3::int) i`,
    shop.installId,
    shop.shop,
    items,
    changesPerItem,
    from,
  );
  await database.execute(`UPDATE changes SET state = 'applied', finished_at = now() WHERE install_id = $1 AND state = 'waiting'`, shop.installId);
}

describe("a receiver that fails half the time", () => {
  it.each([0, 500, 503, 429])("before or after it took a push, by status %s (0: the line is cut), hears of each change once and in order", async (status) => {
    const random = seededRandom(SEED + status);
    const shop = await shopWithPushes(6, 12);
    system.fault = () => {
      const [strikes, late] = [random.chance(0.5), random.chance(0.5)];
      return strikes ? { when: late ? "after" : "before", status } : null;
    };
    await pushEverything(house, shop);
    expect(await receiverDifferences(house, shop, system), `seed ${SEED}`).toEqual([]);
    expect(system.taken).toHaveLength(72);
    expect(system.requests.length, "there were failures").toBeGreaterThan(90);
  });

  it("would hear of changes twice without a key that stays the same", async () => {
    const shop = await shopWithPushes(1, 5);
    let failuresLeft = 1;
    system.fault = () => ((failuresLeft -= 1) < 0 ? null : { when: "after", status: 500 });
    const { externalPushes } = house.composed.external.ports;
    let keys = 0;
    const fresh: ExternalPushBook = { ...externalPushes, next: async (lane, limit) => (await externalPushes.next(lane, limit)).map((push) => ({ ...push, key: `another-${(keys += 1)}` })) };
    await pushEverything(house, shop, { externalPushes: fresh });
    expect(await receiverDifferences(house, shop, system)).toEqual(expect.arrayContaining([expect.stringMatching(/^told too much/)]));
  });
});

/** A process that ends at its `at`-th step: nothing that it does afterwards reaches the outside. */
function mortal(ports: ExternalPorts, at: number): { ports: ExternalPorts; steps: () => number } {
  let steps = 0;
  const step = () => {
    steps += 1;
    if (steps >= at) throw new Error("the process is dead");
  };
  const around = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== "function") return method;
        return async (...parameters: unknown[]) => {
          step();
          const answer: unknown = await Reflect.apply(method, target, parameters);
          step();
          return answer;
        };
      },
    });
  return { ports: { ...ports, externalPushes: around(ports.externalPushes), externalReceiver: around(ports.externalReceiver) }, steps: () => steps };
}

describe("a process that dies", () => {
  it("around any step of a run leaves nothing untold and nothing told twice", async () => {
    const all = mortal(house.composed.external.ports, Number.POSITIVE_INFINITY);
    const first = await shopWithPushes(1, 4);
    const target = (await all.ports.externalPushes.shopsDue(10, null)).find(({ installId }) => installId === first.installId);
    if (target === undefined) throw new Error("something is due");
    const before = all.steps();
    await pushChanges(all.ports, target, new AbortController().signal);
    const stepCount = all.steps() - before;
    expect(stepCount).toBeGreaterThan(16);
    for (let at = 1; at <= stepCount; at += 1) {
      const receiver = await openStockSystem();
      const shop = await shopWithPushes(1, 4, receiver);
      const due = (await house.composed.external.ports.externalPushes.shopsDue(100, null)).find(({ installId }) => installId === shop.installId);
      if (due === undefined) throw new Error("something is due");
      await expect(pushChanges(mortal(house.composed.external.ports, at).ports, due, new AbortController().signal)).rejects.toThrow("dead");
      await passTime(house, shop);
      await pushEverything(house, shop);
      expect(await receiverDifferences(house, shop, receiver), `died at step ${at} of ${stepCount}`).toEqual([]);
      await receiver.close();
    }
  });
});

/** Requests of one item that were at the receiver at the same moment, at most. */
function watchOverlap(): { readonly max: () => number } {
  const open = new Map<string, number>();
  let max = 0;
  system.gate = async (push) => {
    const now = (open.get(push.inventoryItemId) ?? 0) + 1;
    open.set(push.inventoryItemId, now);
    max = Math.max(max, now);
    // Gives the others every chance to come in between.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((next) => setImmediate(next));
    open.set(push.inventoryItemId, now - 1);
  };
  return { max: () => max };
}

async function twoWorkers(shop: HouseShop): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    const found = await Promise.all([run(house, shop), run(house, shop)]);
    if (found.every((each) => each === null)) return;
    await house.composed.database.execute(`UPDATE external_systems SET paused_until = NULL WHERE install_id = $1`, shop.installId);
  }
}

describe("two workers at once", () => {
  it("keep out of each other's way item by item: in order, one request an item at a time", async () => {
    const shop = await shopWithPushes(8, 40);
    const overlap = watchOverlap();
    await twoWorkers(shop);
    await pushEverything(house, shop);
    expect(overlap.max()).toBe(1);
    expect(await receiverDifferences(house, shop, system)).toEqual([]);
  });

  it("would send for one item at the same time without the claim", async () => {
    const shop = await shopWithPushes(1, 5);
    // The first request is held until a second one for the same item stands beside it.
    const both = Promise.withResolvers<void>();
    let arrivedCount = 0;
    system.gate = async (push) => {
      if (push.sequence !== 1) return;
      arrivedCount += 1;
      if (arrivedCount === 2) both.resolve();
      await both.promise;
    };
    const { database } = house.composed;
    const unclaimed: ExternalPushBook = {
      ...house.composed.external.ports.externalPushes,
      claim: async (installId, lanesMax) =>
        (await database.query<{ item: string; lease: bigint }>(`SELECT inventory_item_id AS item, lease FROM external_lanes WHERE install_id = $1 AND due_at IS NOT NULL LIMIT $2`, installId, lanesMax)).map(
          ({ item, lease }): ExternalLane => ({ installId, inventoryItemId: item, lease }),
        ),
    };
    await Promise.all([run(house, shop, { externalPushes: unclaimed }), run(house, shop, { externalPushes: unclaimed })]);
    expect(arrivedCount).toBe(2);
  });

  it("would deliver out of order as an outbox does whose rows are taken one by one", async () => {
    const shop = await shopWithPushes(1, 20);
    watchOverlap();
    // SKIP LOCKED on pushes instead of lanes: each worker takes the oldest rows that the other has not.
    const { externalPushes } = house.composed.external.ports;
    const taken = new Set<bigint>();
    const byRow = (offset: number): ExternalPushBook => ({
      ...externalPushes,
      claim: async (installId) => [{ installId, inventoryItemId: "1001", lease: 0n }],
      next: async (lane) => {
        const all = await house.composed.database.query<{ id: bigint; sequence: bigint; change_id: bigint; key: string; content: ExternalPush["content"] }>(
          `SELECT id, sequence, change_id, key::text AS key, content FROM external_pushes WHERE install_id = $1 ORDER BY sequence`,
          lane.installId,
        );
        const mine = all.filter((row, index) => index % 2 === offset && !taken.has(row.id));
        for (const row of mine) taken.add(row.id);
        return mine.map((row) => ({ pushId: row.id, changeId: row.change_id, key: row.key, sequence: row.sequence, shop: shop.shop, inventoryItemId: "1001", attemptCount: 0, content: row.content }));
      },
      settle: () => Promise.resolve("recorded"),
      letGo: () => Promise.resolve(),
    });
    // The first is refused once; its worker does not wait for it, as an outbox by rows does not.
    system.fault = (push) => (push.sequence === 1 ? { when: "before", status: 500 } : null);
    await Promise.all([run(house, shop, { externalPushes: byRow(0) }), run(house, shop, { externalPushes: byRow(1) })]);
    expect(system.complaints).toEqual(expect.arrayContaining([expect.stringMatching(/1001: 2 came after 0/)]));
  });
});

describe("a worker that sleeps", () => {
  it("beyond its lease while its request is on its way writes nothing when it wakes; the receiver was told by another", async () => {
    const shop = await shopWithPushes(1, 3);
    const arrived = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let held = false;
    system.gate = async () => {
      if (held) return;
      held = true;
      arrived.resolve();
      await release.promise;
    };
    const sleeper = run(house, shop);
    await arrived.promise;
    await passTime(house, shop);
    await pushEverything(house, shop);
    expect(system.taken.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    release.resolve();
    expect(await sleeper).toMatchObject({ deliveredCount: 0 });
    expect(await receiverDifferences(house, shop, system)).toEqual([]);
  });

  it("between its claim and its first request sends nothing any more", async () => {
    const shop = await shopWithPushes(1, 3);
    const clock = new FakeClock();
    const { externalPushes } = house.composed.external.ports;
    const slow: ExternalPushBook = {
      ...externalPushes,
      next: async (lane, limit) => {
        const found = await externalPushes.next(lane, limit);
        clock.jump(60_000);
        return found;
      },
    };
    await run(house, shop, { externalPushes: slow, clock });
    expect(system.requests).toEqual([]);
  });
});

describe("numbers", () => {
  it("have no gaps and no doubles when calls that share items are booked at once, history is queued beside them, and nothing deadlocks", async () => {
    const shop = await house.openShop();
    await house.protect(shop);
    await book(shop, 30, 3);
    await connect(house, shop, system);
    const { database, external } = house.composed;
    await database.execute(
      `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, inventory_item_id, location_id, delta, state, trace_id)
       SELECT $1, $2, 'l' || l || '/' || i, 'order', '1', (1000 + i)::text, l::text, -1, 'waiting', 't' FROM generate_series(1, 8) l, generate_series(1, 30) i`,
      shop.installId,
      shop.shop,
    );
    const deadlocks = () => database.query<{ count: bigint }>(`SELECT deadlocks AS count FROM pg_stat_database WHERE datname = current_database()`);
    const [before] = await deadlocks();
    const calls = [1, 2, 3, 4, 5, 6, 7, 8].map((location) =>
      // Half of the calls come to their items from the other end.
      database.execute(
        `UPDATE changes SET state = 'applied', finished_at = now() FROM (SELECT id FROM changes WHERE install_id = $1 AND location_id = $2 AND state = 'waiting'
           ORDER BY id * $3::int FOR UPDATE) s WHERE changes.id = s.id`,
        shop.installId,
        String(location),
        location % 2 === 0 ? 1 : -1,
      ),
    );
    await Promise.all([...calls, external.desk.queueHistory({ installId: shop.installId, afterChangeId: 0n, limit: 1_000, dryRun: false })]);
    const wrong = await database.query(
      `SELECT inventory_item_id FROM external_pushes WHERE install_id = $1 GROUP BY inventory_item_id HAVING count(*) <> 11 OR min(sequence) <> 1 OR max(sequence) <> 11`,
      shop.installId,
    );
    expect(wrong).toEqual([]);
    expect(await deadlocks()).toEqual([before]);
    await pushEverything(house, shop);
    expect(await receiverDifferences(house, shop, system)).toEqual([]);
  });
});

describe("a shop whose receiver hangs", () => {
  it("keeps no other shop waiting, and has one run at a time", async () => {
    const hanging = await openStockSystem();
    const release = Promise.withResolvers<void>();
    hanging.gate = () => release.promise;
    const [slow, quick] = [await shopWithPushes(10, 1, hanging), await shopWithPushes(1, 60)];
    const step = createExternalStep(house.composed.external.ports, 2);
    const signal = new AbortController().signal;
    await expect
      .poll(async () => {
        await step.start(signal);
        return system.taken.length;
      })
      .toBe(60);
    expect(hanging.requests.length).toBeLessThanOrEqual(4);
    release.resolve();
    await step.settled();
    await pushEverything(house, slow);
    expect(await receiverDifferences(house, slow, hanging)).toEqual([]);
    expect(await receiverDifferences(house, quick, system)).toEqual([]);
    await hanging.close();
  });
});

// Goal: a database that is brought back to an older moment makes nobody take stock twice (issue 8, item 4). Method: a copy of the database is
// made between two sales; the second sale goes to Shopify, then the house goes on from the copy, which has never heard of it.
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";

import { compose, type Composition } from "#app/composition.server.ts";
import { takeTurn } from "#app/pipeline/take-turn.server.ts";
import { startAcceptServer } from "#tests/setup/accept-server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { lookForMissed } from "#tests/setup/look-for-missed.ts";
import { addressOf } from "#tests/setup/services.ts";
import { NO_OPTIONS, type CommandOptions } from "../../../cli/command.ts";
import { restored } from "../../../cli/restored.ts";

const TURNS_MAX = 50;

let house: House;
let accept: Awaited<ReturnType<typeof startAcceptServer>>;
const closings: (() => Promise<void>)[] = [];
beforeAll(async () => {
  house = await openHouse();
  accept = await startAcceptServer(house.composed.accept);
});
beforeEach(() => house.simulator.setAppUrl(accept.origin));
afterEach(async () => {
  // A notification that finds nobody is sent again a minute later, and the next test would wait for it.
  await house.delivered();
  for (const close of closings.splice(0).toReversed()) await close();
});
afterAll(async () => {
  await house.close();
  await accept.close();
});

interface Store {
  readonly shop: HouseShop;
  readonly item: string;
  sell(quantity: number): void;
}

async function openStore(): Promise<Store> {
  const shop = await house.openShop();
  await house.protect(shop);
  const levels = [{ locationId: shop.locationIds[0] ?? "", available: 100 }];
  const [kettle] = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "K", levels }] }).variants;
  await house.settle(shop.shop);
  return {
    shop,
    item: kettle?.inventoryItemId ?? "",
    sell: (quantity) => void house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: kettle?.variantId ?? "", quantity }] }),
  };
}

/** The house on a copy of its database as it is now; nobody uses the copy until it is asked for. */
async function backUp(): Promise<() => Promise<Composition>> {
  const live = new URL(house.environment.databaseUrl).pathname.slice(1);
  const copy = `${live}_copy_${closings.length}_${Date.now()}`;
  const administrator = new Client({ connectionString: inject("databaseUrl") });
  await administrator.connect();
  // A database is copied when nobody is connected; the house's pool makes itself new connections.
  await administrator.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, [live]);
  await administrator.query(`CREATE DATABASE "${copy}" TEMPLATE "${live}" STRATEGY FILE_COPY`);
  closings.push(async () => {
    await administrator.query(`DROP DATABASE "${copy}" WITH (FORCE)`);
    await administrator.end();
  });
  return async () => {
    const composed = compose({ ...house.environment, databaseUrl: addressOf(house.environment.databaseUrl, copy) }, "worker", { redisPrefix: house.redisPrefix });
    const front = await startAcceptServer(composed.accept);
    house.simulator.setAppUrl(front.origin);
    closings.push(async () => {
      await front.close();
      await composed.close();
    });
    return composed;
  };
}

/** The look for missed orders, then turns until none is asked for. */
async function catchUp(composed: Composition, { shop }: Store): Promise<{ unseenCount: number }> {
  const looked = await lookForMissed({ ...house, composed }, shop);
  await house.delivered();
  for (let count = 0; count < TURNS_MAX; count += 1) if ((await takeTurn(composed.turnPorts, shop.shop, new AbortController().signal)).again === "no") return looked;
  throw new Error(`${shop.shop} asks for turns without end`);
}

const afterRestore = (composed: Composition, options: Partial<CommandOptions> = {}) => restored.run({ composed, options: { ...NO_OPTIONS, reason: "the disk of the database was lost", ...options } });
const changes = ({ database }: Composition, { shop }: Store) => database.query(`SELECT delta, state, reason FROM changes WHERE install_id = $1 ORDER BY id`, shop.installId);

describe("a database that was brought back to an older moment", () => {
  it("takes the stock of the forgotten orders a second time when nobody says that it was brought back", async () => {
    const store = await openStore();
    const bringBack = await backUp();
    store.sell(2);
    await house.settle(store.shop.shop);
    expect(unitsMoved(house, store.shop, store.item)).toBe(-2);
    const composed = await bringBack();
    expect(await catchUp(composed, store)).toMatchObject({ unseenCount: 1 });
    expect(unitsMoved(house, store.shop, store.item)).toBe(-4);
  });

  it("takes in what it has forgotten and sends nothing of it after `holdfast restored`", async () => {
    const store = await openStore();
    store.sell(1);
    await house.settle(store.shop.shop);
    const bringBack = await backUp();
    store.sell(2);
    await house.settle(store.shop.shop);
    const composed = await bringBack();

    expect((await afterRestore(composed, { dryRun: true })).value).toMatchObject({ dryRun: true, shops: expect.arrayContaining([{ shop: store.shop.shop, switchedToWatching: true, parked: 0 }]) });
    expect((await composed.settingsStore.current(store.shop.installId)).mode).toBe("enforce");
    expect((await afterRestore(composed, { shop: store.shop.shop })).value).toEqual({ dryRun: false, shops: [{ shop: store.shop.shop, switchedToWatching: true, parked: 0 }] });

    expect(await catchUp(composed, store)).toMatchObject({ unseenCount: 1 });
    expect(unitsMoved(house, store.shop, store.item)).toBe(-3);
    expect(await changes(composed, store)).toEqual([
      { delta: -1, state: "applied", reason: null },
      { delta: -2, state: "shadow", reason: null },
    ]);
    // Protection on again: what was watched stays watched, and the next sale counts.
    const current = await composed.settingsStore.current(store.shop.installId);
    await composed.settingsStore.save({ installId: store.shop.installId, expectedVersion: current.version, document: { ...current, mode: "enforce" }, actor: "test" });
    store.sell(4);
    await catchUp(composed, store);
    expect(unitsMoved(house, store.shop, store.item)).toBe(-7);
  });

  it("hands to a person what waited in the backup, who finds that it was sent and discards it, or sends it", async () => {
    const store = await openStore();
    store.sell(2);
    await house.delivered();
    // Derived and not sent: the turn ends before it claims.
    await house.turn(store.shop.shop, { lock: { ...house.composed.turnPorts.lock, tryAcquireFree: async ({ keys }) => ({ kind: "none_free" as const, busy: [...keys] }) } });
    expect(await changes(house.composed, store)).toMatchObject([{ delta: -2, state: "waiting" }]);
    const bringBack = await backUp();
    await house.settle(store.shop.shop);
    const composed = await bringBack();
    expect((await afterRestore(composed, { shop: store.shop.shop })).value).toMatchObject({ shops: [{ parked: 1 }] });
    await catchUp(composed, store);
    expect(await changes(composed, store)).toEqual([{ delta: -2, state: "parked", reason: "restored" }]);
    expect(unitsMoved(house, store.shop, store.item)).toBe(-2);
    expect(await composed.database.query(`SELECT actor, detail->>'note' AS note FROM audit_entries WHERE install_id = $1 AND kind = 'change_parked'`, store.shop.installId)).toEqual([{ actor: "operator", note: "the disk of the database was lost" }]);
    // A second time there is nothing left to do.
    expect((await afterRestore(composed, { shop: store.shop.shop })).value).toEqual({ dryRun: false, shops: [{ shop: store.shop.shop, switchedToWatching: false, parked: 0 }] });
  });
});

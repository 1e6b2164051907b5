// Goal: the next call carries the stocks that waited longest, however many changes wait, and none whose call is open. Method: the ledger on a
// database of the test's own; more changes of one stock than are looked at first.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createChangeLedger } from "#app/adapters/prisma/change-ledger.server.ts";
import { openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import type { ChangeLedger, Operation } from "#app/ports/change-ledger.ts";
import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";

const LIMIT = 3;
let test: TestDatabase;
let database: OpenDatabase;
let ledger: ChangeLedger;
let installId = 0n;

beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase({ url: test.url, connectionsMax: 2 });
  ledger = createChangeLedger(database);
});
beforeEach(async () => {
  installId += 1n;
  await database.execute(`INSERT INTO installs (id, shop, epoch) VALUES ($1, $2, 1)`, installId, shop());
  await database.execute(`INSERT INTO settings_versions (install_id, version, document, created_by) VALUES ($1, 1, '{"mode": "enforce"}', 'test')`, installId);
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

const shop = () => `shop-${installId}.myshopify.com`;

async function wait(item: string, count: number, quantity: "available" | "hold" | "bundle" = "available"): Promise<void> {
  await database.execute(
    `INSERT INTO changes (install_id, shop, effect_key, cause, inventory_item_id, location_id, quantity_name, decided_from, delta, state, trace_id)
     SELECT $1, $2, gen_random_uuid()::text, 'order', $3, '20', $4, CASE $4 WHEN 'bundle' THEN 5 END, -1, 'waiting', 'trace' FROM generate_series(1, $5::int)`,
    installId,
    shop(),
    item,
    quantity,
    count,
  );
}

const waiting = async () => (await ledger.waitingStocks(installId, ["move", "adjust"], LIMIT)).map(({ operation, inventoryItemId, waitingCount }) => `${operation} ${inventoryItemId}: ${waitingCount}`);

describe("stocks that changes wait for", () => {
  it("come in the order of their oldest change, at most as many as are asked for", async () => {
    for (const item of ["4", "2", "4", "3", "1"]) await wait(item, 1);
    expect(await waiting()).toEqual(["adjust 4: 2", "adjust 2: 1", "adjust 3: 1"]);
  });

  it("are told apart by what they wait for, in the order in which it is asked for", async () => {
    await wait("1", 1);
    await wait("2", 1, "bundle");
    await wait("3", 1, "hold");
    const of = async (...operations: Operation[]) => (await ledger.waitingStocks(installId, operations, LIMIT)).map(({ operation, inventoryItemId }) => `${operation} ${inventoryItemId}`);
    expect(await of("follow", "move", "adjust")).toEqual(["follow 2", "move 3", "adjust 1"]);
    expect(await of("move", "adjust")).toEqual(["move 3", "adjust 1"]);
  });

  it("are all found behind one that thousands wait for", async () => {
    await wait("hot", 2_000);
    await wait("a", 1);
    await wait("b", 1);
    expect(await waiting()).toEqual(["adjust hot: 2000", "adjust a: 1", "adjust b: 1"]);
  });

  it("of the more urgent operation come first, though they waited less", async () => {
    await wait("a", 1);
    await wait("b", 1, "hold");
    expect(await waiting()).toEqual(["move b: 1", "adjust a: 1"]);
  });

  it("are left out while a call for them is open, whatever waits for them", async () => {
    await wait("a", 1);
    await wait("b", 1);
    const stocks = (await ledger.waitingStocks(installId, ["adjust"], LIMIT)).filter(({ inventoryItemId }) => inventoryItemId === "a");
    const claim = await ledger.claim({ installId, shop: shop(), ownerId: "test", operation: "adjust", stocks, mutationId: randomUUID(), key: randomUUID() });
    expect(claim.kind).toBe("claimed");
    await wait("a", 2_000);
    expect(await waiting()).toEqual(["adjust b: 1"]);
  });
});

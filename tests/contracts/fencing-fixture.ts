// What the tests of fencing share: a database, for each test a protecting install with a waiting change of each of two stocks, and the ledger's
// acts on them.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

import { createChangeLedger } from "#app/adapters/prisma/change-ledger.server.ts";
import { openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import type { AppliedAnswer, ChangeLedger, ClaimedMutation } from "#app/ports/change-ledger.ts";
import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";

export const ITEMS = ["10", "11"];
const LOCATION = "20";
export const STOCKS = ITEMS.map((inventoryItemId) => ({ inventoryItemId, locationId: LOCATION }));

export const ANSWER: AppliedAnswer = {
  groupId: "gid://shopify/InventoryAdjustmentGroup/1",
  createdAt: "2026-11-01T10:00:00Z",
  entries: STOCKS.map((stock) => ({ ...stock, after: 41 })),
};

/** Registers what opens and closes it; what it answers belongs to the test that runs. */
export function fencingStage() {
  let testDatabase: TestDatabase;
  let database: OpenDatabase;
  let ledger: ChangeLedger;
  let installId = 0n;
  let isDamaged = false;
  const shop = (): string => `shop-${installId}.myshopify.com`;
  const execute = (sql: string, ...values: (string | number | bigint)[]) => database.execute(sql, ...values);

  async function open(): Promise<void> {
    testDatabase = await createTestDatabase();
    database = openDatabase({ url: testDatabase.url, connectionsMax: 8 });
    ledger = createChangeLedger(database);
    isDamaged = false;
  }
  async function close(): Promise<void> {
    await database.close();
    await testDatabase.drop();
  }
  beforeAll(open);
  afterAll(close);
  beforeEach(async () => {
    installId += 1n;
    await execute(`INSERT INTO installs (id, shop, epoch) VALUES ($1, $2, 1)`, installId, shop());
    await execute(`INSERT INTO settings_versions (install_id, version, document, created_by) VALUES ($1, 1, '{"mode": "enforce"}', 'test')`, installId);
    for (const item of ITEMS) await acts.sell(item);
  });
  afterEach(async () => {
    if (!isDamaged) return;
    await close();
    await open();
  });

  const opened = {
    get database() {
      return database;
    },
    get ledger() {
      return ledger;
    },
    get installId() {
      return installId;
    },
    /** A guard was taken out of the database: the next test gets a new one. */
    damaged() {
      isDamaged = true;
    },
    shop,
    execute,
  };
  const acts = actsOn(opened);
  return Object.assign(opened, acts);
}

interface Opened {
  readonly ledger: ChangeLedger;
  readonly installId: bigint;
  shop(): string;
  execute(sql: string, ...values: (string | number | bigint)[]): Promise<number>;
}

function actsOn(opened: Opened) {
  function sell(item: string): Promise<unknown> {
    return opened.execute(
      `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, inventory_item_id, location_id, delta, state, trace_id)
       VALUES ($1, $2, $3, 'order', '7', $4, $5, -1, 'waiting', 't')`,
      opened.installId,
      opened.shop(),
      randomUUID(),
      item,
      LOCATION,
    );
  }

  function tryClaim(stocks = STOCKS) {
    return opened.ledger.claim({ installId: opened.installId, shop: opened.shop(), ownerId: "worker", operation: "adjust", stocks, mutationId: randomUUID(), key: randomUUID() });
  }

  async function claim(stocks = STOCKS): Promise<ClaimedMutation> {
    const result = await tryClaim(stocks);
    if (result.kind !== "claimed") throw new Error(`not claimed: ${result.kind}`);
    return result.mutation;
  }

  const makeDue = ({ mutationId }: ClaimedMutation) => opened.execute(`UPDATE mutations SET resend_at = now() WHERE id = $1::uuid`, mutationId);
  const tryTakeOver = (mutation: ClaimedMutation) => opened.ledger.takeOver(opened.installId, mutation.mutationId, "another worker");

  async function takeOver(mutation: ClaimedMutation): Promise<ClaimedMutation> {
    await makeDue(mutation);
    const result = await tryTakeOver(mutation);
    if (result.kind !== "taken") throw new Error(`not taken over: ${result.kind}`);
    return result.mutation;
  }

  /** Every attempt has an answer that says that it had no effect: the key may be retired at once. */
  const refuseAttempts = ({ mutationId }: ClaimedMutation) => opened.execute(`UPDATE attempts SET finished_at = now(), outcome = 'rejected' WHERE mutation_id = $1::uuid AND finished_at IS NULL`, mutationId);

  return { sell, tryClaim, claim, makeDue, tryTakeOver, takeOver, refuseAttempts };
}

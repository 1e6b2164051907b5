// Goal: writers of the same rows queue instead of deadlocking, because every one of them takes rows in one order. Method: overlapping
// batches shuffled by a seed over many connections, first written the plain way until PostgreSQL finds a deadlock, then through Holdfast;
// then each pair of transactions that meet on orders, changes, sources and tokens, against each other again and again. A deadlock that is
// retried does no harm and is no failure elsewhere: here the count of them must be zero.
import { randomUUID } from "node:crypto";

import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createChangeLedger } from "#app/adapters/prisma/change-ledger.server.ts";
import { createDeliveryIntake } from "#app/adapters/prisma/delivery-intake.server.ts";
import { type ConflictKind, openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import { createOrderBook } from "#app/adapters/prisma/order-book.server.ts";
import { createSettingsStore } from "#app/adapters/prisma/settings-store.server.ts";
import { createSourceBook } from "#app/adapters/prisma/source-book.server.ts";
import { EMPTY_ORDER } from "#app/domain/order-state.ts";
import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";
import type { IncomingDelivery } from "#app/ports/delivery-intake.ts";
import type { OrderDecision } from "#app/ports/order-book.ts";
import { TIMINGS } from "#app/ports/timings.ts";
import { seededRandom } from "#tests/setup/seeded-random.ts";
import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";

const SEED = 20_261_122;
const random = seededRandom(SEED);
const SHOP = "a.myshopify.com";
const INSTALL = 1n;
const SOURCE = "name:my-channel";

let test: TestDatabase;
let admin: Client;
let database: OpenDatabase;
let conflicts: ConflictKind[];

beforeAll(async () => {
  test = await createTestDatabase();
  admin = new Client({ connectionString: test.url });
  await admin.connect();
  // A deadlock is found after this long; the usual second would make the first half of each test slow.
  await admin.query(`ALTER DATABASE "${new URL(test.url).pathname.slice(1)}" SET deadlock_timeout = '20ms'`);
  database = openDatabase({ url: test.url, connectionsMax: 12, onConflict: (kind) => conflicts.push(kind) });
  await admin.query(`INSERT INTO installs (id, shop, epoch) VALUES (1, $1, 1)`, [SHOP]);
  await admin.query(`INSERT INTO settings_versions (install_id, version, document, created_by) VALUES (1, 1, $1, 't')`, [JSON.stringify({ ...DEFAULT_SETTINGS, mode: "enforce" })]);
});
beforeEach(() => {
  conflicts = [];
});
afterEach(() => admin.query("DELETE FROM changes; DELETE FROM mutations; DELETE FROM orders; DELETE FROM order_sources; DELETE FROM deliveries"));
afterAll(async () => {
  await database.close();
  await admin.end();
  await test.drop();
});

function shuffled<Value>(values: readonly Value[]): Value[] {
  return values.map((value) => ({ value, at: random.fraction() })).toSorted((a, b) => a.at - b.at).map(({ value }) => value);
}

const delivery = (webhookId: string): IncomingDelivery => ({
  shop: SHOP, webhookId, eventId: null, topic: "orders/create", apiVersion: "2026-10", triggeredAt: null, orderId: "7", payload: '{"kind": "edited"}', state: "pending", reason: null, traceId: "t",
});

describe(`batches of the same webhooks over twelve connections (seed ${SEED})`, () => {
  const ids = Array.from({ length: 150 }, (_, index) => `w-${index}`);

  it("deadlock when each is written in the order in which it came", async () => {
    const plain = (batch: readonly string[]) =>
      database.execute(
        `INSERT INTO deliveries (install_id, shop, webhook_id, topic, trace_id) SELECT 1, '${SHOP}', w, 'orders/create', 't' FROM unnest($1::text[]) AS w ON CONFLICT DO NOTHING`,
        batch,
      );
    for (let round = 0; round < 50 && conflicts.length === 0; round += 1) {
      await admin.query("TRUNCATE deliveries");
      // Some deadlock more often than they are tried: that is what is shown. None of them may reach into the next test.
      await Promise.allSettled(Array.from({ length: 12 }, () => plain(shuffled(ids))));
    }
    expect(conflicts).toContain("deadlock");
  });

  it("queue when Holdfast writes them, whatever their order, and each is stored once", async () => {
    const intake = createDeliveryIntake(database);
    for (let round = 0; round < 20; round += 1) {
      await admin.query("TRUNCATE deliveries");
      const results = await Promise.all(Array.from({ length: 12 }, () => intake.store(shuffled(ids).slice(0, 120).map(delivery))));
      const accepted = results.flatMap((result) => (result.kind === "stored" ? result.outcomes.filter((outcome) => outcome === "accepted") : []));
      expect(results.every(({ kind }) => kind === "stored")).toBe(true);
      expect(accepted.length).toBe((await admin.query("SELECT 1 FROM deliveries")).rowCount);
    }
    expect(conflicts).toEqual([]);
  });
});

/** Due orders of one source, each with two waiting changes; rows lie on disk in another order than their ids say. */
async function layOrders(count: number): Promise<bigint[]> {
  const places = shuffled(Array.from({ length: count }, (_, index) => index + 1));
  for (const place of places) {
    await admin.query(`INSERT INTO orders (id, install_id, shop, order_id, snapshot, mode) VALUES ($1, 1, $2, $3, $4, 'enforce')`, [place, SHOP, String(place), JSON.stringify(EMPTY_ORDER)]);
  }
  for (const id of shuffled(Array.from({ length: 2 * count }, (_, index) => index + 1))) {
    await admin.query(
      `INSERT INTO changes (id, install_id, shop, effect_key, cause, order_id, inventory_item_id, location_id, delta, state, source_key, trace_id)
       VALUES ($1, 1, $2, $3, 'order', $4, $5, '20', -1, 'waiting', $6, 't')`,
      [id, SHOP, `e${id}`, String(1 + (id % count)), String(100 + (id % 5)), SOURCE],
    );
  }
  await admin.query(`INSERT INTO order_sources (install_id, source_key) VALUES (1, $1)`, [SOURCE]);
  return places.map(BigInt);
}

const unchanged = (): OrderDecision => ({
  mode: "enforce", modeReason: null, settingsVersion: 1, sourceKey: SOURCE,
  derivation: { pins: {}, create: [], cancel: [], missing: [], blocked: false },
  next: { kind: "due", dueAt: new Date(0), reason: "waiting_location" },
});

describe(`transactions that meet on the same rows (seed ${SEED})`, () => {
  const rounds = 60;
  /** As a worker that repeats its step. */
  const again = async (step: () => Promise<unknown>): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) await step();
  };

  it("do not deadlock: deriving, pausing a source, resuming it", async () => {
    const rowIds = await layOrders(40);
    const book = createOrderBook(database, TIMINGS);
    const sources = createSourceBook(database);
    const settings = createSettingsStore(database);
    await Promise.all([
      again(() => book.derive(INSTALL, shuffled(rowIds).slice(0, 30), unchanged)),
      again(() => book.derive(INSTALL, shuffled(rowIds).slice(0, 30), unchanged)),
      again(() => sources.record(INSTALL, { sourceKey: SOURCE, orderId: "1", verdict: "took_stock", evidence: {} })),
      again(() => settings.resumeSource({ installId: INSTALL, sourceKey: SOURCE, actor: "t" })),
    ]);
    expect(conflicts).toEqual([]);
  });

  it("do not deadlock: claiming and refusing calls beside deriving", async () => {
    const rowIds = await layOrders(40);
    const book = createOrderBook(database, TIMINGS);
    const ledger = createChangeLedger(database, TIMINGS);
    const stocks = Array.from({ length: 5 }, (_, index) => ({ inventoryItemId: String(100 + index), locationId: "20" }));
    let refusedCount = 0;
    const claimAndRefuse = async (ownerId: string): Promise<void> => {
      const claim = await ledger.claim({ installId: INSTALL, shop: SHOP, ownerId, operation: "adjust", stocks: shuffled(stocks).slice(0, 3), mutationId: randomUUID(), key: randomUUID() });
      if (claim.kind !== "claimed") return;
      await ledger.finishAttempt(claim.mutation.mutationId, 1, "previous_attempt_failed", null);
      await ledger.recordRefused(claim.mutation, { kind: "rekey", reason: "t" });
      refusedCount += 1;
    };
    await Promise.all([
      again(() => book.derive(INSTALL, shuffled(rowIds).slice(0, 30), unchanged)),
      again(() => book.derive(INSTALL, shuffled(rowIds).slice(0, 30), unchanged)),
      again(() => claimAndRefuse("a")),
      again(() => claimAndRefuse("b")),
      again(() => claimAndRefuse("c")),
    ]);
    expect(refusedCount).toBeGreaterThan(rounds / 4);
    expect(conflicts).toEqual([]);
  });

  it("do not deadlock: finding unblocked orders and waking those that wait for a location, beside deriving", async () => {
    const rowIds = await layOrders(40);
    const book = createOrderBook(database, TIMINGS);
    let notice = 0;
    const absorbRouting = async (): Promise<void> => {
      notice += 1;
      await createDeliveryIntake(database).store([
        { ...delivery(`routing-${notice}`), topic: "fulfillment_orders/moved", orderId: null, payload: '{"kind": "fulfilment_order", "fulfilmentOrderId": "1"}' },
        { ...delivery(`order-${notice}`), orderId: String(1 + (notice % 40)), payload: '{"kind": "routed"}' },
      ]);
      await book.absorb(INSTALL, 10);
    };
    const block = (): OrderDecision => ({ ...unchanged(), next: { kind: "blocked" } });
    await Promise.all([
      again(() => book.derive(INSTALL, shuffled(rowIds).slice(0, 30), unchanged)),
      again(() => book.derive(INSTALL, shuffled(rowIds).slice(0, 30), block)),
      again(() => book.unblock(INSTALL)),
      again(absorbRouting),
      again(absorbRouting),
    ]);
    expect(conflicts).toEqual([]);
  });
});

// Goal: whatever befalls PostgreSQL in the middle of accepting and of turns, a webhook is durable or refused with 503, and afterwards
// every unit sold has moved once, nothing is parked, and no process was restarted. Method: a server of the test's own, real turns
// through BullMQ, a sale that goes on while the server is killed, refuses, fills up, waits and aborts.
import type { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { TRANSACTION_ATTEMPTS_MAX } from "#app/adapters/prisma/database.server.ts";
import { openTroubledHouse, type TroubledHouse, type TroubledShop } from "./troubled-house.ts";

let troubled: TroubledHouse;
let shop: TroubledShop;
beforeAll(async () => {
  troubled = await openTroubledHouse();
  await layTriggers();
  await troubled.startWorker();
}, 120_000);
beforeEach(async () => {
  shop = await troubled.openShop();
});
afterAll(() => troubled.close());

const count = async (sql: string, ...values: unknown[]) => (await troubled.postgres.sql<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`, values))[0]?.count ?? 0;
/** True once some of the shop's orders were booked, so that what follows comes in the middle of the work. */
const isUnderWay = async (calls = 1) => (await count("attempts WHERE install_id = $1", shop.installId)) >= calls;
const answered = (status: number) => troubled.answers()[status] ?? 0;
const storedCount = () => count("deliveries WHERE install_id = $1", shop.installId);
const conflicts = async (kind: string): Promise<number> => {
  const { text } = await troubled.house.composed.metrics.expose();
  return Number(new RegExp(`^holdfast_db_conflicts_total\\{.*kind="${kind}".*\\} (\\d+)`, "m").exec(text)?.[1] ?? 0);
};

describe("PostgreSQL that goes away", () => {
  it("by kill -9, three times in the middle of a sale, and comes back", async () => {
    for (let round = 1; round <= 3; round += 1) {
      troubled.sell(shop, 30);
      await troubled.until("calls are made", () => isUnderWay(round));
      troubled.sell(shop, 10);
      await troubled.postgres.killAndRestart();
    }
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });

  it("and refuses every connection: webhooks are answered 503 and sent again", async () => {
    troubled.sell(shop, 20);
    await troubled.until("calls are made", () => isUnderWay());
    await troubled.postgres.line.cut();
    const before = answered(503);
    troubled.sell(shop, 20);
    await troubled.until("webhooks are refused", () => answered(503) >= before + 20);
    await troubled.postgres.line.mend();
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });

  it("between a webhook's commit and its answer: it is durable although it was answered 503, and its repetition is a duplicate", async () => {
    await troubled.house.turn(shop.shop);
    const { line } = troubled.postgres;
    line.mute();
    troubled.sell(shop, 1);
    await troubled.until("the webhook is stored", async () => (await storedCount()) > 0);
    const before = answered(503);
    // Once more away than heard: the rows stand, the answers never come.
    await line.cut();
    await troubled.until("it is refused all the same", () => answered(503) > before);
    await line.mend();
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
    expect(await count("delivery_duplicates WHERE install_id = $1", shop.installId)).toBeGreaterThan(0);
  });
});

describe("PostgreSQL without a place for us", () => {
  it("because others have all the connections (53300): 503, and work goes on when they leave", async () => {
    await troubled.postgres.line.cut();
    const others: Client[] = [];
    const full = async (): Promise<boolean> => {
      others.push(await troubled.postgres.session());
      return false;
    };
    await troubled.until("the last place is taken", () => full().catch((error: unknown) => (error as { code?: string }).code === "53300"));
    await troubled.postgres.line.mend();
    const before = answered(503);
    troubled.sell(shop, 10);
    await troubled.until("webhooks are refused", () => answered(503) >= before + 10);
    await Promise.all(others.map((session) => session.end()));
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });

  it("because our own pool is used up: 503 before Shopify stops listening, and work goes on afterwards", async () => {
    const { database } = troubled.house.composed;
    const release = Promise.withResolvers<void>();
    const taken = Array.from({ length: 10 }, () => Promise.withResolvers<void>());
    const holders = taken.map((place) =>
      database.transaction(async (tx) => {
        await tx.query("SELECT 1 AS one");
        place.resolve();
        await release.promise;
      }),
    );
    const before = answered(503);
    await Promise.all(taken.map((place) => place.promise));
    troubled.sell(shop, 5);
    await troubled.until("webhooks are refused", () => answered(503) >= before + 5);
    release.resolve();
    await Promise.all(holders);
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });
});

/** Every table that accepting and turns write to. */
const WRITTEN = ["deliveries", "orders", "changes", "mutations", "mutation_entries", "attempts", "fencing_tokens", "audit_entries", "stock_levels", "order_sources"];
const ABORTS = [
  ["a deadlock", "40P01", "immediately"],
  ["a serialization failure", "40001", "at the commit"],
  ["a full disk", "53100", "immediately"],
  ["a full disk", "53100", "at the commit"],
  ["a lock that is not to be had", "55P03", "immediately"],
  ["a statement that took too long", "57014", "immediately"],
] as const;

/** Stand on every table from the beginning and do nothing until they are told to. */
async function layTriggers(): Promise<void> {
  await troubled.postgres.sql(`
    CREATE FUNCTION trouble_immediately() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE FUNCTION trouble_at_the_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    ${WRITTEN.map(
      (table) => `CREATE SEQUENCE trouble_${table};
        CREATE TRIGGER trouble_a BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION trouble_immediately();
        CREATE CONSTRAINT TRIGGER trouble_b AFTER INSERT OR UPDATE ON ${table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trouble_at_the_commit();`,
    ).join("\n")}`);
}

/** The first writes to each table fail, whoever writes: real errors of a real server. What is counted is not undone with the transaction. */
async function failFirstWrites(code: string, when: "immediately" | "at the commit", times: number): Promise<void> {
  await troubled.postgres.sql(`
    ${WRITTEN.map((table) => `ALTER SEQUENCE trouble_${table} RESTART;`).join("\n")}
    CREATE OR REPLACE FUNCTION trouble_${when.replaceAll(" ", "_")}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('trouble_' || TG_TABLE_NAME) <= ${times} THEN RAISE EXCEPTION 'injected' USING ERRCODE = '${code}'; END IF; RETURN NEW; END $$`);
}

/** Takes the trouble away; answers the tables that were written to often enough to have met all of it. */
async function endTrouble(times: number): Promise<string[]> {
  const rows = await troubled.postgres.sql<{ name: string }>(WRITTEN.map((table) => `SELECT '${table}' AS name FROM trouble_${table} WHERE last_value > ${times}`).join(" UNION ALL "));
  await troubled.postgres.sql(`
    CREATE OR REPLACE FUNCTION trouble_immediately() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE OR REPLACE FUNCTION trouble_at_the_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$`);
  return rows.map(({ name }) => name);
}

describe("PostgreSQL that aborts", () => {
  it.each(ABORTS)("every kind of write with %s (%s, %s), more often than it is tried at once", async (_what, code, when) => {
    // More often than a transaction is tried again; what is not tried again fails its turn, or its webhook, at once.
    const kind = { "40P01": "deadlock", "40001": "serialization", "55P03": "lock_timeout" }[code as string];
    const times = code.startsWith("40") ? TRANSACTION_ATTEMPTS_MAX + 1 : 2;
    const counted = kind === undefined ? 0 : await conflicts(kind);
    await failFirstWrites(code, when, times);
    troubled.sell(shop, 12);
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
    expect(await endTrouble(times)).toEqual(WRITTEN);
    expect(kind === undefined ? times : (await conflicts(kind)) - counted).toBeGreaterThanOrEqual(times);
  });
});

describe("rows that a forgotten session keeps locked", () => {
  it.each([
    ["the install", "SELECT 1 FROM installs WHERE id = $1 FOR UPDATE"],
    ["the tokens", "SELECT 1 FROM fencing_tokens WHERE install_id = $1 FOR UPDATE"],
    ["the whole table of orders, as for an index", "LOCK TABLE orders IN SHARE MODE"],
    ["the sources", "SELECT 1 FROM order_sources WHERE install_id = $1 FOR UPDATE"],
  ])("%s: webhooks are still accepted, turns fail within their limit, and all is done when it is gone", async (_rows, lock) => {
    troubled.sell(shop, 4);
    await troubled.until("calls are made", () => isUnderWay());
    const session = await troubled.postgres.session();
    const [stored, refused, given] = [await storedCount(), answered(503), await conflicts("lock_timeout")];
    await session.query("BEGIN");
    await session.query(lock, lock.includes("$1") ? [shop.installId] : []);
    troubled.sell(shop, 8);
    await troubled.until("a turn gave up its wait", async () => (await conflicts("lock_timeout")) > given);
    expect(await storedCount()).toBeGreaterThanOrEqual(stored + 8);
    expect(answered(503)).toBe(refused);
    await session.query("ROLLBACK");
    expect(await troubled.differencesAtRest(shop)).toEqual([]);
  });
});

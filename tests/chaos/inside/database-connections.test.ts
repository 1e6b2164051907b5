// Goal: whatever happens to connections and rows in PostgreSQL, no process has to be restarted for it, and nothing waits for ever.
// Method: a database of the test's own; sessions are killed, paused and kept waiting from outside while the Database port is at work.
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "@prisma/client";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type ConflictKind, openDatabase, type OpenDatabase, sqlStateOf, TRANSACTION_ATTEMPTS_MAX } from "#app/adapters/prisma/database.server.ts";
import type { DatabaseLimits } from "#app/adapters/prisma/lasting-pool.server.ts";
import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";

let test: TestDatabase;
let other: Client;
let opened: OpenDatabase[];
let conflicts: ConflictKind[];

beforeAll(async () => {
  test = await createTestDatabase();
  other = new Client({ connectionString: test.url });
  await other.connect();
  await other.query("CREATE TABLE units (id int PRIMARY KEY, quantity int NOT NULL)");
});
beforeEach(async () => {
  opened = [];
  conflicts = [];
  await other.query("TRUNCATE units; INSERT INTO units SELECT n, 0 FROM generate_series(1, 50) AS n");
});
afterEach(async () => {
  await other.query("ROLLBACK");
  for (const database of opened) await database.close();
});
afterAll(async () => {
  await other.end();
  await test.drop();
});

function open(connectionsMax = 2, limits: Partial<DatabaseLimits> = {}): OpenDatabase {
  const database = openDatabase({ url: test.url, connectionsMax, limits, onConflict: (kind) => conflicts.push(kind) });
  opened.push(database);
  return database;
}

async function killOthers(): Promise<void> {
  await other.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

const quantityOf = async (id: number) => (await other.query<{ quantity: number }>("SELECT quantity FROM units WHERE id = $1", [id])).rows[0]?.quantity;
const failureOf = (work: Promise<unknown>): Promise<string> => work.then(() => "none", (error: unknown) => sqlStateOf(error) ?? (error instanceof Error ? error.message : "?"));

describe("a pool of two connections", () => {
  it("is used up for good by two that are cut in mid-transaction, the way Prisma ends transactions", async () => {
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: test.url, max: 2, connectionTimeoutMillis: 200 }), errorFormat: "minimal" });
    for (let count = 0; count < 2; count += 1) {
      const cut = prisma.$transaction(async (tx) => {
        await tx.$queryRawUnsafe("SELECT 1 AS one");
        await killOthers();
        await tx.$queryRawUnsafe("SELECT 1 AS one");
      });
      await expect(cut).rejects.toThrow(/terminating connection|not queryable/);
    }
    await expect(prisma.$queryRawUnsafe("SELECT 1 AS one")).rejects.toThrow("timeout exceeded when trying to connect");
    // Its close would wait for the two that never come back.
    void prisma.$disconnect();
  });

  it("has both of them again however many are cut in mid-transaction", async () => {
    const database = open();
    for (let count = 0; count < 5; count += 1) {
      const cut = database.transaction(async (tx) => {
        await tx.execute("UPDATE units SET quantity = 1 WHERE id = 1");
        await killOthers();
        await tx.execute("UPDATE units SET quantity = 2 WHERE id = 1");
      });
      // As PostgreSQL says it, or as the driver says it that has heard it already.
      expect(await failureOf(cut)).toMatch(/57P01|not queryable/);
    }
    expect(await quantityOf(1)).toBe(0);
    expect(await database.transaction((tx) => tx.execute("UPDATE units SET quantity = 3 WHERE id = 1"))).toBe(1);
    await Promise.all([1, 2, 3, 4].map((id) => database.transaction((tx) => tx.execute("UPDATE units SET quantity = 4 WHERE id = $1", id))));
  });

  it("replaces one whose session answers nothing any more", async () => {
    const database = open(1, { socketTimeoutMs: 300 });
    const [session] = await database.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    process.kill(session?.pid ?? 0, "SIGSTOP");
    try {
      expect(await failureOf(database.query("SELECT 1 AS one"))).toContain("PostgreSQL did not answer");
      expect(await database.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
      const [next] = await database.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      expect(next?.pid).not.toBe(session?.pid);
    } finally {
      process.kill(session?.pid ?? 0, "SIGCONT");
    }
  });
});

describe("a row that another session keeps", () => {
  it("is waited for up to the limit; then the work fails, is counted, and nothing of it stays", async () => {
    const database = open(2, { lockTimeoutMs: 100 });
    await other.query("BEGIN; UPDATE units SET quantity = 7 WHERE id = 2");
    const blocked = database.transaction(async (tx) => {
      await tx.execute("UPDATE units SET quantity = 1 WHERE id = 1");
      await tx.execute("UPDATE units SET quantity = 1 WHERE id = 2");
    });
    expect(await failureOf(blocked)).toBe("55P03");
    expect(conflicts).toEqual(["lock_timeout"]);
    await other.query("COMMIT");
    expect([await quantityOf(1), await quantityOf(2)]).toEqual([0, 7]);
    expect(await database.execute("UPDATE units SET quantity = 1 WHERE id = 2")).toBe(1);
  });

  it("comes free when the process that keeps it is paused in mid-transaction", async () => {
    const paused = open(1, { idleInTransactionMs: 100 });
    const taken = Promise.withResolvers<void>();
    const freed = Promise.withResolvers<void>();
    const work = paused.transaction(async (tx) => {
      await tx.execute("UPDATE units SET quantity = 1 WHERE id = 1");
      taken.resolve();
      await freed.promise;
      await tx.execute("UPDATE units SET quantity = 2 WHERE id = 1");
    });
    const failure = failureOf(work);
    await taken.promise;
    // Waits in PostgreSQL until the row is free.
    await other.query("UPDATE units SET quantity = 5 WHERE id = 1");
    freed.resolve();
    expect(await failure).not.toBe("none");
    expect(await quantityOf(1)).toBe(5);
    expect(await paused.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });
});

describe("a deadlock", () => {
  it("between two transactions is undone and run again, counted, and both take effect", async () => {
    const database = open(2);
    const bothHoldOne = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let tries = 0;
    const addTo = (own: number, others: number, index: number) =>
      database.transaction(async (tx) => {
        tries += 1;
        await tx.execute("UPDATE units SET quantity = quantity + 1 WHERE id = $1", own);
        bothHoldOne[index]?.resolve();
        await bothHoldOne[1 - index]?.promise;
        await tx.execute("UPDATE units SET quantity = quantity + 1 WHERE id = $1", others);
      });
    await Promise.all([addTo(1, 2, 0), addTo(2, 1, 1)]);
    expect([await quantityOf(1), await quantityOf(2)]).toEqual([2, 2]);
    expect(conflicts).toEqual(["deadlock"]);
    expect(tries).toBe(3);
  });

  it("of one statement is said again too: without that a batch of webhooks would be answered 503 for it", async () => {
    const database = open(1);
    const [session] = await database.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    // Who looks for a deadlock first is its victim: not the other session.
    await other.query("SET deadlock_timeout = '1min'");
    await other.query("BEGIN; UPDATE units SET quantity = quantity + 1 WHERE id = 2");
    // In one statement first row 1, then row 2: the other session holds 2 and then asks for 1.
    const statement = database.execute(
      "WITH first AS (UPDATE units SET quantity = quantity + 1 WHERE id = 1 RETURNING id) UPDATE units SET quantity = quantity + 1 FROM first WHERE units.id = first.id + 1",
    );
    await expect.poll(async () => (await other.query("SELECT 1 FROM pg_locks WHERE NOT granted AND pid = $1", [session?.pid])).rowCount).toBe(1);
    await other.query("UPDATE units SET quantity = quantity + 1 WHERE id = 1");
    await other.query("COMMIT; RESET deadlock_timeout");
    expect(await statement).toBe(1);
    expect([await quantityOf(1), await quantityOf(2)]).toEqual([2, 2]);
    expect(conflicts).toEqual(["deadlock"]);
  });

  it.each([
    ["40P01", "deadlock"],
    ["40001", "serialization"],
  ])("that comes each time (%s) is the caller's after the sixth attempt, each counted", async (code, kind) => {
    const database = open(1);
    const work = database.transaction((tx) => tx.execute(`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '${code}'; END $$`));
    expect(await failureOf(work)).toBe(code);
    expect(conflicts).toEqual(Array.from({ length: TRANSACTION_ATTEMPTS_MAX }, () => kind));
  });

  it("at the commit is recognised and run again as well", async () => {
    await other.query(`
      CREATE SEQUENCE commits;
      CREATE FUNCTION fail_twice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('commits') < 3 THEN RAISE EXCEPTION 'at commit' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON units DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_twice();`);
    const database = open(1);
    await database.transaction((tx) => tx.execute("UPDATE units SET quantity = quantity + 1 WHERE id = 1"));
    expect(await quantityOf(1)).toBe(1);
    expect(conflicts).toEqual(["serialization", "serialization"]);
    await other.query("DROP TRIGGER late ON units");
  });
});

describe("anything else", () => {
  it.each(["53100", "53200", "53300", "57014", "57P03", "08006"])("(%s) is the caller's at once and run only once: it may be durable, or will be no better now", async (code) => {
    const database = open(1);
    let tries = 0;
    const work = database.transaction(async (tx) => {
      tries += 1;
      await tx.execute(`DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '${code}'; END $$`);
    });
    expect(await failureOf(work)).toBe(code);
    expect([tries, conflicts]).toEqual([1, []]);
  });
});

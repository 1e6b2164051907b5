// Goal: what is bound arrives as it was meant, what comes back is what the port promises, whatever zone the session or the machine has;
// a connection is given back once, and a failure says what it is. Method: the port on a database of the test's own.
import { setTimeout as passed } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { databaseFailureOf, faultCode, isContentFault, openDatabase, type OpenDatabase, sqlStateOf } from "#app/adapters/prisma/database.server.ts";
import { prepared } from "#app/adapters/prisma/prepared-statements.ts";
import type { SqlValue } from "#app/ports/database.ts";
import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";

let test: TestDatabase;
let database: OpenDatabase;
let other: Client;

beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase({ url: test.url, connectionsMax: 2 });
  other = new Client({ connectionString: test.url });
  await other.connect();
  await other.query(`CREATE TABLE moments (id int PRIMARY KEY, zoned timestamptz(3), fine timestamptz(6), plain timestamp(3), day date);
    CREATE TABLE units (id int PRIMARY KEY, quantity int NOT NULL CHECK (quantity >= 0))`);
});
afterAll(async () => {
  await other.end();
  await database.close();
  await test.drop();
});

async function valueOf(sql: string, ...values: SqlValue[]): Promise<unknown> {
  const [row] = await database.query<{ value: unknown }>(`SELECT ${sql} AS value`, ...values);
  return row?.value;
}
const failureOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => null, (error: unknown) => error);

describe("what comes back", () => {
  it.each<[string, unknown]>([
    ["1::int2", 1],
    ["(-2147483648)::int4", -2147483648],
    ["9223372036854775807::int8", 9223372036854775807n],
    ["count(*)", 1n],
    ["(SELECT sum(n) FROM (VALUES (1), (2)) AS t (n))", 3n],
    ["ARRAY[1, NULL, -9223372036854775807]::int8[]", [1n, null, -9223372036854775807n]],
    ["ARRAY[1, NULL, 2]::int4[]", [1, null, 2]],
    ["0.5::float8", 0.5],
    ["'Infinity'::float8", Infinity],
    ["12345678901234567890.0123456789::numeric", "12345678901234567890.0123456789"],
    ["ARRAY[0.10, NULL]::numeric[]", ["0.10", null]],
    ["true", true],
    ["ARRAY[true, NULL, false]", [true, null, false]],
    ["'ünï \"quoted\" \\back, {x}'", 'ünï "quoted" \\back, {x}'],
    [`ARRAY['a', NULL, 'NULL', '', 'b "c" \\ ,{}']`, ["a", null, "NULL", "", 'b "c" \\ ,{}']],
    ["'{}'::text[]", []],
    ["NULL::text", null],
    ["'null'::jsonb", null],
    [`'{"n": 1, "deep": [null, "x", {"y": 1.5}]}'::jsonb`, { n: 1, deep: [null, "x", { y: 1.5 }] }],
    [`'[1, "2"]'::json`, [1, "2"]],
    [`ARRAY['{"a": 1}', NULL]::jsonb[]`, [{ a: 1 }, null]],
    ["'0192f5e0-0000-7000-8000-000000000001'::uuid", "0192f5e0-0000-7000-8000-000000000001"],
    ["'\\x00ff10'::bytea", Buffer.from([0, 255, 16])],
    ["'pg_class'::name", "pg_class"],
  ])("of %s is %s", async (sql, expected) => {
    expect(await valueOf(sql)).toStrictEqual(expected);
  });

  it.each<[string, string | null]>([
    ["'2026-11-22 17:00:00.123+00'::timestamptz", "2026-11-22T17:00:00.123Z"],
    ["'2026-11-22 17:00:00+00'::timestamptz", "2026-11-22T17:00:00.000Z"],
    ["'2026-11-22 17:00:00.1239996+00'::timestamptz", "2026-11-22T17:00:00.124Z"],
    ["'2026-11-22 17:00:00.123999+00'::timestamptz", "2026-11-22T17:00:00.123Z"],
    ["'2026-11-22 17:00:00.5+05:30'::timestamptz", "2026-11-22T11:30:00.500Z"],
    ["'2026-11-22 17:00:00.25'::timestamp", "2026-11-22T17:00:00.250Z"],
    ["'2026-02-28'::date", "2026-02-28T00:00:00.000Z"],
    ["'0044-03-15 12:00:00+00 BC'::timestamptz", "-000043-03-15T12:00:00.000Z"],
    ["'12026-01-02 03:04:05.006+00'::timestamptz", "+012026-01-02T03:04:05.006Z"],
    ["'infinity'::timestamptz", null],
    ["'-infinity'::date", null],
  ])("of the moment %s is that moment in every zone of the session", async (sql, expected) => {
    for (const zone of ["UTC", "Asia/Kolkata", "America/St_Johns"]) {
      const [value, [list]] = await database.transaction(async (tx) => {
        await tx.execute(`SET LOCAL TimeZone = '${zone}'`);
        // Without a zone in what is written the session's own is meant: these three are the same everywhere.
        const [row] = await tx.query<{ value: Date; list: (Date | null)[] }>(`SELECT ${sql} AS value, ARRAY[${sql}, NULL] AS list`);
        return [row?.value, row?.list ?? []] as const;
      });
      for (const moment of [value, list]) {
        expect(moment).toBeInstanceOf(Date);
        expect(Number.isNaN(moment?.getTime()) ? null : moment?.toISOString()).toBe(expected);
      }
    }
  });

  it("of no row is an empty list, of a statement the number of rows it touched", async () => {
    expect(await database.query("SELECT 1 AS value WHERE false")).toEqual([]);
    expect(await database.execute("INSERT INTO units SELECT n, 5 FROM generate_series(1, 3) AS n")).toBe(3);
    expect(await database.execute("UPDATE units SET quantity = 6 WHERE id > 3")).toBe(0);
    expect(await database.execute("SET statement_timeout = '20s'")).toBe(0);
  });
});

describe("what is bound", () => {
  const moment = new Date("2026-11-22T23:59:59.987Z");

  it.each<[string, SqlValue, unknown]>([
    ["$1::text", "", ""],
    ["$1::text", "it's \\ \"x\" {1,2}", "it's \\ \"x\" {1,2}"],
    ["$1::text", "2026-11-22", "2026-11-22"],
    ["$1::text", null, null],
    ["$1::int8", 9223372036854775807n, 9223372036854775807n],
    ["$1::int8", 9007199254740991, 9007199254740991n],
    ["$1::int4", -1, -1],
    ["$1::float8", 0.1, 0.1],
    ["$1::numeric", 0.1, "0.1"],
    ["$1::boolean", false, false],
    ["$1::timestamptz", moment, moment],
    ["$1::jsonb", '{"a":[null,1]}', { a: [null, 1] }],
    ["$1::text[]", [], []],
    ["$1::text[]", ["a", null, "NULL", "", 'b "c" \\ ,{}', "null"], ["a", null, "NULL", "", 'b "c" \\ ,{}', "null"]],
    ["$1::int8[]", [1n, null, 9223372036854775807n], [1n, null, 9223372036854775807n]],
    ["$1::int4[]", [1, null, -3], [1, null, -3]],
    ["$1::boolean[]", [true, null, false], [true, null, false]],
    ["$1::timestamptz[]", [moment, null], [moment, null]],
  ])("as %s (%s) arrives as it was", async (sql, value, expected) => {
    expect(await valueOf(sql, value)).toStrictEqual(expected);
  });

  it("as a moment is kept by a column without a zone, and by a day, as it is in UTC", async () => {
    await database.transaction(async (tx) => {
      await tx.execute("SET LOCAL TimeZone = 'Pacific/Kiritimati'");
      await tx.execute("INSERT INTO moments VALUES (1, $1, $1, $2, $3::timestamptz AT TIME ZONE 'UTC')", moment, moment, moment);
    });
    const { rows } = await other.query("SELECT zoned = $1::timestamptz AS zoned, plain::text, day::text FROM moments", [moment.toISOString()]);
    expect(rows).toEqual([{ zoned: true, plain: "2026-11-22 23:59:59.987", day: "2026-11-22" }]);
  });

  it("as a moment far from now arrives too", async () => {
    const far = new Date("+012026-01-02T03:04:05.006Z");
    expect(await valueOf("$1::timestamptz", far)).toEqual(far);
  });
});

describe("a failure", () => {
  it.each<[string, SqlValue[], string]>([
    ["INSERT INTO units VALUES (9, -1)", [], "23514"],
    ["SELECT $1::int4", ["x"], "22P02"],
    ["SELECT $1::text", ["a\u0000b"], "22021"],
    ["SELECT $1::int8", [2n ** 63n], "22003"],
  ])("of the content (%s) is known for one, alone and in a transaction", async (sql, values, code) => {
    for (const run of [() => database.query(sql, ...values), () => database.transaction((tx) => tx.query(sql, ...values))]) {
      const error = await failureOf(run());
      expect([sqlStateOf(error), faultCode(error), isContentFault(error), databaseFailureOf(error)]).toEqual([code, code, true, null]);
    }
  });

  it("of a date that is none is one of the content", async () => {
    const error = await failureOf(database.query("SELECT $1::timestamptz", new Date(NaN)));
    expect([isContentFault(error), databaseFailureOf(error)]).toEqual([true, null]);
  });

  it("of Prisma's own statements, as the session storage says them, is known the same way", async () => {
    const error = await failureOf(database.prisma.$executeRawUnsafe("INSERT INTO units VALUES (9, -1)"));
    expect([sqlStateOf(error), isContentFault(error)]).toEqual(["23514", true]);
    const cut = await failureOf(database.prisma.$executeRawUnsafe("SELECT pg_terminate_backend(pg_backend_pid())"));
    expect(databaseFailureOf(cut)).toBe("unavailable");
  });

  it("of one statement leaves its connection in the pool, one that is cut does not, and both places are there afterwards", async () => {
    const pid = () => valueOf("pg_backend_pid()");
    const first = await pid();
    await failureOf(database.query("SELECT 1 / 0"));
    expect(await pid()).toBe(first);
    const cut = await failureOf(database.query("SELECT pg_terminate_backend(pg_backend_pid())"));
    expect([sqlStateOf(cut), databaseFailureOf(cut)]).toEqual(["57P01", "unavailable"]);
    expect(await pid()).not.toBe(first);
    const both = await Promise.all([1, 2].map(() => database.query("SELECT pg_sleep(0)")));
    expect(both).toHaveLength(2);
  });

  it("that strikes an idle connection ends nothing: the next statement has a new one", async () => {
    await Promise.all([1, 2].map(() => database.query("SELECT pg_sleep(0)")));
    await other.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    await expect.poll(async () => (await failureOf(database.query("SELECT 1"))) === null).toBe(true);
  });
});

describe("a statement that is prepared", () => {
  const ALL = prepared("SELECT * FROM shapes WHERE id = $1");

  it("is parsed once by each connection that says it, and said by its name from then on", async () => {
    await other.query("CREATE TABLE shapes (id int PRIMARY KEY)");
    const parsed = () => database.query<{ statement: string }>("SELECT statement FROM pg_prepared_statements");
    await database.transaction(async (tx) => {
      for (const id of [1, 2]) await tx.query(ALL, id);
      await tx.query("SELECT $1::int", 1);
      expect(await tx.query("SELECT statement FROM pg_prepared_statements")).toEqual([{ statement: ALL }]);
    });
    expect((await parsed()).length).toBeLessThanOrEqual(1);
  });

  it("of which a migration changed the answer is said again on another connection, alone and in a transaction, which is undone before", async () => {
    await other.query("INSERT INTO shapes VALUES (1)");
    for (const column of ["sides", "angles"]) {
      await Promise.all([1, 2].map(() => database.transaction(async (tx) => [await tx.query(ALL, 1), await tx.query("SELECT pg_sleep(0.05)")])));
      await other.query(`ALTER TABLE shapes ADD COLUMN ${column} int NOT NULL DEFAULT 4`);
      let begun = 0;
      const read = async () => {
        if (column === "sides") return database.query(ALL, 1);
        return database.transaction(async (tx) => {
          begun += 1;
          await tx.execute("INSERT INTO shapes VALUES (2)");
          return tx.query(ALL, 1);
        });
      };
      expect(await read()).toEqual([expect.objectContaining({ id: 1, [column]: 4 })]);
      expect(begun).toBe(column === "sides" ? 0 : 3);
    }
  });
});

describe("a transaction", () => {
  const quantityOf = async (id: number) => (await other.query<{ quantity: number }>("SELECT quantity FROM units WHERE id = $1", [id])).rows[0]?.quantity;

  it("takes what is asked at the same time one after the other, in its order", async () => {
    const seen = await database.transaction((tx) => Promise.all(["a", "b", "c"].map((name) => tx.query<{ name: string }>("SELECT $1::text AS name", name))));
    expect(seen.flat().map((row) => row.name)).toEqual(["a", "b", "c"]);
  });

  it("of which a statement failed is no success, even if its work goes on as if nothing had been", async () => {
    const error = await failureOf(
      database.transaction(async (tx) => {
        await tx.execute("UPDATE units SET quantity = 50 WHERE id = 1");
        await failureOf(tx.execute("UPDATE units SET quantity = -1 WHERE id = 1"));
      }),
    );
    expect(sqlStateOf(error)).toBe("23514");
    expect(await quantityOf(1)).toBe(5);
  });

  it("whose work fails keeps nothing, and the failure is the caller's as it was", async () => {
    const cause = new Error("of the work");
    const work = database.transaction(async (tx) => {
      await tx.execute("UPDATE units SET quantity = 51 WHERE id = 1");
      throw cause;
    });
    expect(await failureOf(work)).toBe(cause);
    expect(await quantityOf(1)).toBe(5);
  });

  it("takes no statement after its end: it would be one of whoever has the connection next", async () => {
    const late = await database.transaction((tx) => Promise.resolve({ say: () => tx.execute("UPDATE units SET quantity = 52 WHERE id = 1") }));
    await expect(late.say()).rejects.toThrow("after its transaction had ended");
    expect(await quantityOf(1)).toBe(5);
  });

  it("that is longer than its limit is undone by PostgreSQL, in mid-statement and between two, and its place is free", async () => {
    const short = openDatabase({ url: test.url, connectionsMax: 1, limits: { transactionMs: 150 } });
    try {
      for (const dawdle of ["in PostgreSQL", "here"]) {
        const error = await failureOf(
          short.transaction(async (tx) => {
            await tx.execute("UPDATE units SET quantity = 53 WHERE id = 1");
            if (dawdle === "here") await passed(300);
            await tx.query("SELECT pg_sleep(1)");
          }),
        );
        expect([String(error), databaseFailureOf(error)]).toEqual([expect.stringContaining("was not over after 150 ms"), "timeout"]);
        expect(await short.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
      }
      expect(await quantityOf(1)).toBe(5);
    } finally {
      await short.close();
    }
  });
});

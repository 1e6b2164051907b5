// Goal: a migration only adds, so that the version before it goes on working on the new schema while a deploy is under way; and it holds up
// nobody for the length of a table. Method: the text of each migration after the first is read statement by statement.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

const FOLDER = "prisma/migrations";

/** What takes something away that an older version uses, or asks something of it that it does not know. */
const TAKES_AWAY: readonly (readonly [fault: string, pattern: RegExp])[] = [
  ["drops a table", /^DROP TABLE/i],
  ["drops a column", /\bDROP COLUMN\b/i],
  ["renames", /\bRENAME\b/i],
  ["changes a type", /\bALTER COLUMN\b.*\b(SET DATA )?TYPE\b/i],
  ["makes a column NOT NULL", /\bSET NOT NULL\b/i],
  ["takes a default away", /\bDROP DEFAULT\b/i],
  ["drops an index", /^DROP INDEX/i],
  ["empties a table", /^TRUNCATE|^DELETE\b/i],
];
/** Small, or as large as the number of shops: a scan of them is over at once. */
const SMALL_TABLES = new Set(["installs", "settings_versions", "order_sources", "source_suspicions", "compliance_requests", "locations", "api_tokens", "order_scans", "Session"]);
/** Before a statement that locks a large table for a scan: the reason why it may. */
const REASON = /--\s*(Not concurrently|Validated at once):/;

/** What is wrong with a migration, statement by statement; `made`: the tables that it makes itself. */
function faultsOf(sql: string): string[] {
  const statements = split(sql);
  const made = new Set(statements.flatMap(({ text }) => /^CREATE TABLE "?(\w+)"?/i.exec(text)?.[1] ?? []));
  return statements.flatMap(({ text, comment }) => {
    const first = `${text.slice(0, 100)}…`;
    const faults = TAKES_AWAY.filter(([, pattern]) => pattern.test(text)).map(([fault]) => `${fault}: ${first}`);
    if (/\bADD COLUMN\b/i.test(text) && /\bNOT NULL\b/i.test(text) && !/\bDEFAULT\b/i.test(text)) faults.push(`adds a column that an older version does not fill: ${first}`);
    // A constraint may be dropped for a wider one under its name.
    const dropped = /\bDROP CONSTRAINT "?(\w+)"?/i.exec(text)?.[1];
    if (dropped !== undefined && !new RegExp(`ADD CONSTRAINT "?${dropped}"?`, "i").test(sql)) faults.push(`drops a constraint: ${first}`);
    const isLarge = (name: string | undefined) => name !== undefined && !made.has(name) && !SMALL_TABLES.has(name);
    const indexed = /^CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).*?\bON "?(\w+)"?/i.exec(text)?.[1];
    if (isLarge(indexed) && !REASON.test(comment)) faults.push(`builds an index under a lock on all writes without a reason: ${first}`);
    const checked = /^ALTER TABLE "?(\w+)"? ADD CONSTRAINT .*\b(CHECK|FOREIGN KEY)\b/i.exec(text)?.[1];
    if (isLarge(checked) && !/\bNOT VALID\b/i.test(text) && !REASON.test(comment)) faults.push(`reads a whole table under its lock for a constraint (NOT VALID): ${first}`);
    return faults;
  });
}

interface Statement {
  /** On one line. */
  readonly text: string;
  /** The comment lines before it. */
  readonly comment: string;
}

/** By semicolons outside of function bodies; comments between statements belong to the next one. */
function split(sql: string): Statement[] {
  const bodies: string[] = [];
  const flat = sql.replaceAll(/\$\$[\s\S]*?\$\$/g, (body) => `$${bodies.push(body)}$`);
  return flat.split(/;[ \t]*$/m).flatMap((part) => {
    const lines = part.split("\n");
    const comment = lines.filter((line) => line.trim().startsWith("--")).join("\n");
    const text = lines.filter((line) => !line.trim().startsWith("--")).join(" ").replaceAll(/\s+/g, " ").trim();
    return text === "" ? [] : [{ text, comment }];
  });
}

let migrations: { name: string; sql: string }[];
beforeAll(async () => {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{14}_/.test(name)).toSorted();
  migrations = await Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(FOLDER, name, "migration.sql"), "utf8") })));
});

describe("every migration after the first", () => {
  it("only adds, and locks no large table for a scan", () => {
    const later = migrations.slice(1);
    expect(later.length).toBeGreaterThan(0);
    expect(later.flatMap(({ name, sql }) => faultsOf(sql).map((fault) => `${name} ${fault}`))).toEqual([]);
  });

  it.each([
    [`DROP TABLE "orders";`, "drops a table"],
    [`ALTER TABLE "orders" DROP COLUMN "name";`, "drops a column"],
    [`ALTER TABLE "orders" RENAME COLUMN "name" TO "title";`, "renames"],
    [`ALTER TABLE "orders" ALTER COLUMN "name" TYPE varchar(20);`, "changes a type"],
    [`ALTER TABLE "orders" ALTER COLUMN "name" SET NOT NULL;`, "makes a column NOT NULL"],
    [`ALTER TABLE "orders" ADD COLUMN "a" TEXT NOT NULL;`, "adds a column that an older version does not fill"],
    [`ALTER TABLE "changes" DROP CONSTRAINT "changes_state";`, "drops a constraint"],
    [`CREATE INDEX "a" ON "changes" ("sku");`, "builds an index under a lock"],
    [`ALTER TABLE "changes" ADD CONSTRAINT "a" CHECK ("delta" < 9);`, "reads a whole table"],
  ])("would be refused with %s", (sql, fault) => {
    expect(faultsOf(sql)).toEqual([expect.stringContaining(fault)]);
  });

  it.each([
    `ALTER TABLE "orders" ADD COLUMN "a" TEXT NOT NULL DEFAULT '';`,
    `CREATE INDEX CONCURRENTLY "a" ON "changes" ("sku");`,
    `-- Not concurrently: the column is new, so the index is empty.\nCREATE INDEX "a" ON "changes" ("sku") WHERE "b" IS NOT NULL;`,
    `ALTER TABLE "changes" DROP CONSTRAINT "changes_state", ADD CONSTRAINT "changes_state" CHECK ("state" <> '') NOT VALID;`,
    `CREATE TABLE "a" ("b" TEXT NOT NULL);\nCREATE INDEX "c" ON "a" ("b");`,
    `CREATE TRIGGER "a" BEFORE UPDATE ON "changes" FOR EACH ROW EXECUTE FUNCTION "b"();`,
  ])("may say %s", (sql) => {
    expect(faultsOf(sql)).toEqual([]);
  });
});

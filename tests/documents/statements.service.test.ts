// Every statement that the documents have somebody type into psql runs against the tables as they are.
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";

import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";

import { readDocuments, readTree } from "./read-documents.ts";
import { splitShell } from "./shell-words.ts";

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

it("runs what the documents say to psql", async () => {
  const documents = await readDocuments(await readTree());
  const statements = documents.flatMap(({ path, samples }) =>
    samples
      .filter(({ language }) => language === "sh")
      .flatMap(({ text, line }) => splitShell(text).flatMap(({ words }) => (words[0] === "psql" ? words.flatMap((word, index) => (words[index - 1] === "-c" ? [{ where: `${path}:${line}`, statement: word }] : [])) : []))),
  );
  expect(statements.length).toBeGreaterThan(10);
  const faults: string[] = [];
  for (const { where, statement } of statements) {
    // Rolled back: some of them change something.
    await client.query("BEGIN");
    await client.query(statement).catch((error: unknown) => faults.push(`${where}: ${statement}: ${String(error)}`));
    await client.query("ROLLBACK");
  }
  expect(faults).toEqual([]);
});

// A database of a test's own, cloned from the migrated template in some tens of milliseconds.
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { inject } from "vitest";
import { addressOf } from "./services.ts";

export type TestDatabase = {
  url: string;
  /** Deletes it. Throws when somebody still holds a connection: a leaked pool fails the test that leaked it. */
  drop(): Promise<void>;
};

/** A closed connection's backend needs a moment to leave; one that is still there after this was never closed. */
const leaveLimitMs = 5_000;

export async function createTestDatabase(): Promise<TestDatabase> {
  const databaseUrl = inject("databaseUrl");
  const name = `holdfast_test_${randomBytes(6).toString("hex")}`;
  await withAdministrator(async (client) => {
    // Copying its files costs a third of writing every page of it to the log.
    await client.query(`CREATE DATABASE "${name}" TEMPLATE "${inject("templateDatabase")}" STRATEGY FILE_COPY`);
  });
  return {
    url: addressOf(databaseUrl, name),
    async drop() {
      await withAdministrator(async (client) => {
        const held = await heldConnections(client, name);
        await client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
        if (held.length > 0) throw new Error(`${held.length} database connections were left open; their last statements: ${held.join(" | ")}`);
      });
    },
  };
}

async function heldConnections(client: Client, name: string): Promise<string[]> {
  const deadline = performance.now() + leaveLimitMs;
  for (;;) {
    const found = await client.query<{ query: string }>("SELECT left(query, 120) AS query FROM pg_stat_activity WHERE datname = $1", [name]);
    if (found.rows.length === 0 || performance.now() > deadline) return found.rows.map((row) => row.query);
    await client.query("SELECT pg_sleep(0.02)");
  }
}

async function withAdministrator(work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: inject("databaseUrl") });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

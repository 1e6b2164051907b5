// The test services themselves: databases and Redis numbers that do not see each other.
import { Client } from "pg";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { createTestDatabase } from "#tests/setup/test-database.ts";
import { createTestRedis, startPrivateRedis } from "#tests/setup/test-redis.ts";

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

describe("a test's own services", () => {
  it("gives each test a migrated database that no other test sees", async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await query(one.url, "CREATE TABLE only_here (id int)");
    const migrations = await query(two.url, "SELECT 1 FROM _prisma_migrations WHERE finished_at IS NOT NULL");
    const foreign = await query(two.url, "SELECT 1 FROM pg_tables WHERE tablename = 'only_here'");
    await Promise.all([one.drop(), two.drop()]);
    expect(migrations.length).toBeGreaterThan(0);
    expect(foreign).toEqual([]);
  });

  it("gives each test a Redis database of its own and empties it", async () => {
    const [one, two] = await Promise.all([createTestRedis(), createTestRedis()]);
    const [here, there] = [new Redis(one.url), new Redis(two.url)];
    await here.set("key", "value");
    expect(await there.get("key")).toBeNull();
    await one.flush();
    expect(await here.get("key")).toBeNull();
    await Promise.all([here.quit(), there.quit(), one.close(), two.close()]);
  });

  it("stops a private Redis and starts it again, empty, at the same address", async () => {
    const server = await startPrivateRedis();
    const before = new Redis(server.url);
    await before.set("key", "value");
    before.disconnect();
    await server.stop();
    await server.start();
    const after = new Redis(server.url);
    expect(await after.get("key")).toBeNull();
    await after.quit();
    await server.close();
  });
});

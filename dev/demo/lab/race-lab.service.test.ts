// Goal: each of the lab's five switches matters. Method: the same seeded sale with everything on, with each switch off alone, and with
// nothing on, on real PostgreSQL and Redis against the simulator; the lab forces the interleavings, so one run of each is enough.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestRedis } from "#tests/setup/test-redis.ts";
import type { TestRedis } from "#tests/setup/test-redis.ts";
import { createLabWorld } from "./lab-world.ts";
import type { LabWorld } from "./run-lab-handler.ts";
import { isClean } from "./lab-result.ts";
import { runLabHandler } from "./run-lab-handler.ts";
import { ALL_OFF, ALL_ON, without } from "./switches.ts";

const SEED = 1;
/** Fast enough for a test, and slow against what the machine itself takes for a call. */
const GRAPHQL_MS = 40;
/** A busy machine may take its time: a sale that hangs is what this ends. */
const LIMIT_MS = 45_000;

let redis: TestRedis;
let world: LabWorld & { close(): Promise<void> };

beforeAll(async () => {
  redis = await createTestRedis();
  world = await createLabWorld({ schemaPath: inject("adminSchemaPath"), databaseUrl: inject("databaseUrl"), redisUrl: redis.url, apiVersion: "2026-10", graphqlMs: GRAPHQL_MS, limitMs: LIMIT_MS });
});
afterAll(async () => {
  await world.close();
  await redis.close();
});

describe(`the sale of seed ${SEED}`, () => {
  it("does no damage with all five protections on, although the handler is killed in the middle and Redis comes back empty", async () => {
    const result = await runLabHandler(world, ALL_ON, SEED);
    expect(result).toMatchObject({ lost: 0, doublyApplied: 0, oversold: 0, waiting: 0, counterSold: 6, finished: true });
    expect(isClean(result)).toBe(true);
  });

  it("takes units twice without idempotency, and nothing else goes wrong", async () => {
    const result = await runLabHandler(world, without("idempotency"), SEED);
    expect(result).toMatchObject({ lost: 0, oversold: 0, finished: true });
    expect(result.doublyApplied).toBeGreaterThan(20);
  });

  it("loses without atomic mutation what the online store sold between the handler's two calls, lock or no lock", async () => {
    const result = await runLabHandler(world, without("atomic"), SEED);
    expect(result).toMatchObject({ doublyApplied: 0, oversold: 0, waiting: 0, finished: true });
    expect(result.lost).toBeGreaterThanOrEqual(8);
  });

  it("promises the last units to more buyers than there are without the lock, and nothing else goes wrong", async () => {
    const result = await runLabHandler(world, without("lock"), SEED);
    expect(result).toMatchObject({ lost: 0, doublyApplied: 0, waiting: 0, finished: true });
    expect(result.oversold).toBeGreaterThan(0);
  });

  it("answers Shopify too late without the queue, and loses what was under way at the restart", async () => {
    const result = await runLabHandler(world, without("queue"), SEED);
    expect(result).toMatchObject({ doublyApplied: 0, oversold: 0, finished: true });
    expect(result.lateAnswers).toBeGreaterThan(0);
    expect(result.lost).toBeGreaterThan(0);
  });

  it("leaves stored notifications lying without the sweeper when Redis lost its jobs", async () => {
    const result = await runLabHandler(world, without("sweeper"), SEED);
    expect(result).toMatchObject({ doublyApplied: 0, oversold: 0, finished: true });
    expect(result.waiting).toBeGreaterThan(0);
    expect(result.lost).toBeGreaterThan(0);
  });

  it("does every kind of damage with nothing on", async () => {
    const result = await runLabHandler(world, ALL_OFF, SEED);
    expect(result.lost).toBeGreaterThan(0);
    expect(result.doublyApplied).toBeGreaterThan(0);
    expect(result.oversold).toBeGreaterThan(0);
  });
});

// Goal: the laws hold through a storm of every fault at once, and break when a guard is taken away. Method: the bench's fault storm, small:
// real workers and accept processes, killed, paused and cut off while shops sell; everything drawn from the seed, judged from outside.
// The long run is `npm run bench -- fault-storm`; docs/reference/fault-storm.md says what each guard alone holds.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { FAULT_NAMES, type FaultName } from "#bench/fault-storm/faults.ts";
import { runSeed, type SeedResult } from "#bench/fault-storm/run-seed.ts";
import { startStormServices, type StormServices } from "#bench/fault-storm/storm-services.ts";

const LIMIT_MS = 180_000;
const SMALL = { orders: 45, shops: 3, brief: true } as const;

const stops: (() => Promise<void>)[] = [];
let services: StormServices;

beforeAll(async () => {
  services = await startStormServices({ add: (_name, stop) => void stops.push(stop) }, { postgres: { url: inject("databaseUrl"), migrated: inject("templateDatabase") } });
}, LIMIT_MS);

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

function brokenLaws({ violations }: SeedResult): string[] {
  return [...new Set(violations.map(({ law }) => law))];
}

describe("a fault storm", () => {
  it("ends with every law held", { timeout: LIMIT_MS }, async () => {
    const result = await runSeed(services, { seed: 4_711, without: [], ...SMALL });
    expect(result.violations, `seed ${result.seed}`).toEqual([]);
    expect(result.kills).toBeGreaterThan(0);
    expect(FAULT_NAMES.filter((fault) => result.coverage.count(fault) === 0), `what never struck in seed ${result.seed}`).toEqual([]);
  });

  it.each<{ guard: string; law: string; faults: readonly FaultName[] }>([
    { guard: "webhook-id", law: "1", faults: ["webhook_copy"] },
    { guard: "durable-claim", law: "3", faults: [] },
    { guard: "same-key", law: "2", faults: ["after_commit"] },
  ])("breaks law $law without the guard $guard", { timeout: LIMIT_MS }, async ({ guard, law, faults }) => {
    const result = await runSeed(services, { seed: 4_712, without: [guard], ...SMALL, faults });
    expect(brokenLaws(result), `seed ${result.seed}`).toContain(law);
  });
});

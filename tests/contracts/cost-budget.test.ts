// What a cost budget promises. Goal: the sum of what is granted never exceeds what Shopify still has, whoever asks and in whatever order
// answers come back. Method: a real Redis; a model of Shopify's leaky bucket; virtual time handed to both; seeds in the titles.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import { TIMINGS } from "#app/ports/timings.ts";
import { RedisCostBudget } from "#app/adapters/redis/redis-cost-budget.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { startOwnRedis, type OwnRedis } from "#tests/setup/own-redis.ts";
import { seededRandom } from "#tests/setup/seeded-random.ts";

const SHOP = "one.myshopify.com";
const keys = redisKeys("cost-budget");

let redis: OwnRedis;
let nowMs: number;

beforeAll(async () => {
  redis = await startOwnRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  nowMs = 1_000_000;
  await (await redis.connect()).commands.flushall();
});

/** The budget as one more process would use it. */
async function openBudget(): Promise<CostBudget> {
  const { commands } = await redis.connect();
  return new RedisCostBudget({ commands, keys, clock: systemClock, pointsReservedMs: TIMINGS.pointsReservedMs, bucketNowMs: () => nowMs });
}

/** How many reservations of `points` are granted before the first refusal, and that refusal. */
async function drain(budget: CostBudget, points: number) {
  for (let grantedCount = 0; ; grantedCount += 1) {
    const answer = await budget.reserve({ shop: SHOP, points });
    if (answer.kind !== "granted") return { grantedCount, answer };
  }
}

const status = (maximumAvailable: number, currentlyAvailable: number, restoreRate: number) => ({
  maximumAvailable,
  currentlyAvailable,
  restoreRate,
});

describe("the cost budget", () => {
  it("assumes the smallest plan until Shopify has answered once", async () => {
    expect(await drain(await openBudget(), 100)).toEqual({ grantedCount: 20, answer: { kind: "later", waitMs: 1_000 } });
  });

  it("grants again after the wait it named, and not a millisecond sooner", async () => {
    const budget = await openBudget();
    await drain(budget, 100);
    // Reservations in flight hold the cap down: end them first.
    for (let i = 0; i < 20; i += 1) await budget.report({ shop: SHOP, throttleStatus: status(2_000, 0, 100), requested: 100, actual: 100 });
    nowMs += 999;
    expect(await budget.reserve({ shop: SHOP, points: 100 })).toEqual({ kind: "later", waitMs: 1 });
    nowMs += 1;
    expect(await budget.reserve({ shop: SHOP, points: 100 })).toMatchObject({ kind: "granted" });
  });

  it("tells how it stands without setting anything aside", async () => {
    const budget = await openBudget();
    expect(await budget.standing(SHOP)).toEqual({ kind: "unmeasured" });
    await budget.reserve({ shop: SHOP, points: 100 });
    await budget.report({ shop: SHOP, throttleStatus: status(4_000, 3_000, 200), requested: 100, actual: 60 });
    expect(await budget.standing(SHOP)).toEqual({ kind: "known", available: 3_000, maximum: 4_000, restoreRate: 200, closedForMs: 0 });
    nowMs += 1_000;
    expect(await budget.standing(SHOP)).toMatchObject({ available: 3_200 });
    await budget.throttled({ shop: SHOP, waitMs: 500 });
    expect(await budget.standing(SHOP)).toMatchObject({ available: 3_200, closedForMs: 500 });
    expect(await budget.standing("two.myshopify.com")).toEqual({ kind: "unmeasured" });
  });

  it("is one for all processes, and one per shop", async () => {
    const [first, second] = [await openBudget(), await openBudget()];
    await drain(first, 1_000);
    expect(await second.reserve({ shop: SHOP, points: 1 })).toMatchObject({ kind: "later" });
    expect(await second.reserve({ shop: "two.myshopify.com", points: 1 })).toMatchObject({ kind: "granted" });
  });

  it("never grants more than there is to many who ask at the same instant", async () => {
    const budgets = await Promise.all(Array.from({ length: 8 }, openBudget));
    const answers = await Promise.all(budgets.flatMap((budget) => Array.from({ length: 50 }, () => budget.reserve({ shop: SHOP, points: 7 }))));
    expect(answers.filter((answer) => answer.kind === "granted")).toHaveLength(Math.floor(2_000 / 7));
  });

  it("learns the size of a bigger plan from the first answer", async () => {
    const budget = await openBudget();
    await budget.reserve({ shop: SHOP, points: 100 });
    await budget.report({ shop: SHOP, throttleStatus: status(20_000, 19_990, 1_000), requested: 100, actual: 10 });
    expect((await drain(budget, 100)).grantedCount).toBe(199);
  });

  it("gives back what a call did not cost", async () => {
    const budget = await openBudget();
    await drain(budget, 1_000);
    await budget.report({ shop: SHOP, throttleStatus: status(2_000, 1_990, 100), requested: 1_000, actual: 10 });
    expect((await drain(budget, 90)).grantedCount).toBe(11);
  });

  it("subtracts what is in flight from what Shopify says is left", async () => {
    const budget = await openBudget();
    await budget.reserve({ shop: SHOP, points: 600 });
    await budget.reserve({ shop: SHOP, points: 400 });
    // Shopify has not seen the call of 600 yet.
    await budget.report({ shop: SHOP, throttleStatus: status(2_000, 1_600, 100), requested: 400, actual: 400 });
    expect((await drain(budget, 100)).grantedCount).toBe(10);
  });

  it("is not made generous by an answer that is older than one reported before it", async () => {
    const budget = await openBudget();
    await budget.reserve({ shop: SHOP, points: 1_000 });
    await budget.reserve({ shop: SHOP, points: 900 });
    await budget.report({ shop: SHOP, throttleStatus: status(2_000, 100, 100), requested: 900, actual: 900 });
    await budget.report({ shop: SHOP, throttleStatus: status(2_000, 1_000, 100), requested: 1_000, actual: 1_000 });
    expect((await drain(budget, 100)).grantedCount).toBe(1);
  });

  it("follows Shopify down when somebody else spends", async () => {
    const budget = await openBudget();
    await budget.reserve({ shop: SHOP, points: 10 });
    await budget.report({ shop: SHOP, throttleStatus: status(2_000, 250, 100), requested: 10, actual: 10 });
    expect((await drain(budget, 100)).grantedCount).toBe(2);
  });

  it("grants nothing for as long as it was told after a refusal, then starts from empty", async () => {
    const budget = await openBudget();
    await budget.reserve({ shop: SHOP, points: 100 });
    await budget.throttled({ shop: SHOP, waitMs: 2_000, requested: 100 });
    expect(await budget.reserve({ shop: SHOP, points: 1 })).toEqual({ kind: "later", waitMs: 2_000 });
    await budget.throttled({ shop: SHOP, waitMs: 500 });
    nowMs += 1_500;
    expect(await budget.reserve({ shop: SHOP, points: 1 })).toEqual({ kind: "later", waitMs: 500 });
    nowMs += 500;
    expect((await drain(budget, 50)).grantedCount).toBe(4);
  });

  it("forgets what a caller reserved and never reported", async () => {
    const budget = await openBudget();
    await drain(budget, 100);
    nowMs += TIMINGS.pointsReservedMs;
    expect((await drain(budget, 100)).grantedCount).toBe(20);
  });

  it("gives back at once what was set aside for a call that was never made", async () => {
    const budget = await openBudget();
    const reserved = await budget.reserve({ shop: SHOP, points: 1_500 });
    expect(await budget.reserve({ shop: SHOP, points: 1_000 })).toMatchObject({ kind: "later" });
    if (reserved.kind !== "granted") throw new Error("a full bucket grants");
    await budget.cancel({ shop: SHOP, points: 1_500, ticket: reserved.ticket });
    await budget.cancel({ shop: SHOP, points: 1_500, ticket: reserved.ticket });
    expect(await drain(budget, 1_000)).toMatchObject({ grantedCount: 2 });
  });

  it("lets a call dearer than the whole bucket wait for a full one, not for ever", async () => {
    const budget = await openBudget();
    expect(await budget.reserve({ shop: SHOP, points: 5_000 })).toMatchObject({ kind: "granted" });
    expect(await budget.reserve({ shop: SHOP, points: 5_000 })).toEqual({ kind: "later", waitMs: 20_000 });
  });

  it("does not gain from a server clock that is set back", async () => {
    const budget = await openBudget();
    await drain(budget, 100);
    nowMs -= 3_600_000;
    expect(await budget.reserve({ shop: SHOP, points: 100 })).toMatchObject({ kind: "later" });
  });

  it("lives by the server's clock when it is given no other", async () => {
    const { commands } = await redis.connect();
    const budget = new RedisCostBudget({ commands, keys, clock: systemClock, pointsReservedMs: TIMINGS.pointsReservedMs });
    expect(await budget.reserve({ shop: SHOP, points: 2_000 })).toMatchObject({ kind: "granted" });
    expect(await budget.reserve({ shop: SHOP, points: 2_000 })).toMatchObject({ kind: "later" });
  });

  it("says that it is unavailable, at once when Redis is away and after a second when it does not answer", async () => {
    const away = await startOwnRedis();
    const { commands } = await away.connect();
    const causes: Error[] = [];
    const clock = new FakeClock();
    const budget = new RedisCostBudget({ commands, keys, clock, pointsReservedMs: TIMINGS.pointsReservedMs, onUnavailable: (cause) => causes.push(cause) });
    const paused = await away.pause();
    const reservation = budget.reserve({ shop: SHOP, points: 1 });
    await clock.advance(1_000);
    expect(await reservation).toEqual({ kind: "unavailable" });
    paused.resume();
    await away.stop();
    expect(await budget.reserve({ shop: SHOP, points: 1 })).toEqual({ kind: "unavailable" });
    expect(await budget.report({ shop: SHOP, throttleStatus: status(2_000, 1, 100), requested: 1, actual: 1 })).toBe("unavailable");
    expect(await budget.throttled({ shop: SHOP, waitMs: 1 })).toBe("unavailable");
    expect(causes).toHaveLength(4);
    await away.close();
  });
});

/** Shopify's bucket: charges what is requested when the call arrives, gives back what it did not cost when it ends. */
class ShopifyBucket {
  readonly #max: number;
  readonly #rate: number;
  #available: number;
  #atMs: number;
  throttledCount = 0;

  constructor(max: number, rate: number) {
    this.#max = max;
    this.#rate = rate;
    this.#available = max;
    this.#atMs = nowMs;
  }

  charge(requested: number): boolean {
    this.#refill();
    if (this.#available < requested) {
      this.throttledCount += 1;
      return false;
    }
    this.#available -= requested;
    return true;
  }

  settle(requested: number, actual: number) {
    this.#refill();
    this.#available = Math.min(this.#max, this.#available + requested - actual);
    return status(this.#max, Math.floor(this.#available), this.#rate);
  }

  #refill(): void {
    this.#available = Math.min(this.#max, this.#available + ((nowMs - this.#atMs) * this.#rate) / 1_000);
    this.#atMs = nowMs;
  }
}

interface Step {
  atMs: number;
  run: () => Promise<void>;
}

/** Plays `callCount` calls with random cost, latency, order of reports and deaths, in virtual time. */
async function playCalls(seed: number, plan: { max: number; rate: number }) {
  const random = seededRandom(seed);
  const budgets = await Promise.all([openBudget(), openBudget(), openBudget()]);
  const shopify = new ShopifyBucket(plan.max, plan.rate);
  const steps: Step[] = [];
  const startMs = nowMs;
  let grantedPoints = 0;
  const later = (delayMs: number, run: () => Promise<void>) => steps.push({ atMs: nowMs + delayMs, run });

  const call = async (requested: number, actual: number): Promise<void> => {
    const budget = random.pick(budgets);
    const answer = await budget.reserve({ shop: SHOP, points: requested });
    if (answer.kind === "later") return void later(answer.waitMs, () => call(requested, actual));
    if (answer.kind !== "granted") throw new Error("the budget is away");
    // Half of the callers do not name their reservation in the report.
    const ticket = random.chance(0.5) ? answer.ticket : undefined;
    grantedPoints += requested;
    later(random.between(0, 400), async () => {
      if (!shopify.charge(requested)) return;
      later(random.between(0, 600), async () => {
        const throttleStatus = shopify.settle(requested, actual);
        if (random.chance(0.1)) return;
        later(random.between(0, 900), async () => void (await budget.report({ shop: SHOP, throttleStatus, requested, actual, ticket })));
      });
    });
  };
  for (let i = 0; i < 150; i += 1) {
    const requested = random.pick([10, 60, 110, 500, 1_000]);
    later(random.between(0, 8_000), () => call(requested, random.chance(0.5) ? requested : random.between(1, requested)));
  }
  while (steps.length > 0) {
    steps.sort((a, b) => a.atMs - b.atMs);
    const dueMs = steps[0]?.atMs ?? 0;
    const due = steps.splice(0, steps.findIndex((step) => step.atMs > dueMs) === -1 ? steps.length : steps.findIndex((step) => step.atMs > dueMs));
    nowMs = dueMs;
    // What happens at the same instant happens concurrently.
    await Promise.all(due.map((step) => step.run()));
  }
  return { throttledCount: shopify.throttledCount, grantedPoints, elapsedMs: nowMs - startMs };
}

describe("calls of several processes, with random costs, latencies, deaths and reports out of order", () => {
  // Each of these finds at least one of the guards in the scripts missing when it is taken out.
  const seeds = [20_261_101, 20_261_104, 20_261_105, 20_261_108];

  it.each(seeds)("never exceed the bucket of the smallest plan (seed %i)", async (seed) => {
    expect((await playCalls(seed, { max: 2_000, rate: 100 })).throttledCount).toBe(0);
  });

  it.each(seeds)("never exceed a bigger plan's bucket, and make use of it (seed %i)", async (seed) => {
    const played = await playCalls(seed, { max: 20_000, rate: 1_000 });
    expect(played.throttledCount).toBe(0);
    // The smallest plan alone would have taken longer than this for the same points.
    expect(played.elapsedMs).toBeLessThan(((played.grantedPoints - 2_000) / 100) * 1_000);
  });
});

// Fencing, on PostgreSQL: what an outdated worker heard from Shopify counts, and tokens only grow, whatever happens to the lock and to Redis.
// Method: fencing-fixture.ts; who may decide is fencing.test.ts.
import { describe, expect, it } from "vitest";

import { redisKeys } from "#app/adapters/redis/keys.ts";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import type { ClaimedMutation } from "#app/ports/change-ledger.ts";
import { replicateServer } from "#tests/setup/lock-servers.ts";
import { startOwnRedis } from "#tests/setup/own-redis.ts";
import { ANSWER, fencingStage, ITEMS, STOCKS } from "./fencing-fixture.ts";

const stage = fencingStage();
const { claim, execute, makeDue, refuseAttempts, sell, shop, takeOver, tryClaim, tryTakeOver } = stage;

describe("what a stale holder heard from Shopify", () => {
  const changeStates = async () => (await stage.database.query<{ state: string }>(`SELECT state FROM changes WHERE install_id = $1 ORDER BY id`, stage.installId)).map(({ state }) => state);
  const attempts = () => stage.database.query(`SELECT number, outcome FROM attempts WHERE install_id = $1 ORDER BY number`, stage.installId);
  const appliedInAudit = async () => (await stage.database.query(`SELECT 1 FROM audit_entries WHERE install_id = $1 AND kind = 'change_applied'`, stage.installId)).length;

  it("is recorded as a fact and ends as applied, and the present holder decides nothing any more", async () => {
    const stale = await claim();
    const present = await takeOver(stale);
    await stage.ledger.finishAttempt(stale.mutationId, stale.attemptNumber, "applied", { adjustmentGroupId: ANSWER.groupId });
    expect(await stage.ledger.recordApplied(stale, ANSWER)).toMatchObject({ kind: "applied", changes: [{ delta: -1 }, { delta: -1 }] });
    expect(await changeStates()).toEqual(["applied", "applied"]);
    expect(await attempts()).toEqual([{ number: 1, outcome: "applied" }, { number: 2, outcome: null }]);
    expect(await stage.ledger.recordRefused(present, { kind: "park_unknown", reason: "key_mismatch" })).toEqual({ kind: "lost" });
    expect(await stage.ledger.recordApplied(present, ANSWER)).toEqual({ kind: "already_applied" });
    expect(await appliedInAudit()).toBe(2);
  });

  it("ends as applied although the present holder has parked it meanwhile", async () => {
    const stale = await claim();
    const present = await takeOver(stale);
    expect(await stage.ledger.recordRefused(present, { kind: "park_unknown", reason: "key_mismatch" })).toMatchObject({ kind: "recorded" });
    expect(await changeStates()).toEqual(["parked", "parked"]);
    await stage.ledger.finishAttempt(stale.mutationId, stale.attemptNumber, "applied", null);
    expect(await stage.ledger.recordApplied(stale, ANSWER)).toMatchObject({ kind: "applied" });
    expect(await changeStates()).toEqual(["applied", "applied"]);
  });

  it("ends as applied when it was heard by a process that died before it could book it", async () => {
    const stale = await claim();
    const { groupId: adjustmentGroupId, createdAt, entries } = ANSWER;
    await stage.ledger.finishAttempt(stale.mutationId, stale.attemptNumber, "applied", { adjustmentGroupId, createdAt, entries });
    await makeDue(stale);
    const heard = await tryTakeOver(stale);
    if (heard.kind !== "answered") throw new Error(`the answer was not found: ${heard.kind}`);
    expect(await stage.ledger.recordApplied(heard.mutation, heard.answer)).toMatchObject({ kind: "applied" });
    expect(await changeStates()).toEqual(["applied", "applied"]);
  });

  it("is said aloud when the key was given up and its changes went on under another", async () => {
    const stale = await claim();
    await refuseAttempts(stale);
    await stage.ledger.recordRefused(stale, { kind: "rekey", reason: "previous_attempt_failed" });
    expect(await stage.ledger.recordApplied(stale, ANSWER)).toEqual({ kind: "applied_after_retirement" });
    expect(await stage.database.query(`SELECT 1 FROM audit_entries WHERE install_id = $1 AND kind = 'applied_after_retirement'`, stage.installId)).toHaveLength(1);
    expect((await changeStates()).slice(0, ITEMS.length)).toEqual(["waiting", "waiting"]);
  });
});

describe("tokens", () => {
  const tokensOf = (mutation: ClaimedMutation) => mutation.entries.map(({ inventoryItemId, token }) => ({ item: inventoryItemId, token }));

  it("grow strictly through claims and takeovers, however many are made at once", async () => {
    const issued: { item: string; token: bigint }[] = [];
    const work = async (worker: number): Promise<void> => {
      // Whoever finds the stock in another's open call tries again: how many rounds that takes is the scheduler's choice.
      for (let [claimed, tries] = [0, 0]; claimed < 3 && tries < 500; tries += 1) {
        await sell(ITEMS[worker % ITEMS.length] ?? "10");
        const result = await tryClaim(worker % 3 === 0 ? STOCKS : STOCKS.slice(worker % 2, (worker % 2) + 1));
        if (result.kind !== "claimed") continue;
        claimed += 1;
        issued.push(...tokensOf(result.mutation));
        const taken = await takeOver(result.mutation);
        issued.push(...tokensOf(taken));
        await stage.ledger.recordRefused(taken, { kind: "rekey", reason: "again" }, true);
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, worker) => work(worker)));
    for (const item of ITEMS) {
      const tokens = issued.filter((entry) => entry.item === item).map(({ token }) => token);
      expect(tokens.length).toBeGreaterThan(6);
      expect(new Set(tokens).size).toBe(tokens.length);
      const [row] = await stage.database.query<{ token: bigint }>(`SELECT token FROM fencing_tokens WHERE install_id = $1 AND inventory_item_id = $2`, stage.installId, item);
      expect(tokens.every((token) => token >= 1n && token <= (row?.token ?? 0n))).toBe(true);
    }
  });

  it("cannot be set back, not even by hand", async () => {
    await claim();
    await expect(execute(`UPDATE fencing_tokens SET token = token - 1`)).rejects.toThrow("fencing_tokens");
    await expect(execute(`DELETE FROM fencing_tokens`)).rejects.toThrow("fencing_tokens");
  });

  it("grow strictly whatever Redis does, whose own counter repeats itself", async () => {
    const redis = await startOwnRedis();
    const connections = await redis.connect();
    const { commands } = connections;
    const lock = new LeasedLock({ store: new RedisLockStore(connections, redisKeys("fencing")), clock: systemClock });
    const keys = [{ shop: shop(), resource: "10@20" }];
    const fromRedis: number[] = [];
    const fromPostgres: bigint[] = [];
    const takeTurn = async (): Promise<void> => {
      const acquisition = await lock.acquire({ keys, purpose: "turn", leaseMs: 60_000, waitLimitMs: 0 });
      if (acquisition.kind !== "acquired") throw new Error(`not acquired: ${acquisition.kind}`);
      fromRedis.push(await commands.incr("token"));
      await sell("10");
      const mutation = await claim(STOCKS.slice(0, 1));
      fromPostgres.push(mutation.entries[0]?.token ?? 0n);
      await stage.ledger.recordRefused(mutation, { kind: "rekey", reason: "again" }, true);
      await acquisition.hold.release();
    };
    await takeTurn();
    const failOver = await replicateServer(commands);
    await takeTurn();
    await failOver();
    await takeTurn();
    await commands.flushall();
    await takeTurn();
    await redis.stop();
    await redis.start();
    await connections.connected();
    await takeTurn();
    expect(fromRedis).toEqual([1, 2, 2, 1, 1]);
    expect(fromPostgres).toEqual([1n, 2n, 3n, 4n, 5n]);
    await redis.close();
  });
});

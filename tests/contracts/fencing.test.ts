// The fencing contract, on PostgreSQL. Goal: whatever happens to the lock, tokens only grow, and a worker whose tokens are outdated
// decides nothing, while what it heard from Shopify counts. Method: every kind of decision stands in one table; each is accepted from the
// present holder and refused from a stale one without leaving a trace, and accepted again when the one guard it rests on is taken away.
// The table cannot fall behind: its keys are computed from the port's types, and its methods are compared with the port at run time.
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createChangeLedger } from "#app/adapters/prisma/change-ledger.server.ts";
import { openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import { redisKeys } from "#app/adapters/redis/keys.ts";
import { LeasedLock } from "#app/adapters/redis/leased-lock.ts";
import { RedisLockStore } from "#app/adapters/redis/redis-lock-store.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import type { AppliedAnswer, ChangeLedger, ClaimedMutation, RefusalPlan, TakeOverResult } from "#app/ports/change-ledger.ts";
import { replicateServer } from "#tests/setup/lock-servers.ts";
import { startOwnRedis } from "#tests/setup/own-redis.ts";
import { createTestDatabase, type TestDatabase } from "#tests/setup/test-database.ts";

const ITEMS = ["10", "11"];
const LOCATION = "20";
const STOCKS = ITEMS.map((inventoryItemId) => ({ inventoryItemId, locationId: LOCATION }));

/** What only looks. */
const LOOKS = ["waitingStocks", "abandoned", "witnessKey", "openCount", "hasWork", "nextResendAt"] as const;
/** What states a fact: whoever knows it may say it. */
const FACTS = ["finishAttempt", "recordApplied"] as const;

type DecidingMethod = Exclude<keyof ChangeLedger, (typeof LOOKS)[number] | (typeof FACTS)[number]>;
/** A takeover that finds nothing decides nothing; one that finds an answer books a fact. One that finds a dead key may also retire it. */
type TakeOverDecision = Exclude<TakeOverResult["kind"], "gone" | "answered"> | "retired";
type DecisionName = { [Method in DecidingMethod]: Method extends "recordRefused" ? `recordRefused: ${RefusalPlan["kind"]}` : Method extends "takeOver" ? `takeOver: ${TakeOverDecision}` : Method }[DecidingMethod];

interface Decision {
  /** What must be so that it can be decided at all. */
  readonly prepare?: (mutation: ClaimedMutation) => Promise<unknown>;
  /** True when it was accepted. */
  readonly decide: (holder: ClaimedMutation) => Promise<boolean>;
  /** Makes `held` stale: what another worker does first. */
  readonly overtake: (held: ClaimedMutation) => Promise<unknown>;
  /** Takes away the guard that refuses the stale holder; answers as whom it decides then. */
  readonly withoutGuard: (stale: ClaimedMutation) => Promise<ClaimedMutation>;
}

let testDatabase: TestDatabase;
let database: OpenDatabase;
let ledger: ChangeLedger;
/** Of the test. */
let installId = 0n;
const shop = (): string => `shop-${installId}.myshopify.com`;
/** A guard was taken out of it. */
let isDamaged = false;
const execute = (sql: string, ...values: (string | number | bigint)[]) => database.execute(sql, ...values);

async function open(): Promise<void> {
  testDatabase = await createTestDatabase();
  database = openDatabase({ url: testDatabase.url, connectionsMax: 8 });
  ledger = createChangeLedger(database);
  isDamaged = false;
}
async function close(): Promise<void> {
  await database.close();
  await testDatabase.drop();
}
beforeAll(open);
afterAll(close);

/** A protecting install with a waiting change of each of two stocks. */
beforeEach(async () => {
  installId += 1n;
  await execute(`INSERT INTO installs (id, shop, epoch) VALUES ($1, $2, 1)`, installId, shop());
  await execute(`INSERT INTO settings_versions (install_id, version, document, created_by) VALUES ($1, 1, '{"mode": "enforce"}', 'test')`, installId);
  for (const item of ITEMS) await sell(item);
});
afterEach(async () => {
  if (!isDamaged) return;
  await close();
  await open();
});

function sell(item: string): Promise<unknown> {
  return execute(
    `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, inventory_item_id, location_id, delta, state, trace_id)
     VALUES ($1, $2, $3, 'order', '7', $4, $5, -1, 'waiting', 't')`,
    installId,
    shop(),
    randomUUID(),
    item,
    LOCATION,
  );
}

function tryClaim(stocks = STOCKS) {
  return ledger.claim({ installId, shop: shop(), ownerId: "worker", stocks, mutationId: randomUUID(), key: randomUUID() });
}

async function claim(stocks = STOCKS): Promise<ClaimedMutation> {
  const result = await tryClaim(stocks);
  if (result.kind !== "claimed") throw new Error(`not claimed: ${result.kind}`);
  return result.mutation;
}

const makeDue = ({ mutationId }: ClaimedMutation) => execute(`UPDATE mutations SET resend_at = now() WHERE id = $1::uuid`, mutationId);
const tryTakeOver = (mutation: ClaimedMutation) => ledger.takeOver(installId, mutation.mutationId, "another worker");

async function takeOver(mutation: ClaimedMutation): Promise<ClaimedMutation> {
  await makeDue(mutation);
  const result = await tryTakeOver(mutation);
  if (result.kind !== "taken") throw new Error(`not taken over: ${result.kind}`);
  return result.mutation;
}

/** Every attempt has an answer that says that it had no effect: the key may be retired at once. */
const refuseAttempts = ({ mutationId }: ClaimedMutation) => execute(`UPDATE attempts SET finished_at = now(), outcome = 'rejected' WHERE mutation_id = $1::uuid AND finished_at IS NULL`, mutationId);
/** Sent for the first time so long ago that Shopify has forgotten the key. */
const age = ({ mutationId }: ClaimedMutation) => execute(`UPDATE mutations SET first_sent_at = now() - interval '30 hours', resend_at = now() WHERE id = $1::uuid`, mutationId);

/** The same worker, as if nobody had been given newer tokens since: only the comparison of tokens can tell it from the present holder. */
async function asIfTokensWereNotCompared(stale: ClaimedMutation): Promise<ClaimedMutation> {
  const tokens = await database.query<{ item: string; token: bigint }>(`SELECT inventory_item_id AS item, token FROM fencing_tokens WHERE install_id = $1`, installId);
  const newest = new Map(tokens.map(({ item, token }) => [item, token]));
  return { ...stale, entries: stale.entries.map((entry) => ({ ...entry, token: newest.get(entry.inventoryItemId) ?? 0n })) };
}

/** Another worker that is taken to send the call right now has moved the time from which it may be taken over. */
async function asIfNobodyWereSending(stale: ClaimedMutation): Promise<ClaimedMutation> {
  await makeDue(stale);
  return stale;
}

function refusal(plan: RefusalPlan): Decision {
  return {
    prepare: refuseAttempts,
    decide: async (holder) => (await ledger.recordRefused(holder, plan)).kind === "recorded",
    overtake: async (held) => {
      await takeOver(held);
      await refuseAttempts(held);
    },
    withoutGuard: asIfTokensWereNotCompared,
  };
}

const DECISIONS: Record<DecisionName, Decision> = {
  claim: {
    // The holder of the lock claims what was sold; the stale one still believes to hold the lock and claims what was sold since.
    prepare: () => sell("10"),
    decide: async () => (await tryClaim()).kind === "claimed",
    overtake: async () => {
      await claim();
      await sell("10");
    },
    withoutGuard: async (stale) => {
      isDamaged = true;
      await execute(`DROP INDEX mutation_entries_one_open_per_stock`);
      return stale;
    },
  },
  "takeOver: taken": {
    prepare: makeDue,
    decide: async (holder) => (await tryTakeOver(holder)).kind === "taken",
    overtake: takeOver,
    withoutGuard: asIfNobodyWereSending,
  },
  "takeOver: parked": {
    prepare: age,
    decide: async (holder) => (await tryTakeOver(holder)).kind === "parked",
    overtake: async (held) => {
      await takeOver(held);
      await execute(`UPDATE mutations SET first_sent_at = now() - interval '30 hours' WHERE id = $1::uuid`, held.mutationId);
    },
    withoutGuard: asIfNobodyWereSending,
  },
  "takeOver: retired": {
    prepare: async (mutation) => {
      await refuseAttempts(mutation);
      await age(mutation);
    },
    decide: async (holder) => {
      await tryTakeOver(holder);
      return (await stateOf(holder)) === "refused";
    },
    overtake: async (held) => {
      await takeOver(held);
      await refuseAttempts(held);
      await execute(`UPDATE mutations SET first_sent_at = now() - interval '30 hours' WHERE id = $1::uuid`, held.mutationId);
    },
    withoutGuard: asIfNobodyWereSending,
  },
  postpone: {
    decide: async (holder) => (await ledger.postpone(holder, 60_000)) === "postponed",
    overtake: takeOver,
    withoutGuard: asIfTokensWereNotCompared,
  },
  "recordRefused: park_entries": refusal({ kind: "park_entries", entries: [{ position: 0, reason: "refused:INVALID_INVENTORY_ITEM" }] }),
  "recordRefused: split": refusal({ kind: "split", reason: "max_cost" }),
  "recordRefused: rekey": refusal({ kind: "rekey", reason: "previous_attempt_failed" }),
  "recordRefused: park_unknown": refusal({ kind: "park_unknown", reason: "key_mismatch" }),
};

const decisions = Object.entries(DECISIONS).map(([name, decision]) => ({ name, ...decision }));

/** `claim` is the decision that makes a holder; before it there is only the lock. */
async function holderFor(name: string): Promise<ClaimedMutation> {
  return name === "claim" ? NOBODY : claim();
}
const NOBODY: ClaimedMutation = { mutationId: randomUUID(), key: "", traceId: "", entries: [], attemptNumber: 0, firstSentAt: new Date(0), firstAttempt: true, unsettledSince: null, unsettledCount: 0 };

async function stateOf({ mutationId }: ClaimedMutation): Promise<string | undefined> {
  const [row] = await database.query<{ state: string }>(`SELECT state FROM mutations WHERE id = $1::uuid`, mutationId);
  return row?.state;
}

/** Every row that a decision could write. */
async function everything(): Promise<unknown> {
  const tables = ["mutations", "mutation_entries", "attempts", "changes", "fencing_tokens", "audit_entries", "stock_levels"];
  return Promise.all(tables.map((table) => database.query(`SELECT to_jsonb(t) AS row FROM ${table} AS t WHERE install_id = $1 ORDER BY to_jsonb(t)::text`, installId)));
}

describe("every kind of decision", () => {
  it.each(decisions)("$name: is accepted from the present holder", async ({ name, prepare, decide }) => {
    const holder = await holderFor(name);
    await prepare?.(holder);
    const before = await everything();
    expect(await decide(holder)).toBe(true);
    expect(await everything()).not.toEqual(before);
  });

  it.each(decisions)("$name: is refused from a stale holder, and leaves no trace", async ({ name, decide, overtake }) => {
    const stale = await holderFor(name);
    await overtake(stale);
    const before = await everything();
    expect(await decide(stale)).toBe(false);
    expect(await everything()).toEqual(before);
  });

  it.each(decisions)("$name: would be accepted from a stale holder without its guard", async ({ name, decide, overtake, withoutGuard }) => {
    const stale = await holderFor(name);
    await overtake(stale);
    expect(await decide(await withoutGuard(stale))).toBe(true);
  });

  it.each(decisions.filter(({ name }) => name !== "claim"))("$name: is refused from everybody once the answer was booked", async ({ decide }) => {
    const holder = await claim();
    await ledger.finishAttempt(holder.mutationId, 1, "applied", null);
    await ledger.recordApplied(holder, ANSWER);
    await makeDue(holder);
    const before = await everything();
    expect(await decide(holder)).toBe(false);
    expect(await everything()).toEqual(before);
  });

  it.each(decisions.filter(({ name }) => name.startsWith("recordRefused") || name === "postpone"))(
    "$name: is refused when the token of a single one of its stocks is outdated",
    async ({ prepare, decide }) => {
      const holder = await claim();
      await prepare?.(holder);
      await execute(`UPDATE fencing_tokens SET token = token + 1 WHERE install_id = $1 AND inventory_item_id = '11'`, installId);
      expect(await decide(holder)).toBe(false);
      expect(await stateOf(holder)).toBe("open");
    },
  );

  it("is named in the table: what the port can do is either there, a fact, or a look", () => {
    const inTable = new Set(Object.keys(DECISIONS).map((name) => name.split(":")[0] ?? name));
    expect(Object.keys(ledger).toSorted()).toEqual([...inTable, ...FACTS, ...LOOKS].toSorted());
  });

  it("is made in the ledger's transactions, or by a person who resolves what is parked, and nowhere else", async () => {
    const folder = new URL("../../app/adapters/prisma/", import.meta.url);
    const files = (await readdir(folder)).filter((file) => file.endsWith(".ts"));
    const texts = await Promise.all(files.map(async (file) => ({ file, text: await readFile(new URL(file, folder), "utf8") })));
    const deciding = texts.filter(({ text }) => /(UPDATE|INTO) (mutations|mutation_entries|fencing_tokens)\b/.test(text)).map(({ file }) => file);
    expect(deciding.toSorted()).toEqual([
      "claim-changes.server.ts",
      "record-applied.server.ts",
      "record-refused.server.ts",
      "review-resolve.server.ts",
      "take-over-mutation.server.ts",
    ]);
  });

  it("and the takeover that would outdate it happen one after the other, never both", async () => {
    for (let round = 0; round < 15; round += 1) {
      for (const item of ITEMS) await sell(item);
      const holder = await claim();
      await refuseAttempts(holder);
      await makeDue(holder);
      const [refused, taken] = await Promise.all([ledger.recordRefused(holder, { kind: "rekey", reason: "previous_attempt_failed" }), tryTakeOver(holder)]);
      expect([["recorded", "gone"], ["lost", "taken"]]).toContainEqual([refused.kind, taken.kind]);
      if (taken.kind === "taken") await ledger.recordRefused(taken.mutation, { kind: "rekey", reason: "x" }, true);
    }
  });
});

const ANSWER: AppliedAnswer = {
  groupId: "gid://shopify/InventoryAdjustmentGroup/1",
  createdAt: "2026-11-01T10:00:00Z",
  entries: STOCKS.map((stock) => ({ ...stock, after: 41 })),
};

describe("what a stale holder heard from Shopify", () => {
  const changeStates = async () => (await database.query<{ state: string }>(`SELECT state FROM changes WHERE install_id = $1 ORDER BY id`, installId)).map(({ state }) => state);
  const attempts = () => database.query(`SELECT number, outcome FROM attempts WHERE install_id = $1 ORDER BY number`, installId);
  const appliedInAudit = async () => (await database.query(`SELECT 1 FROM audit_entries WHERE install_id = $1 AND kind = 'change_applied'`, installId)).length;

  it("is recorded as a fact and ends as applied, and the present holder decides nothing any more", async () => {
    const stale = await claim();
    const present = await takeOver(stale);
    await ledger.finishAttempt(stale.mutationId, stale.attemptNumber, "applied", { adjustmentGroupId: ANSWER.groupId });
    expect(await ledger.recordApplied(stale, ANSWER)).toMatchObject({ kind: "applied", changes: [{ delta: -1 }, { delta: -1 }] });
    expect(await changeStates()).toEqual(["applied", "applied"]);
    expect(await attempts()).toEqual([{ number: 1, outcome: "applied" }, { number: 2, outcome: null }]);
    expect(await ledger.recordRefused(present, { kind: "park_unknown", reason: "key_mismatch" })).toEqual({ kind: "lost" });
    expect(await ledger.recordApplied(present, ANSWER)).toEqual({ kind: "already_applied" });
    expect(await appliedInAudit()).toBe(2);
  });

  it("ends as applied although the present holder has parked it meanwhile", async () => {
    const stale = await claim();
    const present = await takeOver(stale);
    expect(await ledger.recordRefused(present, { kind: "park_unknown", reason: "key_mismatch" })).toMatchObject({ kind: "recorded" });
    expect(await changeStates()).toEqual(["parked", "parked"]);
    await ledger.finishAttempt(stale.mutationId, stale.attemptNumber, "applied", null);
    expect(await ledger.recordApplied(stale, ANSWER)).toMatchObject({ kind: "applied" });
    expect(await changeStates()).toEqual(["applied", "applied"]);
  });

  it("ends as applied when it was heard by a process that died before it could book it", async () => {
    const stale = await claim();
    const { groupId: adjustmentGroupId, createdAt, entries } = ANSWER;
    await ledger.finishAttempt(stale.mutationId, stale.attemptNumber, "applied", { adjustmentGroupId, createdAt, entries });
    await makeDue(stale);
    const heard = await tryTakeOver(stale);
    if (heard.kind !== "answered") throw new Error(`the answer was not found: ${heard.kind}`);
    expect(await ledger.recordApplied(heard.mutation, heard.answer)).toMatchObject({ kind: "applied" });
    expect(await changeStates()).toEqual(["applied", "applied"]);
  });

  it("is said aloud when the key was given up and its changes went on under another", async () => {
    const stale = await claim();
    await refuseAttempts(stale);
    await ledger.recordRefused(stale, { kind: "rekey", reason: "previous_attempt_failed" });
    expect(await ledger.recordApplied(stale, ANSWER)).toEqual({ kind: "applied_after_retirement" });
    expect(await database.query(`SELECT 1 FROM audit_entries WHERE install_id = $1 AND kind = 'applied_after_retirement'`, installId)).toHaveLength(1);
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
        await ledger.recordRefused(taken, { kind: "rekey", reason: "again" }, true);
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, worker) => work(worker)));
    for (const item of ITEMS) {
      const tokens = issued.filter((entry) => entry.item === item).map(({ token }) => token);
      expect(tokens.length).toBeGreaterThan(6);
      expect(new Set(tokens).size).toBe(tokens.length);
      const [row] = await database.query<{ token: bigint }>(`SELECT token FROM fencing_tokens WHERE install_id = $1 AND inventory_item_id = $2`, installId, item);
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
      await ledger.recordRefused(mutation, { kind: "rekey", reason: "again" }, true);
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

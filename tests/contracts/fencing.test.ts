// The fencing contract, on PostgreSQL. Goal: whatever happens to the lock, tokens only grow, and a worker whose tokens are outdated
// decides nothing, while what it heard from Shopify counts. Method: every kind of decision stands in one table; each is accepted from the
// present holder and refused from a stale one without leaving a trace, and accepted again when the one guard it rests on is taken away.
// The table cannot fall behind: its keys are computed from the port's types, and its methods are compared with the port at run time.
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

import type { ChangeLedger, ClaimedMutation, RefusalPlan, TakeOverResult } from "#app/ports/change-ledger.ts";
import { ANSWER, fencingStage, ITEMS } from "./fencing-fixture.ts";

const stage = fencingStage();
const { claim, execute, makeDue, refuseAttempts, sell, takeOver, tryClaim, tryTakeOver } = stage;

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

/** Sent for the first time so long ago that Shopify has forgotten the key. */
const age = ({ mutationId }: ClaimedMutation) => execute(`UPDATE mutations SET first_sent_at = now() - interval '30 hours', resend_at = now() WHERE id = $1::uuid`, mutationId);

/** The same worker, as if nobody had been given newer tokens since: only the comparison of tokens can tell it from the present holder. */
async function asIfTokensWereNotCompared(stale: ClaimedMutation): Promise<ClaimedMutation> {
  const tokens = await stage.database.query<{ item: string; token: bigint }>(`SELECT inventory_item_id AS item, token FROM fencing_tokens WHERE install_id = $1`, stage.installId);
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
    decide: async (holder) => (await stage.ledger.recordRefused(holder, plan)).kind === "recorded",
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
      stage.damaged();
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
    decide: async (holder) => (await stage.ledger.postpone(holder, 60_000)) === "postponed",
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
const NOBODY: ClaimedMutation = { mutationId: randomUUID(), operation: "adjust", key: "", traceId: "", entries: [], attemptNumber: 0, firstSentAt: new Date(0), firstAttempt: true, unsettledSince: null, unsettledCount: 0 };

async function stateOf({ mutationId }: ClaimedMutation): Promise<string | undefined> {
  const [row] = await stage.database.query<{ state: string }>(`SELECT state FROM mutations WHERE id = $1::uuid`, mutationId);
  return row?.state;
}

/** Every row that a decision could write. */
async function everything(): Promise<unknown> {
  const tables = ["mutations", "mutation_entries", "attempts", "changes", "fencing_tokens", "audit_entries", "stock_levels"];
  return Promise.all(tables.map((table) => stage.database.query(`SELECT to_jsonb(t) AS row FROM ${table} AS t WHERE install_id = $1 ORDER BY to_jsonb(t)::text`, stage.installId)));
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
    await stage.ledger.finishAttempt(holder.mutationId, 1, "applied", null);
    await stage.ledger.recordApplied(holder, ANSWER);
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
      await execute(`UPDATE fencing_tokens SET token = token + 1 WHERE install_id = $1 AND inventory_item_id = '11'`, stage.installId);
      expect(await decide(holder)).toBe(false);
      expect(await stateOf(holder)).toBe("open");
    },
  );

  it("is named in the table: what the port can do is either there, a fact, or a look", () => {
    const inTable = new Set(Object.keys(DECISIONS).map((name) => name.split(":")[0] ?? name));
    expect(Object.keys(stage.ledger).toSorted()).toEqual([...inTable, ...FACTS, ...LOOKS].toSorted());
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
      const [refused, taken] = await Promise.all([stage.ledger.recordRefused(holder, { kind: "rekey", reason: "previous_attempt_failed" }), tryTakeOver(holder)]);
      expect([["recorded", "gone"], ["lost", "taken"]]).toContainEqual([refused.kind, taken.kind]);
      if (taken.kind === "taken") await stage.ledger.recordRefused(taken.mutation, { kind: "rekey", reason: "x" }, true);
    }
  });
});

// Who of a batch gets a hold, how far a block grows, and what a settlement gives back, case by case.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decideGrants, type GrantInput, type GrantWish, type StockFacts } from "./decide-grants.ts";
import { growBlock } from "./grow-block.ts";
import { freeUnits, settleUnits, type StockCounts } from "./stock-counts.ts";

const counts = (more: Partial<StockFacts> = {}): StockFacts => ({ held: 0, granted: 0, settling: 0, leaving: 0, growing: 0, available: null, ...more });
let nth = 0;
const wish = (wanted: Record<string, number>, more: Partial<GrantWish> = {}): GrantWish => ({ key: `k${(nth += 1)}`, bodyHash: "h", promiseFrom: "block", wanted: new Map(Object.entries(wanted)), limits: [], ...more });
const decide = (stocks: Record<string, StockFacts>, wishes: GrantWish[], more: Partial<GrantInput> = {}) => decideGrants({ stocks: new Map(Object.entries(stocks)), bound: new Map(), unitsHeld: new Map(), wishes, ...more });
const kinds = (decision: ReturnType<typeof decide>) => decision.verdicts.map(({ kind }) => kind);

describe("a batch of wishes", () => {
  it("is decided in its order, and a small wish passes behind a large one that was short", () => {
    const decision = decide({ a: counts({ held: 3, available: 0 }) }, [wish({ a: 2 }), wish({ a: 2 }), wish({ a: 1 })]);
    expect(kinds(decision)).toEqual(["granted", "short", "granted"]);
    expect(decision.stocks.get("a")).toEqual({ grantedCount: 2, grantedUnits: 3, refusedCount: 1, shortUnits: 1, grow: 0 });
  });

  it("takes nothing of any stock when one is short", () => {
    const decision = decide({ a: counts({ held: 9, available: 0 }), b: counts({ available: 0 }) }, [wish({ a: 9, b: 1 }), wish({ a: 9 })]);
    expect(kinds(decision)).toEqual(["short", "granted"]);
  });

  it("grants what wants nothing that counts, whatever there is and whoever asks", () => {
    const limits = [{ kind: "reference", holder: "bot", unitsMax: 0 }] as const;
    expect(kinds(decide({}, [wish({}, { limits })]))).toEqual(["granted"]);
  });

  it("counts the units of a reference as they are granted, and says how many it held", () => {
    const limits = [{ kind: "reference", holder: "bot", unitsMax: 4 }] as const;
    const decision = decide({ a: counts({ held: 9 }) }, [wish({ a: 2 }, { limits }), wish({ a: 2 }, { limits }), wish({ a: 1 }, { limits })], { unitsHeld: new Map([["bot", 1]]) });
    expect(decision.verdicts).toEqual([{ kind: "granted" }, { kind: "over_limit", limit: "reference", unitsMax: 4, unitsHeld: 3 }, { kind: "granted" }]);
  });

  it("binds a key by a grant only", () => {
    const first = wish({ a: 2 });
    const stocks = { a: counts({ held: 1, available: 0 }) };
    expect(kinds(decide(stocks, [first, { ...first, wanted: new Map([["a", 1]]) }, first, { ...first, bodyHash: "x" }]))).toEqual(["short", "granted", "repeated", "key_reused"]);
    expect(decide(stocks, [first], { bound: new Map([[first.key, { bodyHash: "h", id: "r" }]]) }).verdicts).toEqual([{ kind: "repeated", of: "r" }]);
  });

  it("counts as refused only who has nothing to wait for", () => {
    const [growing, local] = [wish({ a: 2 }), wish({ a: 9 }, { promiseFrom: "local" })];
    const decision = decide({ a: counts({ available: 5 }) }, [growing, local]);
    expect(decision.verdicts).toMatchObject([{ kind: "short", stocks: [{ growing: true }] }, { kind: "short", stocks: [{ growing: false, available: 5 }] }]);
    expect(decision.stocks.get("a")).toMatchObject({ refusedCount: 1, shortUnits: 4, grow: 4 });
  });

  it("never promises more than is free, from wherever it promises", () => {
    const stock = fc.record({ held: fc.nat(20), granted: fc.nat(8), settling: fc.nat(4), leaving: fc.nat(4), growing: fc.nat(4), available: fc.option(fc.integer({ min: -3, max: 12 })) });
    const asked = fc.array(fc.record({ a: fc.integer({ min: 1, max: 4 }), b: fc.integer({ min: 1, max: 4 }), promiseFrom: fc.constantFrom("block" as const, "local" as const) }), { maxLength: 8 });
    fc.assert(
      fc.property(stock, stock, asked, (a, b, wishes) => {
        const decision = decide({ a, b }, wishes.map((each) => wish({ a: each.a, b: each.b }, { promiseFrom: each.promiseFrom })));
        for (const [name, facts] of Object.entries({ a, b })) {
          const outcome = decision.stocks.get(name);
          const after = { ...facts, granted: facts.granted + (outcome?.grantedUnits ?? 0) };
          // What was promised too much before stays so; nothing is added to it.
          const least = Math.min(0, freeUnits(facts, facts.available, "local"));
          expect(freeUnits(after, facts.available, "local")).toBeGreaterThanOrEqual(least);
          expect(outcome?.grow ?? 0).toBeLessThanOrEqual(Math.max(0, (facts.available ?? 0) - facts.growing));
        }
      }),
    );
  });
});

describe("a block", () => {
  it.each<[string, Partial<StockFacts>, number, number]>([
    ["asks for what is missing, and at first for as much again", { available: 10 }, 3, 6],
    ["asks for what is missing beyond what is on its way", { growing: 2, available: 50 }, 5, 3],
    ["asks for as much again as is promised", { held: 10, granted: 7, available: 100 }, 0, 4],
    ["is content with half of what is promised", { held: 9, granted: 6, available: 100 }, 0, 0],
    ["asks for no more than there is", { held: 10, granted: 10, available: 2 }, 0, 2],
    ["asks for nothing of a stock that was never seen, or is below zero", { held: 1, granted: 1, available: -4 }, 5, 0],
    ["takes off what is on its way already", { held: 0, growing: 4, available: 6 }, 9, 2],
    ["is content with what is on its way", { held: 4, granted: 4, growing: 2, available: 50 }, 0, 0],
    ["makes up for what was promised from the local stock", { held: 0, granted: 3, available: 50 }, 1, 7],
  ])("%s", (_what, more, missing, grow) => {
    const facts = counts(more);
    expect(growBlock(facts, facts.available, missing)).toBe(grow);
  });
});

describe("a crowd that comes while a block's first units are on their way", () => {
  const come = (asksFirst: boolean) => {
    let facts = counts({ available: 100 });
    const asked: number[] = [];
    for (const units of [1, 4, 0, 8, 2]) {
      const outcome = decide({ a: facts }, Array.from({ length: units }, () => wish({ a: 1 }, { asksFirst }))).stocks.get("a");
      asked.push(outcome?.grow ?? 0);
      facts = { ...facts, growing: facts.growing + (outcome?.grow ?? 0) };
    }
    return { asked, growing: facts.growing };
  };

  it("is asked for as it comes, all of it before the first move is back", () => {
    expect(come(true)).toEqual({ asked: [2, 4, 0, 8, 2], growing: 16 });
  });

  it("would be content with what others wait for, if nobody said who asks for the first time", () => {
    expect(come(false).growing).toBeLessThan(15);
  });

  it("asks no second time for those who were asked for and wait", () => {
    const facts = counts({ growing: 6, available: 100 });
    expect(decide({ a: facts }, [wish({ a: 3 }), wish({ a: 3 })]).stocks.get("a")).toMatchObject({ grow: 0, refusedCount: 0 });
  });
});

describe("a settlement", () => {
  it.each<[string, Partial<StockCounts>, number]>([
    ["gives back what was held for it", { held: 5, settling: 3 }, 3],
    ["gives back what the block can spare", { held: 5, granted: 3, settling: 3 }, 2],
    ["gives back nothing where the block holds nothing for it", { held: 0, settling: 3 }, 0],
    ["leaves to others what is on its way back already", { held: 5, settling: 3, leaving: 4 }, 1],
  ])("%s", (_what, more, back) => {
    const before = counts(more);
    const settled = settleUnits(before, 3);
    expect(settled.back).toBe(back);
    expect(settled.counts).toEqual({ ...before, settling: 0, leaving: before.leaving + back });
  });
});

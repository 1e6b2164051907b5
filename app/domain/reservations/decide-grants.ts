// Who of a batch gets a hold: pure, in the order of the batch, over counters that the caller holds locked.

import { invariant } from "#app/domain/invariant.ts";
import { growBlock } from "./grow-block.ts";
import { freeUnits, type PromiseFrom, type StockCounts } from "./stock-counts.ts";

/** A stock's counters and `available` as last observed; null: never observed. */
export interface StockFacts extends StockCounts {
  readonly available: number | null;
}

export interface GrantWish {
  /** The client's key within its install; only a grant binds it. */
  readonly key: string;
  readonly bodyHash: string;
  readonly promiseFrom: PromiseFrom;
  /** True: no block was asked to grow for it yet, so what is on its way into one is for others. */
  readonly asksFirst?: boolean;
  /** Units that count, by stock: what several lines want of one stock is one number. Empty: nothing of it counts, it always passes. */
  readonly wanted: ReadonlyMap<string, number>;
  /** Whose units are limited, and to how many; at most one of each kind. */
  readonly limits: readonly UnitLimit[];
}

export interface UnitLimit {
  readonly kind: "reference" | "token";
  readonly holder: string;
  readonly unitsMax: number;
}

export interface ShortStock {
  readonly stock: string;
  readonly requested: number;
  readonly available: number;
  readonly growing: boolean;
  readonly unobserved: boolean;
}

export type GrantVerdict =
  | { readonly kind: "granted" }
  /** Of a hold that stood before, or of an earlier wish of this batch, by its place. */
  | { readonly kind: "repeated"; readonly of: string | number }
  | { readonly kind: "key_reused" }
  | { readonly kind: "short"; readonly stocks: readonly ShortStock[] }
  | { readonly kind: "over_limit"; readonly limit: UnitLimit["kind"]; readonly unitsMax: number; readonly unitsHeld: number };

/** What the batch does to one stock. */
export interface StockOutcome {
  readonly grantedCount: number;
  readonly grantedUnits: number;
  /** Refused for want of this stock, and by how much beyond what was free. Who may ask again in a moment, because the block grows, is not refused yet. */
  readonly refusedCount: number;
  readonly shortUnits: number;
  /** Units to move into the block; 0: none. */
  readonly grow: number;
}

export interface GrantInput {
  readonly stocks: ReadonlyMap<string, StockFacts>;
  /** By key: who bound it. */
  readonly bound: ReadonlyMap<string, { readonly bodyHash: string; readonly id: string }>;
  /** Units of active holds, by `holder` of the limits. */
  readonly unitsHeld: ReadonlyMap<string, number>;
  readonly wishes: readonly GrantWish[];
}

export interface GrantDecision {
  readonly verdicts: readonly GrantVerdict[];
  readonly stocks: ReadonlyMap<string, StockOutcome>;
}

/** What is known of a stock while the batch is gone through. */
interface Tally {
  readonly facts: StockFacts;
  grantedCount: number;
  grantedUnits: number;
  readonly refused: Record<PromiseFrom, { count: number; shortUnits: number }>;
  /** Of wishes that promise from the block alone: only they make it grow. */
  missingUnits: number;
  /** Of `missingUnits`, those of wishes that ask for the first time. */
  missingFirst: number;
  drawn: boolean;
}

/** Each wish sees what those before it left; a small one may pass where a large one before it was short. */
export function decideGrants({ stocks, bound, unitsHeld, wishes }: GrantInput): GrantDecision {
  const tallies = new Map([...stocks].map(([stock, facts]) => [stock, newTally(facts)]));
  const keys = new Map<string, { bodyHash: string; of: string | number }>([...bound].map(([key, { bodyHash, id }]) => [key, { bodyHash, of: id }]));
  const held = new Map(unitsHeld);
  const verdicts = wishes.map((wish, place): GrantVerdict => {
    const before = keys.get(wish.key);
    if (before) return before.bodyHash === wish.bodyHash ? { kind: "repeated", of: before.of } : { kind: "key_reused" };
    const exceeded = exceededLimit(wish, held);
    if (exceeded) return exceeded;
    const short = shortStocks(wish, tallies);
    if (short.length > 0) return { kind: "short", stocks: short };
    take(wish, tallies, held);
    keys.set(wish.key, { bodyHash: wish.bodyHash, of: place });
    return { kind: "granted" };
  });
  const outcomes = new Map([...tallies].map(([stock, tally]) => [stock, outcomeOf(tally)]));
  return { verdicts: verdicts.map((verdict, place) => sayWhatGrows(verdict, wishes[place], stocks, outcomes)), stocks: outcomes };
}

function newTally(facts: StockFacts): Tally {
  return { facts, grantedCount: 0, grantedUnits: 0, refused: { block: { count: 0, shortUnits: 0 }, local: { count: 0, shortUnits: 0 } }, missingUnits: 0, missingFirst: 0, drawn: false };
}

function countsNow({ facts, grantedUnits }: Tally): StockCounts {
  return { ...facts, granted: facts.granted + grantedUnits };
}

function tallyOf(tallies: ReadonlyMap<string, Tally>, stock: string): Tally {
  const tally = tallies.get(stock);
  invariant(tally, `the counters of ${stock} were not given`);
  return tally;
}

function unitsOf(wish: GrantWish): number {
  return [...wish.wanted.values()].reduce((sum, units) => sum + units, 0);
}

function exceededLimit(wish: GrantWish, held: ReadonlyMap<string, number>): GrantVerdict | null {
  const units = unitsOf(wish);
  if (units === 0) return null;
  for (const { kind, holder, unitsMax } of wish.limits) {
    const unitsHeld = held.get(holder) ?? 0;
    if (unitsHeld + units > unitsMax) return { kind: "over_limit", limit: kind, unitsMax, unitsHeld };
  }
  return null;
}

/** Every stock that has too little, not only the first. Whether it grows is known only at the end of the batch. */
function shortStocks(wish: GrantWish, tallies: ReadonlyMap<string, Tally>): ShortStock[] {
  const short: ShortStock[] = [];
  for (const [stock, requested] of wish.wanted) {
    const tally = tallyOf(tallies, stock);
    const free = freeUnits(countsNow(tally), tally.facts.available, wish.promiseFrom);
    if (free >= requested) continue;
    // A stock that nobody has looked at yet is read, and asked for again: nobody was refused.
    if (tally.facts.available !== null) {
      const refused = tally.refused[wish.promiseFrom];
      refused.count += 1;
      refused.shortUnits += requested - Math.max(0, free);
    }
    if (wish.promiseFrom === "block") {
      tally.missingUnits += requested;
      if (wish.asksFirst === true) tally.missingFirst += requested;
    }
    short.push({ stock, requested, available: Math.max(0, free), growing: false, unobserved: tally.facts.available === null });
  }
  return short;
}

function take(wish: GrantWish, tallies: ReadonlyMap<string, Tally>, held: Map<string, number>): void {
  for (const [stock, units] of wish.wanted) {
    const tally = tallyOf(tallies, stock);
    tally.grantedCount += 1;
    tally.grantedUnits += units;
    if (wish.promiseFrom === "block") tally.drawn = true;
  }
  for (const { holder } of wish.limits) held.set(holder, (held.get(holder) ?? 0) + unitsOf(wish));
}

function outcomeOf(tally: Tally): StockOutcome {
  const { facts, grantedCount, grantedUnits, refused, missingUnits, missingFirst, drawn } = tally;
  const grow = drawn || missingUnits > 0 ? growBlock(countsNow(tally), facts.available, missingUnits, missingFirst) : 0;
  const block = facts.growing + grow > 0 ? { count: 0, shortUnits: 0 } : refused.block;
  return { grantedCount, grantedUnits, refusedCount: block.count + refused.local.count, shortUnits: block.shortUnits + refused.local.shortUnits, grow };
}

function sayWhatGrows(verdict: GrantVerdict, wish: GrantWish | undefined, stocks: ReadonlyMap<string, StockFacts>, outcomes: ReadonlyMap<string, StockOutcome>): GrantVerdict {
  if (verdict.kind !== "short" || wish?.promiseFrom !== "block") return verdict;
  return { kind: "short", stocks: verdict.stocks.map((short) => ({ ...short, growing: (stocks.get(short.stock)?.growing ?? 0) + (outcomes.get(short.stock)?.grow ?? 0) > 0 })) };
}

// The verdict of a scenario: one JSON document whose fields are a contract with scripts that read it.
import type { Judgement, LedgerChange } from "./judge.ts";

/** What the network did to the webhooks, counted from the simulator's send log. */
export type MischiefDone = {
  /** Sends that left at least five seconds after their event. */
  lateSends: number;
  /** Sends that were overtaken by a later event of the same order. */
  outOfOrderSends: number;
  /** Orders whose cancellation was sent before anything else of them. */
  cancelsBeforeCreates: number;
};

export type Verdict = {
  scenario: string;
  seed: number;
  naive: boolean;
  orders: number;
  deliveries: number;
  duplicates: number;
  changes: number;
  mutations: number;
  entriesPerMutation: number;
  lost: number;
  doublyApplied: number;
  oversoldUnits: number;
  parked: number;
  parkedExpected: number;
  pending: number;
  ledgerEqualsTruth: boolean;
  /** From the last order webhook sent to nothing left to do; null when that was not reached. */
  drainSeconds: number | null;
  ok: boolean;
  /** Why it is not ok, in words; empty when it is. */
  faults: string[];
  mischief: MischiefDone;
  /** How often which part of the app was struck. */
  strikes: Partial<Record<string, number>>;
};

export type VerdictInput = {
  scenario: string;
  seed: number;
  naive: boolean;
  orders: number;
  plannedOrders: number;
  deliveries: number;
  duplicates: number;
  ledger: readonly LedgerChange[];
  judgement: Judgement;
  parkedExpected: number;
  /** Webhooks not sent and notifications not worked on when the scenario ended. */
  unfinishedNotifications: number;
  drainSeconds: number | null;
  drainLimitSeconds: number;
  mischief: MischiefDone;
  mischiefWanted: MischiefDone;
  strikes?: Partial<Record<string, number>>;
};

export function reachVerdict(input: VerdictInput): Verdict {
  const { judgement, ledger } = input;
  const inState = (...states: string[]) => ledger.filter((change) => states.includes(change.state)).length;
  const verdict: Verdict = {
    scenario: input.scenario,
    seed: input.seed,
    naive: input.naive,
    orders: input.orders,
    deliveries: input.deliveries,
    duplicates: input.duplicates,
    changes: ledger.length,
    mutations: judgement.mutations,
    entriesPerMutation: judgement.mutations === 0 ? 0 : Math.round((judgement.entries / judgement.mutations) * 100) / 100,
    lost: judgement.lost,
    doublyApplied: judgement.doublyApplied,
    oversoldUnits: judgement.oversoldUnits,
    parked: inState("parked"),
    parkedExpected: input.parkedExpected,
    pending: inState("waiting", "claimed") + input.unfinishedNotifications,
    ledgerEqualsTruth: judgement.ledgerEqualsTruth,
    drainSeconds: input.drainSeconds,
    ok: false,
    faults: [],
    mischief: input.mischief,
    strikes: input.strikes ?? {},
  };
  const faults = faultsOf(verdict, input);
  return { ...verdict, ok: faults.length === 0, faults };
}

function faultsOf(verdict: Verdict, input: VerdictInput): string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  check(verdict.orders >= input.plannedOrders, `only ${verdict.orders} of ${input.plannedOrders} planned orders were placed`);
  check(verdict.lost === 0, `${verdict.lost} units are lost`);
  check(verdict.doublyApplied === 0, `${verdict.doublyApplied} units were taken too much`);
  check(verdict.oversoldUnits === 0, `${verdict.oversoldUnits} units were oversold by the app`);
  check(verdict.parked === verdict.parkedExpected, `${verdict.parked} changes are parked, ${verdict.parkedExpected} were meant to be`);
  check(verdict.pending === 0, `${verdict.pending} changes or notifications are unfinished`);
  check(verdict.ledgerEqualsTruth, "the ledger differs from what Shopify did");
  check(verdict.drainSeconds !== null, "the work was never finished");
  check((verdict.drainSeconds ?? 0) <= input.drainLimitSeconds, `draining took ${verdict.drainSeconds} s, more than ${input.drainLimitSeconds} s`);
  // A run that met no mischief proves nothing, however clean it is.
  check(verdict.duplicates >= verdict.deliveries, "not every webhook was sent twice");
  const { mischief, mischiefWanted } = input;
  check(mischief.lateSends >= mischiefWanted.lateSends, `only ${mischief.lateSends} webhooks were late`);
  check(mischief.outOfOrderSends >= mischiefWanted.outOfOrderSends, `only ${mischief.outOfOrderSends} webhooks came out of order`);
  check(mischief.cancelsBeforeCreates >= mischiefWanted.cancelsBeforeCreates, `only ${mischief.cancelsBeforeCreates} cancellations came before their order`);
  return faults;
}

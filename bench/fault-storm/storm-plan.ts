// What a seed intends: how often each fault shall strike and when, everything drawn from the seed.
import type { SeededRandom } from "#tests/setup/seeded-random.ts";
import type { StepStrike } from "./child/messages.ts";
import { FAULT_NAMES, STRIKES_MIN, type FaultName, type StepFault } from "./faults.ts";
import { LATE_ANSWER_MS, PAUSE_MS, SLOW_STEP_MS, STORM_TIMINGS } from "./storm-timings.ts";

export interface StormPlan {
  /** How often each must have struck before the storm lets up; 0: it is left out. */
  readonly wanted: ReadonlyMap<FaultName, number>;
  /** The storm goes on until each of these has struck `insistsTimes`, or as often as wanted if that is less. */
  readonly insistsOn: readonly FaultName[];
  readonly insistsTimes: number;
  /** Shopify takes its time over every call, whatever strikes. */
  readonly slowCalls: boolean;
  /** The first of each are spread over this time; what is still owed afterwards follows at once. */
  readonly windowMs: number;
  /** The storm lets up after this, whatever is owed. */
  readonly limitMs: number;
}

const WINDOW_MS = 7_000;
const BRIEF_WINDOW_MS = 3_000;
/** Well beyond what a quiet machine needs. */
const LIMIT_MS = 150_000;
const EXPOSING_LIMIT_MS = 30_000;
/** Times as many of what exposes the absence of a guard. */
const EXPOSING_FACTOR = 2;

export function planStorm(input: { faults: readonly FaultName[]; exposing: readonly FaultName[]; brief: boolean; slowCalls: boolean }): StormPlan {
  const wanted = new Map(FAULT_NAMES.map((fault) => [fault, input.faults.includes(fault) ? STRIKES_MIN : 0]));
  for (const fault of input.exposing) wanted.set(fault, (wanted.get(fault) ?? 0) * EXPOSING_FACTOR);
  const { slowCalls } = input;
  if (input.brief) return { wanted, slowCalls, insistsOn: input.faults, insistsTimes: 1, windowMs: BRIEF_WINDOW_MS, limitMs: EXPOSING_LIMIT_MS };
  // With a guard away only what exposes that must strike; the rest does as far as it comes to it.
  return { wanted, slowCalls, insistsOn: input.exposing.length > 0 ? input.exposing : input.faults, insistsTimes: Infinity, windowMs: WINDOW_MS, limitMs: input.exposing.length > 0 ? EXPOSING_LIMIT_MS : LIMIT_MS };
}

/** Steps at which a worker is struck, each about as often as the others. Those that a turn passes often come first to be passed at all. */
const WORKER_STEPS = [
  "turn.take", "orders.absorb", "orders.unblock", "orders.derive", "orders.storeRoutings", "orders.storeVariants", "orders.storeReads",
  "shopifyOrders.readOrderLocations", "lockStore.attemptFree", "lockStore.attempt", "lockStore.letGo", "budget.reserve", "budget.report",
  "ledger.claim", "ledger.takeOver", "shopifyInventory.adjustQuantities", "ledger.finishAttempt", "ledger.recordApplied", "ledger.recordRefused",
  "ledger.postpone", "activity.addTurn", "waker.wake", "sources.record",
] as const;
const ACCEPT_STEPS = ["intake.store", "waker.wakeMany"] as const;
/** A worker is struck more often than an accept process: there is more of it. */
const ACCEPT_SHARE = 0.35;

/** Where a process stands still or slow: around the claim and the call, where somebody else may overtake it; most often right before the call. */
const OVERTAKEN_AT = [
  { step: "ledger.claim", moment: "after" },
  { step: "shopifyInventory.adjustQuantities", moment: "before" },
  { step: "shopifyInventory.adjustQuantities", moment: "before" },
  { step: "ledger.claim", moment: "before" },
  { step: "ledger.claim", moment: "after" },
  { step: "shopifyInventory.adjustQuantities", moment: "before" },
  { step: "shopifyInventory.adjustQuantities", moment: "after" },
  { step: "ledger.takeOver", moment: "after" },
  { step: "ledger.recordRefused", moment: "before" },
  { step: "ledger.postpone", moment: "before" },
  { step: "orders.derive", moment: "before" },
  { step: "orders.absorb", moment: "after" },
  { step: "lockStore.attemptFree", moment: "after" },
] as const;

let strikeCount = 0;

/** Where the next strike of a fault happens, and in which kind of process. */
export function drawStrike(fault: StepFault, random: SeededRandom): { service: "worker" | "accept"; strike: StepStrike } {
  strikeCount += 1;
  const at = (step: string, moment: StepStrike["moment"], ms = 0): StepStrike => ({ id: strikeCount, fault, step, moment, ms, untilMs: Infinity });
  switch (fault) {
    case "kill_at_step": {
      const service = random.chance(ACCEPT_SHARE) ? "accept" : "worker";
      return { service, strike: at(random.pick<string>(service === "accept" ? ACCEPT_STEPS : WORKER_STEPS), random.pick(["before", "after"])) };
    }
    case "pause": {
      const { step, moment } = random.pick(OVERTAKEN_AT);
      return { service: "worker", strike: at(step, moment, random.between(PAUSE_MS.min, PAUSE_MS.max)) };
    }
    case "slow_step": {
      const { step, moment } = random.pick(OVERTAKEN_AT);
      return { service: "worker", strike: at(step, moment, random.between(SLOW_STEP_MS.min, SLOW_STEP_MS.max)) };
    }
    case "job_twice":
      return { service: "worker", strike: at("turn.take", "before", STORM_TIMINGS.turnLockMs) };
    case "wake_dropped":
      return random.chance(0.5) ? { service: "worker", strike: at("waker.wake", "before") } : { service: "accept", strike: at("waker.wakeMany", "before") };
    case "lock_lost":
      return { service: "worker", strike: at(random.chance(0.7) ? "lockStore.attemptFree" : "lockStore.attempt", "after") };
    case "answer_late":
      return { service: "accept", strike: at("intake.store", "after", LATE_ANSWER_MS) };
  }
}

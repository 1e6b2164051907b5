// Who changed a stock, and which foreign writes put an older number back: judged from what was seen and what must have happened.
//
// Notifications name no writer. A change between two observations is explained by the effects that are known (docs/reference/detection.md, "Who changed
// it"); what remains is foreign. Judging is a pure function of the history, so late evidence only means judging again.
import { findOverwrite, type Step } from "./find-overwrite.ts";
import type { Attribution, Effect, HistoryInput, HistoryJudgement, Match, Observation, Overwrite, Verdict } from "./stock-history.ts";

/** Of our answers and of orders only the second is known, and a notification follows within moments. */
const SECOND_MS = 1_000;
/** How far a notification's trigger time may lie from the second of the answer, or the order, that it is matched with. */
const NEAR_MS = 5_000;

/** An observation with what was recognised in its change. */
interface Interval {
  readonly observation: Observation;
  /** The observation before. */
  readonly from: Observation | null;
  readonly delta: number;
  readonly parts: { readonly effect: Effect; readonly how: Match }[];
}

export function judgeHistory({ observations, effects, reservationsMs = [] }: HistoryInput): HistoryJudgement {
  const seen = inOrder(observations, effects);
  const intervals = seen.map((observation, index): Interval => {
    const from = seen[index - 1] ?? null;
    return { observation, from, delta: from ? observation.available - from.available : 0, parts: [] };
  });
  const unmatched = new Set(effects.toSorted((a, b) => a.atMs - b.atMs));
  // An event names the very change; a number may be seen several times.
  matchEvents(intervals, unmatched);
  matchAnswers(intervals, unmatched);
  matchAmounts(intervals, unmatched);
  fillIntervals(intervals, unmatched);
  const steps = intervals.map((interval): Step => ({
    observation: interval.observation,
    foreign: foreignOf(interval),
    parts: ordered(interval),
    told: interval.parts.filter(isTold).length,
  }));
  return {
    attributions: intervals.map((interval) => attribute(interval, unmatched)),
    overwrites: confirmEachOther(steps.flatMap((_, index) => findOverwrite(steps, index, reservationsMs) ?? [])),
  };
}

function foreignOf({ from, delta, parts }: Interval): number {
  return from ? delta - sum(parts) : 0;
}

function sum(parts: readonly { readonly effect: Effect }[]): number {
  return parts.reduce((total, { effect }) => total + effect.delta, 0);
}

/** By moment; those of one moment in the order in which known effects lead from one value to the next. */
function inOrder(observations: readonly Observation[], effects: readonly Effect[]): Observation[] {
  const ofEvent = new Map<string, number>();
  for (const { eventId, delta } of effects) if (eventId !== null) ofEvent.set(eventId, (ofEvent.get(eventId) ?? 0) + delta);
  const amounts = new Set(effects.map(({ delta }) => delta));
  const fits = (from: Observation, to: Observation) => {
    const known = to.eventId === null ? undefined : ofEvent.get(to.eventId);
    const step = to.available - from.available;
    // A number that is told of twice needs no explanation.
    return known === undefined ? step === 0 || amounts.has(step) : known === step;
  };
  const moments = Map.groupBy(observations.toSorted((a, b) => a.atMs - b.atMs || compareIds(a.id, b.id)), ({ atMs }) => atMs);
  const chain: Observation[] = [];
  for (const moment of moments.values()) chain.push(...bestChain(chain.at(-1) ?? null, moment, fits));
  return chain;
}

/** More at one moment than this stay as they were heard of: trying every order of them would take too long. */
const CHAIN_MAX = 6;

/** The order with the most steps that known effects explain; of equal ones the first, so that the same history is always judged the same. */
function bestChain(before: Observation | null, moment: readonly Observation[], fits: (from: Observation, to: Observation) => boolean): readonly Observation[] {
  if (moment.length === 1 || moment.length > CHAIN_MAX) return moment;
  let best = { chain: moment, explained: -1 };
  const extend = (chain: readonly Observation[], left: readonly Observation[], explained: number): void => {
    if (left.length === 0) {
      if (explained > best.explained) best = { chain, explained };
      return;
    }
    const from = chain.at(-1) ?? before;
    for (const next of left) extend([...chain, next], left.filter((other) => other !== next), explained + (from !== null && fits(from, next) ? 1 : 0));
  };
  extend([], moment, 0);
  return best.chain;
}

function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}

function matchEvents(intervals: readonly Interval[], unmatched: Set<Effect>): void {
  const byEvent = new Map<string, Interval>();
  for (const interval of intervals) {
    const { eventId } = interval.observation;
    if (eventId !== null && !byEvent.has(eventId)) byEvent.set(eventId, interval);
  }
  for (const effect of unmatched) {
    const interval = effect.eventId === null ? undefined : byEvent.get(effect.eventId);
    if (!interval) continue;
    if (interval.from) interval.parts.push({ effect, how: "event" });
    unmatched.delete(effect);
  }
}

/** Our own answers name the value they left: the observation of that value, near in time, is their echo. */
function matchAnswers(intervals: readonly Interval[], unmatched: Set<Effect>): void {
  const byValue = Map.groupBy(intervals, ({ observation }) => observation.available);
  for (const effect of unmatched) {
    if (effect.after === null) continue;
    const near = (byValue.get(effect.after) ?? []).filter(
      ({ observation: { atMs }, parts }) => parts.length === 0 && atMs >= effect.atMs - SECOND_MS && atMs <= effect.atMs + SECOND_MS + NEAR_MS,
    );
    const [echo] = near.toSorted((a, b) => Number(b.delta === effect.delta) - Number(a.delta === effect.delta) || distance(a, effect) - distance(b, effect));
    if (!echo) continue;
    // The first observation shows what was there already: the effect lies before the history.
    if (echo.from) echo.parts.push({ effect, how: "answer" });
    unmatched.delete(effect);
  }
}

/** One effect of exactly the amount that is still unexplained, the nearest in time; certain ones before those that are only possible. */
function matchAmounts(intervals: readonly Interval[], unmatched: Set<Effect>): void {
  for (const interval of intervals) {
    const rest = foreignOf(interval);
    if (rest === 0) continue;
    const { atMs } = interval.observation;
    const [match] = [...unmatched]
      .filter((effect) => effect.delta === rest && effect.atMs <= atMs + SECOND_MS && effect.atMs >= atMs - NEAR_MS - SECOND_MS)
      .toSorted((a, b) => Number(b.expected) - Number(a.expected) || distance(interval, a) - distance(interval, b));
    if (!match) continue;
    interval.parts.push({ effect: match, how: "amount" });
    unmatched.delete(match);
  }
}

/** What surely happened and had no notification of its own happened between two observations: where it explains something, else by its time. */
function fillIntervals(intervals: readonly Interval[], unmatched: Set<Effect>): void {
  const first = intervals[0]?.observation.atMs ?? Infinity;
  for (const effect of unmatched) {
    if (!effect.expected) continue;
    if (effect.atMs + SECOND_MS < first) {
      unmatched.delete(effect);
      continue;
    }
    const candidates = intervals.filter(({ observation, from }) => from && from.atMs <= effect.atMs + SECOND_MS && observation.atMs >= effect.atMs);
    const explained = candidates.find((interval) => explains(foreignOf(interval), effect.delta));
    const target = explained ?? candidates.find(({ observation }) => observation.atMs >= effect.atMs + SECOND_MS) ?? null;
    // After the last observation nothing is known yet: its notification may be on its way.
    if (!target) continue;
    target.parts.push({ effect, how: "interval" });
    unmatched.delete(effect);
  }
}

/** Taking it into account leaves less unexplained. */
function explains(rest: number, delta: number): boolean {
  return Math.sign(rest) === Math.sign(delta) && Math.abs(rest - delta) < Math.abs(rest);
}

/** Of an effect only the second is known: whatever lies within it is equally near. */
function distance({ observation: { atMs } }: Interval, effect: Effect): number {
  return Math.max(0, effect.atMs - atMs, atMs - (effect.atMs + SECOND_MS));
}

/** As they happened: what had no notification of its own first, then what this observation told of. */
function ordered({ parts }: Interval): Effect[] {
  return parts.toSorted((a, b) => Number(isTold(a)) - Number(isTold(b)) || a.effect.atMs - b.effect.atMs).map(({ effect }) => effect);
}

function isTold({ how }: { readonly how: Match }): boolean {
  return how !== "interval";
}

function attribute(interval: Interval, unmatched: ReadonlySet<Effect>): Attribution {
  const { observation, delta, parts } = interval;
  const foreign = foreignOf(interval);
  return { observationId: observation.id, delta, parts: parts.map(({ effect, how }) => ({ effectId: effect.id, how })), foreign, verdict: verdictOf(interval, foreign, unmatched) };
}

function verdictOf({ observation, from, parts }: Interval, foreign: number, unmatched: ReadonlySet<Effect>): Verdict {
  if (!from) return "first";
  if (foreign !== 0) {
    // An order that may or may not have taken stock lies in between: it cannot be told whose change this is.
    const possible = [...unmatched].some((effect) => effect.atMs + SECOND_MS > from.atMs && effect.atMs <= observation.atMs && explains(foreign, effect.delta));
    return possible ? "unknown" : "another_writer";
  }
  if (parts.length === 0) return "none";
  const kinds = new Set(parts.map(({ effect }) => effect.kind));
  if (kinds.has("order") || kinds.has("edit")) return "shopify_order";
  return kinds.has("ours") ? "ours" : "restock";
}

/** One coincidence is possible; a writer that does it again is one that does not look. */
function confirmEachOther(overwrites: readonly Overwrite[]): Overwrite[] {
  return overwrites.map((overwrite) => (overwrites.length > 1 ? { ...overwrite, confidence: "certain" } : overwrite));
}

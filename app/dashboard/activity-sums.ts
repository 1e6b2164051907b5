// What Home says of a time: sums of quarters of an hour, for a day, a week, the hours of the chart, and the trend against the day before. Pure.

import type { QuarterOfActivity } from "./queries/home-activity.server.ts";
import { formatCount } from "./formatting.ts";

const QUARTER_MS = 15 * 60_000;

export interface ActivitySums {
  readonly orderNotifications: number;
  readonly stockNotifications: number;
  readonly duplicatesStopped: number;
  readonly orderDuplicatesStopped: number;
  readonly changesApplied: number;
  /** Changes that were only shown, because Holdfast watches. */
  readonly changesShown: number;
  readonly lostAnswers: number;
  readonly lockWaits: number;
  readonly lockWaitMsMax: number;
}

/** A bar of the chart: an hour, or several. */
export interface StepOfActivity {
  readonly startedAt: Date;
  readonly applied: number;
  /** What would have been applied while Holdfast only watched. */
  readonly shown: number;
  readonly duplicatesStopped: number;
  readonly lockWaits: number;
}

/** The quarters that begin at `from` or later and, where it is given, before `until`. */
export function sumActivity(quarters: readonly QuarterOfActivity[], from: Date, until?: Date): ActivitySums {
  const within = quarters.filter(({ startedAt }) => startedAt >= from && (until === undefined || startedAt < until));
  const total = (name: Exclude<keyof QuarterOfActivity, "startedAt">) => within.reduce((sum, quarter) => sum + quarter[name], 0);
  return {
    orderNotifications: total("orderNotifications"),
    stockNotifications: total("stockNotifications"),
    duplicatesStopped: total("duplicates"),
    orderDuplicatesStopped: total("orderDuplicates"),
    changesApplied: total("applied"),
    changesShown: total("shown"),
    lostAnswers: total("lostAnswers"),
    lockWaits: total("lockWaits"),
    lockWaitMsMax: Math.max(0, ...within.map(({ lockWaitMsMax }) => lockWaitMsMax)),
  };
}

/** Exactly `count` steps of `stepMs`, oldest first, those in which nothing happened included. `first`: the start of a quarter of an hour. */
export function stepsOfActivity(quarters: readonly QuarterOfActivity[], first: Date, stepMs: number, count: number): StepOfActivity[] {
  const steps = Array.from({ length: count }, (_, index) => ({ startedAt: new Date(first.getTime() + index * stepMs), applied: 0, shown: 0, duplicatesStopped: 0, lockWaits: 0 }));
  for (const quarter of quarters) {
    const step = steps[Math.floor((quarter.startedAt.getTime() - first.getTime()) / stepMs)];
    if (step === undefined) continue;
    step.applied += quarter.applied;
    step.shown += quarter.shown;
    step.duplicatesStopped += quarter.duplicates;
    step.lockWaits += quarter.lockWaits;
  }
  return steps;
}

/**
 * One number of the same stretch of the day before: `from` is its midnight, `until` the present time of day. Of the quarter of an hour in
 * which that is, as much as has passed of it is taken: rows are counted by quarters.
 */
export function sumByNow(quarters: readonly QuarterOfActivity[], name: Exclude<keyof QuarterOfActivity, "startedAt">, from: Date, until: Date): number {
  let sum = 0;
  for (const quarter of quarters) {
    const startedMs = quarter.startedAt.getTime();
    if (startedMs < from.getTime() || startedMs >= until.getTime()) continue;
    sum += quarter[name] * Math.min(1, (until.getTime() - startedMs) / QUARTER_MS);
  }
  return Math.round(sum);
}

/** Below this a percentage would make much of little. */
const PERCENT_FROM = 20;

/** "12 % more than yesterday by now", in a few words for under a number; `before` null: there was no yesterday here. */
export function trendText(present: number, before: number | null): string | null {
  if (before === null || (present === 0 && before === 0)) return null;
  if (present === before) return "as many as yesterday by now";
  if (before < PERCENT_FROM) return `${formatCount(before)} yesterday by now`;
  const percent = Math.round((Math.abs(present - before) / before) * 100);
  if (percent === 0) return "as many as yesterday by now";
  // "1,150 % more" is hard to picture.
  if (present > before * 3) return `${formatCount(Math.round(present / before))} times yesterday's by now`;
  return `${percent} % ${present > before ? "more" : "less"} than yesterday by now`;
}

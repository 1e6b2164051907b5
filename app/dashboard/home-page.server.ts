// Everything Home shows, put together from its read models for one moment.

import { WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";
import type { Settings } from "#app/domain/settings.ts";

import { type ActivitySums, type StepOfActivity, stepsOfActivity, sumActivity, sumByNow } from "./activity-sums.ts";
import { type ActivityChartRequest, drawActivityChart } from "./charts/activity-chart.server.ts";
import { createChartMemory } from "./charts/chart-memory.ts";
import type { DrawnChart } from "./charts/draw-chart.server.ts";
import { describeHealth, type HealthLine, judgeWork } from "./connection-health.ts";
import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { describeHomeState, oldestWaiting, type HomeState } from "./home-state.ts";
import { preventedLines, type PreventedLine } from "./prevented-view.ts";
import { readConnectionFacts } from "./queries/connection-health.server.ts";
import { type HoldNumbers, readHoldNumbers } from "./queries/hold-numbers.server.ts";
import { type QuarterOfActivity, readHomeActivity } from "./queries/home-activity.server.ts";
import { readStandingNumbers, type StandingNumbers } from "./queries/home-numbers.server.ts";
import { readHomeProblems } from "./queries/home-problems.server.ts";
import { readMissedOrders } from "./queries/missed-orders.server.ts";
import { readFoundIncidents } from "./queries/prevented.server.ts";
import { readScanStanding } from "./queries/scan-standing.server.ts";
import { isSetupGuideDismissed } from "./queries/setup-guide.server.ts";
import { readWatchVerdict } from "./queries/watch-verdict.server.ts";
import { mayHoldFulfilment } from "./settings-permissions.ts";
import { type SetupStep, setupSteps } from "./setup-steps.ts";
import { HOUR_MS, startOfDay, startOfHour } from "./time-zone.ts";

export type ChartSpan = "day" | "week";
const DAY_MS = 24 * HOUR_MS;
/** What is summed as the last seven days. */
const WEEK_HOURS = 168;
/** Bars of an hour for a day, of six for a week: more are too thin to tell apart, and a table of 168 rows is read by nobody. */
const STEPS: Readonly<Record<ChartSpan, { readonly ms: number; readonly count: number }>> = { day: { ms: HOUR_MS, count: 24 }, week: { ms: 6 * HOUR_MS, count: 28 } };

export interface SetupGuideState {
  readonly dismissed: boolean;
  /** False once its three steps are done, unless it was asked for in Help: a list that only says "done" is in the way. */
  readonly wanted: boolean;
  /** Empty once it is dismissed. Those that are done stay: a step that is finished while the page is open must not make it jump. */
  readonly steps: readonly SetupStep[];
}

/** The same number by this time of the day before; null: Holdfast was not there for all of that day. */
export interface HomeTrends {
  readonly orderNotifications: number | null;
  readonly duplicatesStopped: number | null;
  readonly changesApplied: number | null;
  readonly changesShown: number | null;
}

export interface HomePage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly shopName: string;
  readonly mode: "observe" | "enforce";
  readonly mayWrite: boolean;
  readonly hasRules: boolean;
  readonly state: HomeState;
  /** What waits now, and what happened today. */
  readonly numbers: StandingNumbers & ActivitySums;
  readonly before: HomeTrends;
  readonly holds: HoldNumbers;
  readonly prevented: readonly PreventedLine[];
  readonly health: readonly HealthLine[];
  readonly span: ChartSpan;
  readonly steps: readonly StepOfActivity[];
  readonly chart: DrawnChart;
  readonly guide: SetupGuideState;
}

export interface HomeRequest {
  readonly span?: ChartSpan;
  /** Help leads here to show the guide whatever is done already. */
  readonly guideAsked?: boolean;
}

type Dependencies = Pick<DashboardDependencies, "database" | "settingsStore" | "clock" | "budget">;

export async function loadHomePage(dependencies: Dependencies, install: ActiveInstall, timeZone: string, { span = "day", guideAsked = false }: HomeRequest = {}): Promise<HomePage> {
  const now = dependencies.clock.now();
  const nowMs = now.getTime();
  const times = timesOf(now, timeZone);
  const facts = await readFacts(dependencies, install, now, times);
  const { settings, standing, quarters, holds, problems, connection, scan } = facts;
  const { mode } = settings;
  const mayWrite = install.scopes.includes(WRITE_SCOPE);
  const hasRules = settings.deduct.sources.length > 0 || settings.bundles.length > 0;
  const numbers = { ...standing, ...sumActivity(quarters, times.today) };
  const work = judgeWork(connection, install.installedAt, nowMs);
  const mayNotHold = mode === "enforce" && settings.oversell.holdFulfilment && !mayHoldFulfilment(install.scopes);
  const steps = stepsOfActivity(quarters, firstStep(times, span), STEPS[span].ms, STEPS[span].count);
  const notified = standing.lastNotificationAt !== null;
  const stepsDone = notified && hasRules && mode === "enforce";
  return {
    nowMs,
    timeZone,
    shopName: install.shopName ?? install.shop,
    mode,
    mayWrite,
    hasRules,
    state: describeHomeState({ numbers: standing, problems, holds, mode, mayWrite, mayNotHold, work, scan, nowMs }),
    numbers,
    before: trendsOf(quarters, times, install),
    holds,
    prevented: preventedLines({ today: numbers, week: sumActivity(quarters, times.week), found: facts.found, missed: facts.missed, holdsUsed: holds.everUsed, mode }),
    health: describeHealth({
      facts: connection,
      numbers: standing,
      budget: facts.budget,
      scan,
      work,
      mode,
      oldestWaitingMs: oldestWaiting(standing, mode, nowMs)?.ageMs ?? null,
      lockWaits: numbers.lockWaits,
      lockWaitMsMax: numbers.lockWaitMsMax,
      nowMs,
    }),
    span,
    steps,
    chart: chartOf(install, { steps, timeZone, mode, span }, nowMs),
    guide: {
      dismissed: facts.dismissed,
      wanted: !facts.dismissed && (guideAsked || !stepsDone),
      steps: facts.dismissed ? [] : await readSteps(dependencies, install, settings, { hasRules, mayWrite, notified, now }),
    },
  };
}

interface HomeTimes {
  /** The shop's midnight, the one before it, and the present time of that day. */
  readonly today: Date;
  readonly yesterday: Date;
  readonly yesterdayByNow: Date;
  /** The start of the present hour, and of the first of the last 168. */
  readonly hour: Date;
  readonly week: Date;
}

function timesOf(now: Date, timeZone: string): HomeTimes {
  const today = startOfDay(now, timeZone);
  // Twelve hours before midnight is in the day before, however long that day is.
  const yesterday = startOfDay(new Date(today.getTime() - DAY_MS / 2), timeZone);
  const hour = startOfHour(now, timeZone);
  return { today, yesterday, yesterdayByNow: new Date(yesterday.getTime() + (now.getTime() - today.getTime())), hour, week: new Date(hour.getTime() - (WEEK_HOURS - 1) * HOUR_MS) };
}

/** The last step is the one that now is in; those of six hours begin at midnight. */
function firstStep({ today, hour }: HomeTimes, span: ChartSpan): Date {
  const { ms, count } = STEPS[span];
  const last = today.getTime() + Math.floor((hour.getTime() - today.getTime()) / ms) * ms;
  return new Date(last - (count - 1) * ms);
}

const charts = createChartMemory();

function chartOf({ installId, shop }: ActiveInstall, request: ActivityChartRequest, nowMs: number): DrawnChart {
  const { timeZone, mode, span } = request;
  return charts.remembered({ key: [shop, installId, span, mode, timeZone].join(), content: JSON.stringify(request.steps), nowMs }, () => drawActivityChart(request));
}

async function readFacts({ database, settingsStore, budget }: Dependencies, install: ActiveInstall, now: Date, { today, week }: HomeTimes) {
  const { installId } = install;
  const [settings, standing, quarters, holds, problems, connection, scan, found, missed, standingBudget, dismissed] = await Promise.all([
    settingsStore.current(installId),
    readStandingNumbers(database, installId),
    readHomeActivity(database, installId, week, now),
    readHoldNumbers(database, installId),
    readHomeProblems(database, installId),
    readConnectionFacts(database, installId),
    readScanStanding(database, installId),
    readFoundIncidents(database, installId, { today, week }),
    readMissedOrders(database, installId, today),
    budget.standing(install.shop),
    isSetupGuideDismissed(database, installId),
  ]);
  return { settings, standing, quarters, holds, problems, connection, scan, found, missed, budget: standingBudget, dismissed };
}

function trendsOf(quarters: readonly QuarterOfActivity[], { yesterday, yesterdayByNow }: HomeTimes, { installedAt }: ActiveInstall): HomeTrends {
  const byNow = (name: "orderNotifications" | "duplicates" | "applied" | "shown") => (installedAt > yesterday ? null : sumByNow(quarters, name, yesterday, yesterdayByNow));
  return { orderNotifications: byNow("orderNotifications"), duplicatesStopped: byNow("duplicates"), changesApplied: byNow("applied"), changesShown: byNow("shown") };
}

async function readSteps(
  { database }: Dependencies,
  install: ActiveInstall,
  settings: Settings,
  { now, notified, hasRules, mayWrite }: { readonly now: Date; readonly notified: boolean; readonly hasRules: boolean; readonly mayWrite: boolean },
): Promise<SetupStep[]> {
  const verdict = hasRules && settings.mode === "observe" ? await readWatchVerdict(database, install, settings, new Date(now.getTime() - DAY_MS)) : null;
  return setupSteps({ notified, hasRules, mode: settings.mode, mayWrite, verdict });
}

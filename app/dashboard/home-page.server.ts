// Everything Home shows, put together from its read models for one moment.

import { WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";

import { drawActivityChart } from "./charts/activity-chart.server.ts";
import type { DrawnChart } from "./charts/draw-chart.server.ts";
import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { describeHomeState, type HomeState } from "./home-state.ts";
import { readActivityByHour, type HourOfActivity } from "./queries/activity-by-hour.server.ts";
import { type HoldNumbers, readHoldNumbers } from "./queries/hold-numbers.server.ts";
import { readHomeNumbers, type HomeNumbers } from "./queries/home-numbers.server.ts";
import { readMissedOrders, type MissedOrdersFound } from "./queries/missed-orders.server.ts";
import { isSetupGuideDismissed } from "./queries/setup-guide.server.ts";
import { HOUR_MS, startOfDay, startOfHour } from "./time-zone.ts";

export type ChartSpan = "day" | "week";
const SPAN_HOURS: Readonly<Record<ChartSpan, number>> = { day: 24, week: 168 };

export interface SetupGuideState {
  readonly dismissed: boolean;
  /** False once its three steps are done, unless it was asked for in Help: a list that only says "done" is in the way. */
  readonly wanted: boolean;
}

export interface HomePage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly shopName: string;
  readonly mode: "observe" | "enforce";
  readonly mayWrite: boolean;
  readonly hasRules: boolean;
  readonly state: HomeState;
  readonly numbers: HomeNumbers;
  readonly holds: HoldNumbers;
  readonly missed: MissedOrdersFound;
  readonly span: ChartSpan;
  readonly hours: readonly HourOfActivity[];
  readonly chart: DrawnChart;
  readonly guide: SetupGuideState;
}

export interface HomeRequest {
  readonly span?: ChartSpan;
  /** Help leads here to show the guide whatever is done already. */
  readonly guideAsked?: boolean;
}

export async function loadHomePage(
  { database, settingsStore, clock }: Pick<DashboardDependencies, "database" | "settingsStore" | "clock">,
  install: ActiveInstall,
  timeZone: string,
  { span = "day", guideAsked = false }: HomeRequest = {},
): Promise<HomePage> {
  const now = clock.now();
  const hourCount = SPAN_HOURS[span];
  const firstHour = new Date(startOfHour(now, timeZone).getTime() - (hourCount - 1) * HOUR_MS);
  const [settings, numbers, holds, missed, hours, dismissed] = await Promise.all([
    settingsStore.current(install.installId),
    readHomeNumbers(database, install.installId, startOfDay(now, timeZone)),
    readHoldNumbers(database, install.installId),
    readMissedOrders(database, install.installId),
    readActivityByHour(database, install.installId, firstHour, hourCount),
    isSetupGuideDismissed(database, install.installId),
  ]);
  const mayWrite = install.scopes.includes(WRITE_SCOPE);
  const hasRules = settings.deduct.sources.length > 0 || settings.bundles.length > 0;
  const stepsDone = numbers.lastNotificationAt !== null && hasRules && settings.mode === "enforce";
  return {
    nowMs: now.getTime(),
    timeZone,
    shopName: install.shopName ?? install.shop,
    mode: settings.mode,
    mayWrite,
    hasRules,
    state: describeHomeState({ numbers, holdsWaiting: holds.waitingForPerson, mode: settings.mode, mayWrite, nowMs: now.getTime() }),
    numbers,
    holds,
    missed,
    span,
    hours,
    chart: drawActivityChart({ hours, timeZone, mode: settings.mode }),
    guide: { dismissed, wanted: !dismissed && (guideAsked || !stepsDone) },
  };
}

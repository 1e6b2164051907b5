// Today's numbers on Home; each opens into its evidence.

import { formatCapped, formatCount, formatDuration, formatElapsed, formatExact, formatRelative } from "../formatting.ts";
import { formatAhead } from "../hold-view.ts";
import type { HomePage } from "../home-page.server.ts";
import { oldestWaiting, WAITING_URLS, type OldestWaiting } from "../home-state.ts";
import { MetricCards, type Metric } from "./metric-cards.tsx";

export function HomeMetrics({ page }: { readonly page: HomePage }) {
  return <MetricCards heading="Today" metrics={metricsOf(page)} />;
}

function metricsOf({ numbers, holds, mode, nowMs, timeZone }: HomePage): Metric[] {
  const changes: Metric =
    mode === "enforce"
      ? { label: "Changes applied", value: formatCount(numbers.changesApplied), note: "each exactly once", url: "/app/history?state=applied&when=today" }
      : { label: "Would have changed", value: formatCount(numbers.changesShown), note: "watch only", url: "/app/history?state=shadow&when=today" };
  return [
    {
      label: "Notifications",
      value: formatCount(numbers.orderNotifications),
      note: `about orders; ${formatCount(numbers.stockNotifications)} about stock levels`,
      url: "/app/history/notifications?when=today&about=orders",
    },
    { label: "Duplicates stopped", value: formatCount(numbers.duplicatesStopped), note: "sent again by Shopify", url: "/app/history/notifications?when=today&duplicated=yes" },
    changes,
    { label: "Waiting", value: formatCapped(numbers.waiting), note: "to be sent or on the way", url: "/app/history?state=waiting,claimed" },
    { label: "Needs review", value: formatCapped(numbers.parked), note: "a person must decide", url: "/app/review" },
    {
      label: "Waits for busy items",
      value: formatCount(numbers.lockWaits),
      note: numbers.lockWaits === 0 ? "nothing had to wait its turn" : `longest ${formatElapsed(numbers.lockWaitMsMax)}`,
      url: "/app/help#busy-items",
    },
    delayMetric(oldestWaiting(numbers, mode, nowMs)),
    // Where holds are used their number takes this place: the banner above says it, too, and the cards stay in full rows.
    holds.everUsed ? holdMetric(holds, nowMs) : lastNotificationMetric(numbers.lastNotificationAt, nowMs, timeZone),
  ];
}

function lastNotificationMetric(at: Date | null, nowMs: number, timeZone: string): Metric {
  return {
    label: "Last notification",
    value: at === null ? "None yet" : capitalised(formatRelative(at.getTime(), nowMs)),
    note: at === null ? "one comes with every order" : formatExact(at, timeZone),
    url: "/app/history/notifications",
  };
}

/** Only where a checkout asks for holds: to others it would say nothing. */
function holdMetric({ granted, nextLapseAt, waitingForPerson }: HomePage["holds"], nowMs: number): Metric {
  const waiting = waitingForPerson === 0 ? null : `${formatCapped(waitingForPerson)} ${waitingForPerson === 1 ? "needs" : "need"} your decision`;
  return {
    label: "On hold in checkouts",
    value: formatCount(granted),
    note: waiting ?? (nextLapseAt === null ? "units; no hold is open" : `units; the next lapses ${formatAhead(nextLapseAt, nowMs)}`),
    url: "/app/holds",
  };
}

function delayMetric(oldest: OldestWaiting | null): Metric {
  if (oldest === null) return { label: "Delay", value: "None", note: "nothing waits", url: WAITING_URLS.notification };
  return {
    label: "Delay",
    value: oldest.ageMs < 1_000 ? "Under 1 second" : formatDuration(oldest.ageMs),
    note: oldest.what === "notification" ? "age of the oldest notification not worked on" : "age of the oldest change not sent",
    url: WAITING_URLS[oldest.what],
  };
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

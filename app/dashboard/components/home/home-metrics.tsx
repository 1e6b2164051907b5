// Today's numbers on Home, each with how many there were by this time of the day before; each opens into its evidence.

import { formatCapped, formatCount, formatElapsed } from "../../formatting.ts";
import { formatAhead } from "../../hold-view.ts";
import { trendText } from "../../activity-sums.ts";
import type { HomePage } from "../../home-page.server.ts";
import { MetricCards, type Metric } from "../metric-cards.tsx";

export function HomeMetrics({ page }: { readonly page: HomePage }) {
  return <MetricCards heading="Today" metrics={metricsOf(page)} />;
}

function metricsOf({ numbers, before, holds, mode, nowMs }: HomePage): Metric[] {
  const changes: Metric =
    mode === "enforce"
      ? { label: "Changes applied", value: formatCount(numbers.changesApplied), ...noted("each exactly once", numbers.changesApplied, before.changesApplied), url: "/app/history?state=applied&when=today" }
      : { label: "Would have changed", value: formatCount(numbers.changesShown), ...noted("watch only", numbers.changesShown, before.changesShown), url: "/app/history?state=shadow&when=today" };
  return [
    {
      label: "Notifications",
      value: formatCount(numbers.orderNotifications),
      ...noted(`about orders; ${formatCount(numbers.stockNotifications)} about stock levels`, numbers.orderNotifications, before.orderNotifications),
      url: "/app/history/notifications?when=today&about=orders",
    },
    changes,
    {
      label: "Duplicates stopped",
      value: formatCount(numbers.duplicatesStopped),
      ...noted("sent again by Shopify", numbers.duplicatesStopped, before.duplicatesStopped),
      url: "/app/history/notifications?when=today&duplicated=yes",
    },
    // Where holds are used their number takes this place, so that the cards stay in full rows; the waits stand below, too.
    holds.everUsed ? holdMetric(holds, nowMs) : waitsMetric(numbers),
  ];
}

function noted(note: string, present: number, before: number | null): Pick<Metric, "note" | "trend"> {
  const trend = trendText(present, before);
  return trend === null ? { note } : { note, trend };
}

function waitsMetric({ lockWaits, lockWaitMsMax }: HomePage["numbers"]): Metric {
  return { label: "Waits for busy items", value: formatCount(lockWaits), note: lockWaits === 0 ? "nothing had to wait its turn" : `longest ${formatElapsed(lockWaitMsMax)}`, url: "/app/busy" };
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

// How holds fare: right now, and over the last day or week.

import { formatCount, plural } from "../../formatting.ts";
import { formatAhead, formatConversion, holdsUrl } from "../../hold-view.ts";
import type { HoldsPage } from "../../holds-page.server.ts";
import { MetricCards, type Metric } from "../metric-cards.tsx";
import { ViewChoice } from "../view-choice.tsx";

export function HoldMetrics({ page }: { readonly page: HoldsPage }) {
  return (
    <>
      <MetricCards heading="Right now" metrics={present(page)} />
      <MetricCards heading={page.span === "day" ? "Last 24 hours" : "Last 7 days"} metrics={past(page)} choice={<SpanChoice page={page} />} />
    </>
  );
}

function SpanChoice({ page: { span } }: { readonly page: HoldsPage }) {
  return (
    <ViewChoice
      name="Time span"
      views={[
        { label: "24 hours", url: "/app/holds", chosen: span === "day" },
        { label: "7 days", url: "/app/holds?span=week", chosen: span === "week" },
      ]}
    />
  );
}

function present({ numbers, nowMs }: HoldsPage): Metric[] {
  const { granted, settling, held, waitingForPerson, nextLapseAt } = numbers;
  return [
    { label: "In checkouts", value: formatCount(granted), note: nextLapseAt === null ? "units; no hold is open" : `units; the next lapses ${formatAhead(nextLapseAt, nowMs)}`, url: holdsUrl("active") },
    { label: "Paid, order awaited", value: formatCount(settling), note: "units, kept until the order took its stock" },
    { label: "Kept aside in Shopify", value: formatCount(held), note: "units, not in available stock" },
    { label: "Needs your decision", value: formatCount(waitingForPerson), note: "paid for, no order took its stock", url: holdsUrl("person") },
  ];
}

function past({ ofSpan }: HoldsPage): Metric[] {
  return [
    { label: "Put on hold", value: formatCount(ofSpan.grantedUnits), note: "units, promised before the charge" },
    { label: "Paid for", value: formatCount(ofSpan.committedUnits), note: `units, ${formatConversion(ofSpan)} of what was put on hold` },
    { label: "Lapsed or given up", value: formatCount(ofSpan.lapsedUnits + ofSpan.releasedUnits), note: `units: ${formatCount(ofSpan.lapsedUnits)} lapsed, ${formatCount(ofSpan.releasedUnits)} given up` },
    // Counted per item: a hold of two items that are both short counts twice.
    { label: "Short of stock", value: formatCount(ofSpan.refusedCount), note: ofSpan.refusedCount === 0 ? "no item was too few for a hold" : `${ofSpan.refusedCount === 1 ? "time" : "times"}, ${plural(ofSpan.shortUnits, "unit")} too few in all` },
  ];
}

// Waits in numbers and over time, of the shop or of one item: four figures, the picture with its table, and who it was that waited.

import { BlockStack, Card, Text } from "@shopify/polaris";

import { CAUSE_TERMS } from "../../busy-terms.ts";
import { BUSY_SPAN_TEXT, BUSY_SPANS, type BusyPlace, busyUrl, formatWait, shareText } from "../../busy-view.ts";
import type { BusyItemPage, BusyOverview } from "../../busy-page.server.ts";
import { formatCount, formatHour, plural } from "../../formatting.ts";
import { ChartFigure } from "../chart-figure.tsx";
import { MetricCards } from "../metric-cards.tsx";
import { ViewChoice } from "../view-choice.tsx";

type Page = BusyOverview | BusyItemPage;

export function BusyFigures({ page }: { readonly page: Page }) {
  const { all, span } = page;
  return (
    <MetricCards
      heading={span === "day" ? "Last 24 hours" : "Last 7 days"}
      choice={<SpanChoice page={page} />}
      metrics={[
        { label: "Waits", value: formatCount(all.waits), note: all.waits === 1 ? "time an item was busy when it was wanted" : "times an item was busy when it was wanted" },
        { label: "Half waited less than", value: formatWait(all.p50Ms), note: "the median wait" },
        { label: "95 of 100 less than", value: formatWait(all.p95Ms), note: "all but the slowest few" },
        { label: "Longest wait", value: all.waits === 0 ? "—" : formatWait(all.longestMs), note: all.longestHoldMs === 0 ? "from being wanted to its turn" : `an item was held ${formatWait(all.longestHoldMs)} at most` },
      ]}
    />
  );
}

function SpanChoice({ page }: { readonly page: Page }) {
  const place: BusyPlace | null = page.kind === "item" ? page.place : null;
  return <ViewChoice name="Time span" views={BUSY_SPANS.map((span) => ({ label: span === "day" ? "24 hours" : "7 days", url: busyUrl(span, place), chosen: page.span === span }))} />;
}

export function WaitsOverTime({ page: { chart, steps, all, span, timeZone } }: { readonly page: Page }) {
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          Waits over time
        </Text>
        {chart === null ? (
          <Text as="p" tone="subdued">{`Nobody waited in ${BUSY_SPAN_TEXT[span]}.`}</Text>
        ) : (
          <ChartFigure
            id="busy-table"
            chart={chart}
            label={`In ${BUSY_SPAN_TEXT[span]}: ${plural(all.waits, "wait")}, 95 of 100 shorter than ${formatWait(all.p95Ms)}, the longest ${formatWait(all.longestMs)}.`}
            table={{
              name: "Waits by hour",
              columns: [span === "day" ? "Hour" : "Six hours from", "Waits", "Half less than", "95 of 100 less than", "Longest wait", "Longest held", "Locks lost"],
              rows: steps
                .filter(({ waits, lost }) => waits > 0 || lost > 0)
                .toReversed()
                .map(({ startedAt, waits, p50Ms, p95Ms, longestMs, longestHoldMs, lost }) => ({
                  key: String(startedAt.getTime()),
                  cells: [formatHour(startedAt, timeZone), formatCount(waits), formatWait(p50Ms), formatWait(p95Ms), formatWait(waits === 0 ? null : longestMs), formatWait(longestHoldMs === 0 ? null : longestHoldMs), formatCount(lost)],
                })),
            }}
          />
        )}
      </BlockStack>
    </Card>
  );
}

export function WaitsByCause({ page: { causes, all } }: { readonly page: Page }) {
  if (all.waits === 0) return null;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Who waited
        </Text>
        <table className="hf-table">
          <thead>
            <tr>
              <th scope="col">For whom</th>
              <th scope="col">Waits</th>
              <th scope="col">Share</th>
              <th scope="col">Longest</th>
            </tr>
          </thead>
          <tbody>
            {causes.map(({ cause, waits, longestMs }) => (
              <tr key={cause}>
                <th scope="row">
                  {CAUSE_TERMS[cause].label}
                  <div className="hf-only-wide">
                    <Text as="span" variant="bodySm" tone="subdued" fontWeight="regular">
                      {CAUSE_TERMS[cause].meaning}
                    </Text>
                  </div>
                </th>
                <td>{formatCount(waits)}</td>
                <td style={{ whiteSpace: "nowrap" }}>{shareText(waits, all.waits)}</td>
                <td>{formatWait(waits === 0 ? null : longestMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </BlockStack>
    </Card>
  );
}

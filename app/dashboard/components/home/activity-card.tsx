// The chart over time on Home.

import { BlockStack, Card, InlineStack, Text } from "@shopify/polaris";

import { formatCount, formatHour } from "../../formatting.ts";
import type { HomePage } from "../../home-page.server.ts";
import { ChartFigure } from "../chart-figure.tsx";
import { ViewChoice } from "../view-choice.tsx";

type ActivityCardProps = Pick<HomePage, "span" | "hours" | "chart" | "mode" | "timeZone">;

export function ActivityCard(props: ActivityCardProps) {
  const changes = props.hours.reduce((sum, hour) => sum + (props.mode === "enforce" ? hour.applied : hour.shown), 0);
  const duplicates = props.hours.reduce((sum, hour) => sum + hour.duplicatesStopped, 0);
  const period = props.span === "day" ? "the last 24 hours" : "the last 7 days";
  const changesName = props.mode === "enforce" ? "changes applied" : "changes it would have made";
  return (
    <Card>
      <BlockStack gap="400">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h2" variant="headingMd">
            Over time
          </Text>
          <ViewChoice
            name="How far back"
            views={[
              { label: "24 hours", url: "/app", chosen: props.span === "day" },
              { label: "7 days", url: "/app?span=week", chosen: props.span === "week" },
            ]}
          />
        </InlineStack>
        <ChartFigure
          id="activity-table"
          chart={props.chart}
          label={`In ${period}: ${formatCount(changes)} ${changesName}, ${formatCount(duplicates)} duplicates stopped.`}
          table={{
            name: "Numbers by hour",
            columns: ["Hour", props.mode === "enforce" ? "Changes applied" : "Would have changed", "Duplicates stopped", "Waits for busy items"],
            rows: props.hours.toReversed().map((hour) => ({
              key: String(hour.startedAt.getTime()),
              cells: [
                formatHour(hour.startedAt, props.timeZone),
                formatCount(props.mode === "enforce" ? hour.applied : hour.shown),
                formatCount(hour.duplicatesStopped),
                formatCount(hour.lockWaits),
              ],
            })),
          }}
        />
      </BlockStack>
    </Card>
  );
}

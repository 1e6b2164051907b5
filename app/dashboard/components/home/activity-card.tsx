// The chart over time on Home.

import { BlockStack, Card, InlineStack, Text } from "@shopify/polaris";

import { formatCount, formatHour } from "../../formatting.ts";
import type { HomePage } from "../../home-page.server.ts";
import { ChartFigure } from "../chart-figure.tsx";
import { ViewChoice } from "../view-choice.tsx";

type ActivityCardProps = Pick<HomePage, "span" | "steps" | "chart" | "mode" | "timeZone">;

export function ActivityCard(props: ActivityCardProps) {
  const changes = props.steps.reduce((sum, step) => sum + (props.mode === "enforce" ? step.applied : step.shown), 0);
  const duplicates = props.steps.reduce((sum, step) => sum + step.duplicatesStopped, 0);
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
            name: props.span === "day" ? "Numbers by hour" : "Numbers by six hours",
            columns: [props.span === "day" ? "Hour" : "From", props.mode === "enforce" ? "Changes applied" : "Would have changed", "Duplicates stopped", "Waits for busy items"],
            rows: props.steps.toReversed().map((step) => ({
              key: String(step.startedAt.getTime()),
              cells: [
                formatHour(step.startedAt, props.timeZone),
                formatCount(props.mode === "enforce" ? step.applied : step.shown),
                formatCount(step.duplicatesStopped),
                formatCount(step.lockWaits),
              ],
            })),
          }}
        />
      </BlockStack>
    </Card>
  );
}

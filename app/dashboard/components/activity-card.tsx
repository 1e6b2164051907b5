// The chart over time on Home, with the same numbers as a table for those who cannot see it, or want them exactly.

import { BlockStack, Button, Card, Collapsible, InlineStack, Text } from "@shopify/polaris";
import { useState } from "react";

import { formatCount, formatHour } from "../formatting.ts";
import type { HomePage } from "../home-page.server.ts";
import { ViewChoice } from "./view-choice.tsx";

type ActivityCardProps = Pick<HomePage, "span" | "hours" | "chart" | "mode" | "timeZone">;

export function ActivityCard(props: ActivityCardProps) {
  const [tableOpen, setTableOpen] = useState(false);
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
        <figure style={{ margin: 0 }} role="img" aria-label={`In ${period}: ${formatCount(changes)} ${changesName}, ${formatCount(duplicates)} duplicates stopped. The table below has every hour.`}>
          {/* The markup is drawn by our own server from numbers and fixed words only. */}
          {(["wide", "medium", "narrow"] as const).map((size) => (
            <div key={size} className={`hf-chart hf-chart__${size}`} dangerouslySetInnerHTML={{ __html: props.chart[size] }} />
          ))}
        </figure>
        <InlineStack>
          <Button variant="plain" disclosure={tableOpen ? "up" : "down"} ariaExpanded={tableOpen} ariaControls="activity-table" onClick={() => setTableOpen(!tableOpen)}>
            {tableOpen ? "Hide the table" : "Show as a table"}
          </Button>
        </InlineStack>
        <Collapsible id="activity-table" open={tableOpen}>
          <ActivityTable {...props} />
        </Collapsible>
      </BlockStack>
    </Card>
  );
}

function ActivityTable({ hours, mode, timeZone }: ActivityCardProps) {
  return (
    <div className="hf-scroll" tabIndex={0} role="region" aria-label="Numbers by hour">
      <table className="hf-table">
        <thead>
          <tr>
            <th scope="col">Hour</th>
            <th scope="col">{mode === "enforce" ? "Changes applied" : "Would have changed"}</th>
            <th scope="col">Duplicates stopped</th>
            <th scope="col">Waits for busy items</th>
          </tr>
        </thead>
        <tbody>
          {hours.toReversed().map((hour) => (
            <tr key={hour.startedAt.getTime()}>
              <th scope="row">{formatHour(hour.startedAt, timeZone)}</th>
              <td>{formatCount(mode === "enforce" ? hour.applied : hour.shown)}</td>
              <td>{formatCount(hour.duplicatesStopped)}</td>
              <td>{formatCount(hour.lockWaits)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

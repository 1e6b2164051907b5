// Today's numbers on Home; each opens into its evidence.

import { BlockStack, Card, InlineGrid, Text } from "@shopify/polaris";
import { Link } from "@remix-run/react";

import { formatCount, formatDuration, formatElapsed, formatExact, formatRelative } from "../formatting.ts";
import type { HomePage } from "../home-page.server.ts";
import { oldestWaiting, WAITING_URLS, type OldestWaiting } from "../home-state.ts";
import { BACKLOG_COUNT_MAX } from "../limits.ts";

interface Metric {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly url: string;
}

export function HomeMetrics({ page }: { readonly page: HomePage }) {
  return (
    <BlockStack gap="300">
      <div className="hf-edge">
        <Text as="h2" variant="headingMd">
          Today
        </Text>
      </div>
      <InlineGrid columns={{ xs: 2, md: 4 }} gap="300">
        {metricsOf(page).map((metric) => (
          <Card key={metric.label} padding="300">
            <Link to={metric.url} className="hf-metric" prefetch="none">
              <BlockStack gap="100">
                <Text as="span" variant="bodySm" tone="subdued">
                  {metric.label}
                </Text>
                <span className="hf-metric__value">
                  <Text as="span" variant="headingLg">
                    {metric.value}
                  </Text>
                </span>
                <Text as="span" variant="bodySm" tone="subdued">
                  {metric.note}
                </Text>
              </BlockStack>
            </Link>
          </Card>
        ))}
      </InlineGrid>
    </BlockStack>
  );
}

function metricsOf({ numbers, mode, nowMs, timeZone }: HomePage): Metric[] {
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
    { label: "Waiting", value: capped(numbers.waiting), note: "to be sent or on the way", url: "/app/history?state=waiting,claimed" },
    { label: "Needs review", value: capped(numbers.parked), note: "a person must decide", url: "/app/review" },
    {
      label: "Waits for busy items",
      value: formatCount(numbers.lockWaits),
      note: numbers.lockWaits === 0 ? "nothing had to wait its turn" : `longest ${formatElapsed(numbers.lockWaitMsMax)}`,
      url: "/app/help#busy-items",
    },
    delayMetric(oldestWaiting(numbers, mode, nowMs)),
    {
      label: "Last notification",
      value: numbers.lastNotificationAt === null ? "None yet" : capitalised(formatRelative(numbers.lastNotificationAt.getTime(), nowMs)),
      note: numbers.lastNotificationAt === null ? "one comes with every order" : formatExact(numbers.lastNotificationAt, timeZone),
      url: "/app/history/notifications",
    },
  ];
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

function capped(count: number): string {
  return count >= BACKLOG_COUNT_MAX ? `${formatCount(BACKLOG_COUNT_MAX)}+` : formatCount(count);
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

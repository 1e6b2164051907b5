// A few numbers beside each other, each with a word of what it counts; one that has an address opens into its evidence.

import { BlockStack, Card, InlineGrid, Text } from "@shopify/polaris";
import { Link } from "@remix-run/react";
import type { ReactNode } from "react";

export interface Metric {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  /** How it compares with before, in words. */
  readonly trend?: string;
  readonly url?: string;
}

interface MetricCardsProps {
  readonly heading: string;
  readonly metrics: readonly Metric[];
  /** Beside the heading. */
  readonly choice?: ReactNode;
}

export function MetricCards({ heading, metrics, choice }: MetricCardsProps) {
  return (
    <BlockStack gap="300">
      <div className="hf-edge hf-heading">
        <Text as="h2" variant="headingMd">
          {heading}
        </Text>
        {choice}
      </div>
      <InlineGrid columns={{ xs: 2, md: 4 }} gap="300">
        {metrics.map((metric) => (
          <Card key={metric.label} padding="300">
            {metric.url === undefined ? (
              <MetricText metric={metric} />
            ) : (
              <Link to={metric.url} className="hf-metric" prefetch="none">
                <MetricText metric={metric} />
              </Link>
            )}
          </Card>
        ))}
      </InlineGrid>
    </BlockStack>
  );
}

function MetricText({ metric }: { readonly metric: Metric }) {
  return (
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
      {metric.trend === undefined ? null : (
        <Text as="span" variant="bodySm" tone="subdued">
          {metric.trend}
        </Text>
      )}
    </BlockStack>
  );
}

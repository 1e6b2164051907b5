// What there was of an oversold stock over time, as a picture, and each number with who changed it as a table.

import { BlockStack, Card, Text } from "@shopify/polaris";

import { formatDelta, formatExact, formatQuantity } from "../../formatting.ts";
import { SEEN_BY_TERMS, WRITER_TERMS } from "../../oversell-terms.ts";
import type { OversellDetail } from "../../oversells-page.server.ts";
import { ChartFigure } from "../chart-figure.tsx";
import { TextLink } from "../text-link.tsx";

export function OversellPicture({ page }: { readonly page: OversellDetail }) {
  const { points, incident, item, location, cut } = page;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {`${item} at ${location} over time`}
        </Text>
        {points.length === 0 ? (
          <Text as="p" tone="subdued">
            No number of this stock from that time is kept any more, or none was seen.
          </Text>
        ) : (
          <>
            {incident.hidden > 0 ? <Text as="p">{hiddenText(incident.hidden)}</Text> : null}
            {cut ? <Text as="p">Its numbers changed more often than can be shown here; the picture begins with the latest 2,000.</Text> : null}
            <ChartFigure
              id="oversell-numbers"
              chart={page.chart}
              label={labelOf(page)}
              table={{ name: `${item} at ${location}, every number that was seen`, columns: ["Seen", "Available", "Change", "Changed by", "How it was seen"], rows: rowsOf(page) }}
            />
          </>
        )}
        <p>
          <TextLink url={`/app/history?${new URLSearchParams({ item: incident.inventoryItemId }).toString()}`}>All changes that Holdfast made to this item</TextLink>
        </p>
      </BlockStack>
    </Card>
  );
}

function hiddenText(hidden: number): string {
  return hidden === 1
    ? "Shopify's number is 1 unit too high: another app or a person put it back after an order had taken it."
    : `Shopify's number is ${hidden} units too high: another app or a person put them back after orders had taken them.`;
}

function labelOf({ item, location, points, incident }: OversellDetail): string {
  const known = points.flatMap(({ available }) => available ?? []);
  const lowest = known.length === 0 ? null : Math.min(...known);
  const last = points.at(-1)?.available ?? null;
  return `Available stock of ${item} at ${location}: its lowest was ${formatQuantity(lowest)}, the last number is ${formatQuantity(last)}.${incident.closedAt === null ? "" : " The oversell is over."}`;
}

function rowsOf({ points, timeZone }: OversellDetail) {
  return points.map(({ key, at, available, seenBy, verdict }, index) => {
    const before = index === 0 ? null : (points[index - 1]?.available ?? null);
    return {
      key,
      cells: [
        formatExact(at, timeZone),
        available === null ? "not stocked" : formatQuantity(available),
        available === null || before === null || available === before ? "—" : formatDelta(available - before),
        verdict === null ? "not judged yet" : (WRITER_TERMS[verdict] ?? verdict),
        SEEN_BY_TERMS[seenBy] ?? seenBy,
      ],
    };
  });
}

// A stock's numbers around the moment of a problem, as a picture and as a table.

import { BlockStack, Card, Text } from "@shopify/polaris";

import { formatCount, formatExact, formatQuantity } from "../../formatting.ts";
import { SEEN_BY_TERMS, WRITER_TERMS } from "../../oversell-terms.ts";
import type { StockPicture } from "../../stock-picture.server.ts";
import { ChartFigure } from "../chart-figure.tsx";

interface StockPictureCardProps {
  readonly id: string;
  readonly heading: string;
  readonly picture: StockPicture | null;
  /** What the picture says, in a sentence. */
  readonly label: string;
  readonly timeZone: string;
}

export function StockPictureCard({ id, heading, picture, label, timeZone }: StockPictureCardProps) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {heading}
        </Text>
        {picture === null ? (
          <Text as="p" tone="subdued">
            The numbers of that time are no longer kept: history goes back as far as the settings say.
          </Text>
        ) : (
          <>
            <ChartFigure
              id={id}
              chart={picture.chart}
              label={label}
              table={{
                name: "Numbers that were seen, newest first",
                columns: ["When", "Available", "Changed by", "How it is known"],
                rows: picture.rows.map((row) => ({
                  key: row.key,
                  cells: [
                    formatExact(row.at, timeZone),
                    row.available === null ? "not stocked" : formatQuantity(row.available),
                    row.verdict === null ? "not judged yet" : (WRITER_TERMS[row.verdict] ?? row.verdict),
                    SEEN_BY_TERMS[row.seenBy] ?? row.seenBy,
                  ],
                })),
              }}
            />
            {picture.rows.length >= picture.seenCount ? null : (
              <Text as="p" variant="bodySm" tone="subdued">
                {`${formatCount(picture.seenCount)} numbers were seen in this time; the lowest, highest and last of each stretch are shown${picture.cut ? ", the earliest are left out" : ""}.`}
              </Text>
            )}
          </>
        )}
      </BlockStack>
    </Card>
  );
}

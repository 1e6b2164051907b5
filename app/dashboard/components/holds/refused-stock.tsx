// What buyers wanted in vain: the items that were short most.

import { BlockStack, Card, Text } from "@shopify/polaris";

import { formatCount, plural } from "../../formatting.ts";
import type { HoldsPage } from "../../holds-page.server.ts";

export function RefusedStock({ page: { refused, span } }: { readonly page: HoldsPage }) {
  if (refused.length === 0) return null;
  return (
    <BlockStack gap="300">
      <div className="hf-edge">
        <Text as="h2" variant="headingMd">
          {`Wanted in vain in the last ${span === "day" ? "24 hours" : "7 days"}`}
        </Text>
      </div>
      <Card>
        <table className="hf-table">
          <thead>
            <tr>
              <th scope="col">Item</th>
              <th scope="col">Refused</th>
              <th scope="col">Too few</th>
            </tr>
          </thead>
          <tbody>
            {refused.map((row) => (
              <tr key={row.key}>
                <th scope="row">
                  {row.item}
                  <Text as="span" variant="bodySm" tone="subdued">
                    {` · ${row.location}`}
                  </Text>
                </th>
                <td>{plural(row.refusedCount, "time")}</td>
                <td>{`${formatCount(row.shortUnits)} ${row.shortUnits === 1 ? "unit" : "units"}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
    </BlockStack>
  );
}

// Who else writes to this stock: what the times of their numbers say, where to look for them, and the numbers themselves.

import { BlockStack, Card, List, Text } from "@shopify/polaris";

import { formatDelta, formatExact, formatQuantity, plural } from "../../formatting.ts";
import { FOREIGN_WRITES_MAX } from "../../overwrite-view.ts";
import type { OverwriteDetail } from "../../overwritten-page.server.ts";
import { TextLink } from "../text-link.tsx";

export function ForeignWrites({ page: { writer, overwrite, timeZone } }: { readonly page: OverwriteDetail }) {
  const { writes, advice } = writer;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Who writes here
        </Text>
        {advice.map((sentence) => (
          <Text key={sentence} as="p">
            {sentence}
          </Text>
        ))}
        <List>
          <List.Item>{`Shopify names who it was: in the Shopify admin open the product's variant, then its inventory history, and look at ${formatExact(overwrite.at, timeZone)}. Shopify tells Holdfast that number, but not its writer.`}</List.Item>
          <List.Item>Ask whoever makes that app to send what changed instead of a total (inventoryAdjustQuantities), or to let Shopify refuse a number that is out of date (inventorySetQuantities with changeFromQuantity).</List.Item>
          <List.Item>Until then let it write less often, or leave this item out of its list.</List.Item>
        </List>
        {writes.length === 0 ? null : (
          <BlockStack gap="200">
            <Text as="h3" variant="headingSm">
              {writes.length < FOREIGN_WRITES_MAX ? `${plural(writes.length, "number")} written from outside in the day up to this` : `The last ${FOREIGN_WRITES_MAX} numbers written from outside`}
            </Text>
            <div className="hf-scroll" tabIndex={0} role="region" aria-label="Numbers written from outside">
              <table className="hf-table">
                <thead>
                  <tr>
                    <th scope="col">When</th>
                    <th scope="col">Change</th>
                    <th scope="col">Available then</th>
                    <th scope="col">What it was</th>
                  </tr>
                </thead>
                <tbody>
                  {writes.map((write) => (
                    <tr key={write.key}>
                      <th scope="row">{formatExact(write.at, timeZone)}</th>
                      <td>{formatDelta(write.foreignDelta)}</td>
                      <td>{formatQuantity(write.available)}</td>
                      <td>{write.conflictId === null ? "a number of its own" : write.conflictId === overwrite.id ? "this overwrite" : <TextLink url={`/app/overwritten/${write.conflictId}`}>an overwrite</TextLink>}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </BlockStack>
        )}
      </BlockStack>
    </Card>
  );
}

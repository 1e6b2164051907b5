// Advice: where units could come from, with the numbers before and after. Holdfast moves none itself.

import { BlockStack, Card, List, Text } from "@shopify/polaris";

import { formatQuantity, plural } from "../../formatting.ts";
import type { OversellDetail } from "../../oversells-page.server.ts";
import { TextLink } from "../text-link.tsx";

export function MovableStock({ page }: { readonly page: OversellDetail }) {
  const { movable, incident, location, availableNow } = page;
  if (movable.length === 0 || incident.state === "closed") return null;
  const units = movable.reduce((sum, one) => sum + one.units, 0);
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {`${plural(units, "unit")} could come from ${movable.length === 1 ? "another location" : "other locations"}`}
        </Text>
        <List>
          {movable.map((one) => (
            <List.Item key={one.locationId}>
              {`${one.location} has ${formatQuantity(one.available)} available: ${plural(one.units, "unit")} to ${location} would make it ${one.available === null ? "not known" : formatQuantity(one.available - one.units)}.`}
            </List.Item>
          ))}
        </List>
        <Text as="p">
          {`${location}: ${formatQuantity(availableNow)} → ${availableNow === null ? "not known" : formatQuantity(availableNow + units)}.`}
          {incident.short === 0 ? " Then nobody is short." : ` ${plural(incident.short, "unit")} would still be missing.`}
        </Text>
        <Text as="p" tone="subdued">
          {"Ship the short orders from there (change their location on the order's page in Shopify), or move the units with a "}
          <TextLink url="shopify:admin/transfers">transfer</TextLink>
          {". Holdfast moves none by itself."}
        </Text>
      </BlockStack>
    </Card>
  );
}

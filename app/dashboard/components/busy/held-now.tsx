// Who holds what right now and since when, as the lock service tells it; where it cannot be asked that is said, and the rest of the page stands.

import { BlockStack, Card, Text } from "@shopify/polaris";

import { busyUrl } from "../../busy-view.ts";
import type { BusyItemPage, BusyOverview, HeldRow } from "../../busy-page.server.ts";
import { formatDuration, plural } from "../../formatting.ts";
import { TextLink } from "../text-link.tsx";

type HeldNowProps = { readonly page: Pick<BusyOverview | BusyItemPage, "held" | "nowMs" | "kind"> };

export function HeldNow({ page: { held, nowMs, kind } }: HeldNowProps) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {kind === "overview" ? "Busy right now" : "Right now"}
        </Text>
        {held === null ? (
          <Text as="p">Who holds an item right now cannot be shown: the lock service does not answer. While it is away no stock is changed; notifications of orders are still accepted, and the work goes on when it is back.</Text>
        ) : held.rows.length === 0 ? (
          <Text as="p" tone="subdued">
            {kind === "overview" ? "No item is being changed at this moment." : "This item is free."}
          </Text>
        ) : (
          <ul className="hf-lines">
            {held.rows.map((row) => (
              <li key={row.key}>
                <Held row={row} nowMs={nowMs} />
              </li>
            ))}
          </ul>
        )}
        {held === null || held.more === 0 ? null : <Text as="p" tone="subdued">{`And ${plural(held.more, "more item")}.`}</Text>}
      </BlockStack>
    </Card>
  );
}

function Held({ row: { name, location, place, purpose, heldSince, waitingCount }, nowMs }: { readonly row: HeldRow; readonly nowMs: number }) {
  return (
    <>
      {place === null ? name : <TextLink url={busyUrl("day", place)}>{name}</TextLink>}
      <Text as="span" tone="subdued">
        {[
          ...(location === null ? [] : [location]),
          purpose,
          // The lock service's clock and ours may differ by a little.
          `for ${formatDuration(Math.max(0, nowMs - heldSince.getTime()))}`,
          waitingCount === 0 ? "nobody waits" : `${waitingCount} waiting`,
        ]
          .map((part) => ` · ${part}`)
          .join("")}
      </Text>
    </>
  );
}

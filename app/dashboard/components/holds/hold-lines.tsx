// The lines of a hold: what, where, how many.

import { Text } from "@shopify/polaris";

import { stockName } from "../../hold-view.ts";
import type { ReservationLineRow } from "../../queries/list-reservations.server.ts";

export function HoldLines({ lines }: { readonly lines: readonly ReservationLineRow[] }) {
  return (
    <ul className="hf-lines">
      {lines.map((line) => {
        const name = stockName(line);
        return (
          <li key={line.position}>
            <Text as="span" fontWeight="semibold" numeric>{`${line.quantity} × `}</Text>
            {name}
            <Text as="span" tone="subdued">
              {[line.sku === name ? null : line.sku, line.locationName ?? `Location ${line.locationId}`, line.counts ? null : "may be sold without stock, so nothing is put aside"]
                .filter((part) => part !== null)
                .map((part) => ` · ${part}`)}
            </Text>
          </li>
        );
      })}
    </ul>
  );
}

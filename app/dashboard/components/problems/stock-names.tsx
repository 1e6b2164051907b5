// A stock in a row: the item's name, and beneath it what tells it from others.

import { Text } from "@shopify/polaris";

interface StockNamesProps {
  readonly row: { readonly item: string; readonly sku: string | null; readonly location: string };
  readonly strong?: boolean;
}

export function StockNames({ row, strong = false }: StockNamesProps) {
  return (
    <div className="hf-item">
      <span title={row.item}>
        <Text as="span" truncate={!strong} {...(strong ? { fontWeight: "semibold" } : {})}>
          {row.item}
        </Text>
      </span>
      {strong ? <br /> : null}
      <Text as="span" variant="bodySm" tone="subdued">
        {[row.sku !== row.item ? row.sku : null, row.location].filter((part) => part !== null).join(" · ")}
      </Text>
    </div>
  );
}

// A cell of a table with a number, level with those above and below it.

import { IndexTable, Text } from "@shopify/polaris";

export function NumberCell({ value, strong = false }: { readonly value: string; readonly strong?: boolean }) {
  return (
    <IndexTable.Cell>
      <Text as="span" alignment="end" numeric {...(strong ? { fontWeight: "semibold" } : {})}>
        {value}
      </Text>
    </IndexTable.Cell>
  );
}

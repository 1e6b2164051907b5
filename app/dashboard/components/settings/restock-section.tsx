// What gives stock back.

import { Checkbox, Select } from "@shopify/polaris";

import { faultAt } from "../../settings-draft.ts";
import { SETTINGS_PAGES } from "../../settings-parts.ts";
import { SettingsSection, type SectionProps } from "./section.tsx";

export function RestockSection({ draft, edit, faults }: SectionProps) {
  const { restock } = draft;
  const error = faultAt(faults, "restock.refunded");
  return (
    <SettingsSection id="restock" title={SETTINGS_PAGES.restock.title} titleHidden>
      <Checkbox label="When an order is cancelled" checked={restock.cancelled} onChange={(cancelled) => edit({ restock: { ...restock, cancelled } })} />
      <Select
        label="When a line is refunded"
        options={[
          { label: "If the refund says to restock it", value: "follow restock_type" },
          { label: "Never", value: "never" },
        ]}
        value={restock.refunded}
        onChange={(value) => edit({ restock: { ...restock, refunded: value === "never" ? "never" : "follow restock_type" } })}
        {...(error === undefined ? {} : { error })}
      />
      <Checkbox
        label="Shopify already restocks refunded or cancelled orders of my sources"
        helpText="Turn this on if you have seen Shopify put such units back itself. Holdfast then leaves the sold item alone; it still gives back the components of bundles."
        checked={restock.shopifyRestocksBypassed}
        onChange={(shopifyRestocksBypassed) => edit({ restock: { ...restock, shopifyRestocksBypassed } })}
      />
    </SettingsSection>
  );
}

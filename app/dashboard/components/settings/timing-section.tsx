// When stock is taken and from which location.

import { ChoiceList, Select } from "@shopify/polaris";

import { faultAt } from "../../settings-draft.ts";
import type { TimingPage } from "../../settings-page.server.ts";
import { SETTINGS_PAGES } from "../../settings-parts.ts";
import { SettingsSection, type SectionProps } from "./section.tsx";

interface TimingSectionProps extends SectionProps {
  readonly locations: TimingPage["locations"];
}

export function TimingSection({ draft, edit, faults, locations }: TimingSectionProps) {
  const error = faultAt(faults, "deduct.location");
  const known = locations.map((location) => ({
    label: location.active ? location.name : `${location.name} (deactivated)`,
    value: `gid://shopify/Location/${location.locationId}`,
    disabled: !location.active,
  }));
  const chosenIsListed = draft.location === "order" || known.some((option) => option.value === draft.location);
  const options = [{ label: "Where Shopify fulfils the order", value: "order" }, ...known, ...(chosenIsListed ? [] : [{ label: draft.location, value: draft.location }])];
  return (
    <SettingsSection id="timing" title={SETTINGS_PAGES.timing.title} titleHidden>
      <ChoiceList
        title="Take stock when an order is"
        choices={[
          { label: "Placed", value: "orders/create", helpText: "As Shopify itself does it." },
          { label: "Paid", value: "orders/paid", helpText: "For sources whose orders often stay unpaid." },
        ]}
        selected={[draft.on]}
        onChange={([value]) => edit({ on: value === "orders/paid" ? "orders/paid" : "orders/create" })}
        {...optional(faultAt(faults, "deduct.on"))}
      />
      <Select
        label="Location"
        options={options}
        value={draft.location}
        onChange={(location) => edit({ location })}
        helpText="An order keeps the location it was first counted at, also when its fulfilment moves."
        {...optional(error)}
      />
    </SettingsSection>
  );
}

function optional(error: string | undefined): { error?: string } {
  return error === undefined ? {} : { error };
}

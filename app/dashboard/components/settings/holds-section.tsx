// Holds for a checkout of the merchant's own: how long, how much for one buyer, and what is promised when Shopify does not answer.

import { Checkbox, ChoiceList, Divider, FormLayout, TextField } from "@shopify/polaris";

import { SETTINGS_LIMITS } from "#app/domain/settings-validation.ts";

import { faultAt, type HoldsDraft } from "../../settings-draft.ts";
import type { OrderCreationPermission } from "../../settings-page.server.ts";
import { SETTINGS_PAGES } from "../../settings-parts.ts";
import { HoldPromiseStanding, OrderCreationStanding } from "./hold-standing.tsx";
import { SettingsSection, type SectionProps } from "./section.tsx";

/** The fields of `HoldsDraft` that are typed in. */
type NumberField = Exclude<keyof HoldsDraft, "mirrorInShopify" | "whenShopifyIsAway">;

interface HoldsSectionProps extends SectionProps {
  readonly mayWrite: boolean;
  readonly orderCreation: OrderCreationPermission;
}

export function HoldsSection({ draft, edit, faults, mayWrite, orderCreation }: HoldsSectionProps) {
  const { holds } = draft;
  const change = (part: Partial<HoldsDraft>) => edit({ holds: { ...holds, ...part } });
  const number = (field: NumberField, { label, suffix, helpText, min, max, placeholder }: NumberFieldText) => {
    const error = faultAt(faults, `reservations.${field}`);
    return (
      <TextField
        label={label}
        type="number"
        min={min}
        max={max}
        suffix={suffix}
        helpText={helpText}
        autoComplete="off"
        value={holds[field]}
        onChange={(value) => change({ [field]: value })}
        {...(placeholder === undefined ? {} : { placeholder })}
        {...(error === undefined ? {} : { error })}
      />
    );
  };
  const { ttlSecondsMin, ttlSecondsMax, waitMsMax, unitsHeldMax, orderWaitHoursMax } = SETTINGS_LIMITS;
  return (
    <SettingsSection id="holds" title={SETTINGS_PAGES.holds.title} titleHidden>
      <HoldPromiseStanding saved={draft.base} mayWrite={mayWrite} onChoose={() => change({ mirrorInShopify: true })} />
      <Divider />
      <OrderCreationStanding permission={orderCreation} />
      <Divider />
      <FormLayout>
        <Checkbox
          label="Show held stock in Shopify as reserved"
          helpText="Shopify then cannot sell it to somebody else. Needs protection to be on; otherwise stock is promised from what Holdfast last saw."
          checked={holds.mirrorInShopify}
          onChange={(mirrorInShopify) => change({ mirrorInShopify })}
        />
        <ChoiceList
          title="When Shopify does not confirm in time"
          choices={[
            { label: "Ask the customer to try again", value: "refuse", helpText: "Nothing is promised that Shopify has not confirmed." },
            { label: "Promise from the stock last seen", value: "promise_local", helpText: "Sales go on. Somebody else may buy the same unit in Shopify meanwhile." },
          ]}
          selected={[holds.whenShopifyIsAway]}
          onChange={([value]) => change({ whenShopifyIsAway: value === "promise_local" ? "promise_local" : "refuse" })}
        />
        <FormLayout.Group>
          {number("ttlSecondsDefault", { label: "Usual time of a hold", suffix: "seconds", helpText: "Where your checkout names none.", min: ttlSecondsMin, max: ttlSecondsMax })}
          {number("ttlSecondsMax", { label: "Longest time of a hold", suffix: "seconds", helpText: `At most ${ttlSecondsMax}.`, min: ttlSecondsMin, max: ttlSecondsMax })}
        </FormLayout.Group>
        <FormLayout.Group>
          {number("waitMs", { label: "Wait for Shopify", suffix: "ms", helpText: `Per request, 0 to ${waitMsMax}.`, min: 0, max: waitMsMax })}
          {number("orderWaitHours", { label: "Ask a person when no order came for", suffix: "hours", helpText: "After a hold was paid for.", min: 1, max: orderWaitHoursMax })}
        </FormLayout.Group>
        <FormLayout.Group>
          {number("unitsPerReferenceMax", { label: "Most units for one cart or customer", suffix: "units", helpText: "Counted by the reference that your checkout sends.", min: 1, max: unitsHeldMax, placeholder: "No limit" })}
          {number("unitsPerTokenMax", { label: "Most units for one API token", suffix: "units", helpText: "All holds of one program together.", min: 1, max: unitsHeldMax, placeholder: "No limit" })}
        </FormLayout.Group>
      </FormLayout>
    </SettingsSection>
  );
}

interface NumberFieldText {
  readonly label: string;
  readonly suffix: string;
  readonly helpText: string;
  readonly min: number;
  readonly max: number;
  readonly placeholder?: string;
}

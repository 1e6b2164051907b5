// What happens when more units were promised than there are: who counts as short, and whether fulfilment is held without asking.

import { Badge, Checkbox, ChoiceList, Button } from "@shopify/polaris";

import { SHORT_POLICIES } from "#app/domain/detection/choose-short.ts";
import { HOLD_SCOPES } from "#app/domain/settings-rules-check.ts";

import { faultAt } from "../../settings-draft.ts";
import { SETTINGS_PAGES } from "../../settings-parts.ts";
import { SHORT_POLICY_TERMS } from "../../settings-terms.ts";
import { Refusal, Standing } from "./hold-standing.tsx";
import { Hint, SettingsSection, type SectionProps } from "./section.tsx";
import { usePermission } from "./use-permission.ts";

interface OversellsSectionProps extends SectionProps {
  readonly mayHold: boolean;
}

export function OversellsSection({ draft, edit, faults, mayHold }: OversellsSectionProps) {
  const { oversell } = draft;
  const change = (part: Partial<typeof oversell>) => edit({ oversell: { ...oversell, ...part } });
  const error = faultAt(faults, "oversell.shortPolicy");
  return (
    <SettingsSection id="oversells" title={SETTINGS_PAGES.oversells.title} titleHidden>
      <ChoiceList
        title="Who is left short when there is not enough for all"
        choices={SHORT_POLICIES.map((policy) => ({ value: policy, label: SHORT_POLICY_TERMS[policy].label, helpText: SHORT_POLICY_TERMS[policy].meaning }))}
        selected={[oversell.shortPolicy]}
        onChange={([value]) => change({ shortPolicy: SHORT_POLICIES.find((policy) => policy === value) ?? "latest_first" })}
        {...(error === undefined ? {} : { error })}
      />
      <Checkbox
        label="Leave out products that go on selling when out of stock"
        helpText="In Shopify they are set to continue selling: negative stock is what their merchant wants."
        checked={oversell.ignoreContinuePolicy}
        onChange={(ignoreContinuePolicy) => change({ ignoreContinuePolicy })}
      />
      <Checkbox
        label="Put the fulfilment of orders that are short on hold by itself"
        helpText="Nothing is cancelled or refunded. Each hold names Holdfast and can be released in Shopify or on the incident's page."
        checked={oversell.holdFulfilment}
        onChange={(holdFulfilment) => change({ holdFulfilment })}
      />
      {oversell.holdFulfilment && !draft.base.oversell.holdFulfilment && !mayHold ? <Hint>When you save, Shopify asks you for the permission to manage fulfilment orders.</Hint> : null}
      {draft.base.oversell.holdFulfilment ? <HoldPermission mayHold={mayHold} /> : null}
    </SettingsSection>
  );
}

function HoldPermission({ mayHold }: { readonly mayHold: boolean }) {
  const permission = usePermission(...HOLD_SCOPES);
  return (
    <Standing
      title="Permission to hold fulfilment"
      badge={<Badge tone={mayHold ? "success" : "attention"}>{mayHold ? "Allowed" : "Not allowed"}</Badge>}
      text={mayHold ? "Orders that are short are put on hold as soon as it is known." : "Until it is granted, Holdfast shows who is short and holds nothing."}
    >
      {mayHold ? null : (
        <Button loading={permission.busy} onClick={() => void permission.ask()}>
          Allow holding fulfilment
        </Button>
      )}
      <Refusal permission={permission} />
    </Standing>
  );
}

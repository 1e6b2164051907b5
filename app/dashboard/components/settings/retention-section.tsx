// How long history is kept, and the way to the API tokens.

import { Button, InlineStack, TextField } from "@shopify/polaris";

import { SETTINGS_LIMITS } from "#app/domain/settings-validation.ts";

import { faultAt } from "../../settings-draft.ts";
import { SettingsSection, type SectionProps } from "./section.tsx";

export function RetentionSection({ draft, edit, faults }: SectionProps) {
  const error = faultAt(faults, "retentionDays");
  return (
    <SettingsSection id="retention" title="History" description="Notifications and stock history older than this are removed. What guards against counting twice is kept as long as it is needed.">
      <TextField
        label="Keep history for"
        type="number"
        min={SETTINGS_LIMITS.retentionDaysMin}
        max={SETTINGS_LIMITS.retentionDaysMax}
        suffix="days"
        autoComplete="off"
        value={draft.retentionDays}
        onChange={(retentionDays) => edit({ retentionDays })}
        helpText={`From ${SETTINGS_LIMITS.retentionDaysMin} to ${SETTINGS_LIMITS.retentionDaysMax} days.`}
        {...(error === undefined ? {} : { error })}
      />
    </SettingsSection>
  );
}

export function TokensSection() {
  return (
    <SettingsSection id="tokens" title="API tokens" description="For your own programs: they can read the stock history and the stock record of an order, hold stock for a checkout, and change these settings.">
      <InlineStack>
        <Button url="/app/settings/tokens">Manage API tokens</Button>
      </InlineStack>
    </SettingsSection>
  );
}

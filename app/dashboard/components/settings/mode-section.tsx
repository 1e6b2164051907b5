// Watch only or protect, with what each means; protecting asks Shopify for the write permission when the settings are saved.

import { BlockStack, InlineError, RadioButton } from "@shopify/polaris";

import { faultAt } from "../../settings-draft.ts";
import { SETTINGS_PAGES } from "../../settings-parts.ts";
import { MODES } from "../../terms.ts";
import { Hint, SettingsSection, type SectionProps } from "./section.tsx";

interface ModeSectionProps extends SectionProps {
  readonly mayWrite: boolean;
}

export function ModeSection({ draft, edit, faults, mayWrite }: ModeSectionProps) {
  const error = faultAt(faults, "mode");
  return (
    <SettingsSection id="mode" title={SETTINGS_PAGES.mode.title} titleHidden>
      <BlockStack gap="200">
        {(["observe", "enforce"] as const).map((mode) => (
          <RadioButton
            key={mode}
            id={`mode-${mode}`}
            name="mode"
            label={MODES[mode].label}
            helpText={MODES[mode].meaning}
            checked={draft.mode === mode}
            onChange={() => edit({ mode })}
            {...(error === undefined ? {} : { ariaDescribedBy: "mode-error" })}
          />
        ))}
        {error === undefined ? null : <InlineError message={error} fieldID="mode-enforce" />}
        {draft.mode === "enforce" && !mayWrite ? <Hint>When you save, Shopify asks you for the permission to change inventory.</Hint> : null}
      </BlockStack>
    </SettingsSection>
  );
}

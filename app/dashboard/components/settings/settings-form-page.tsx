// The frame of each page of the settings that has a form: its title and way back, the save bar, what became of the last save, and its undoing.

import { SaveBar } from "@shopify/app-bridge-react";
import { Banner, BlockStack, Button, InlineStack, Text } from "@shopify/polaris";
import type { ReactNode } from "react";

import type { SettingsFacts } from "../../settings-page.server.ts";
import { SETTINGS_PAGES, SETTINGS_URL, settingsUrl, type SettingsPageId } from "../../settings-parts.ts";
import { PAGE_NAMES } from "../../terms.ts";
import { DashboardPage } from "../dashboard-page.tsx";
import { TextLink } from "../text-link.tsx";
import { OutcomeBanner } from "./outcome-banner.tsx";
import type { SectionProps } from "./section.tsx";
import { useSettingsForm, type SettingsForm } from "./use-settings-form.ts";

const NO_FAULTS: SectionProps["faults"] = [];

interface SettingsFormPageProps {
  readonly part: SettingsPageId;
  readonly page: SettingsFacts;
  readonly children: (section: SectionProps, form: SettingsForm) => ReactNode;
}

export function SettingsFormPage({ part, page, children }: SettingsFormPageProps) {
  const form = useSettingsForm(page.settings, page.scopes);
  const faults = form.problem?.kind === "faults" ? form.problem.faults : NO_FAULTS;
  const { title, description } = SETTINGS_PAGES[part];
  return (
    <DashboardPage title={title} subtitle={description} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} narrow>
      <SaveBar id="settings-save-bar" open={form.dirty}>
        <button variant="primary" onClick={() => void form.save()} disabled={form.saving}>
          Save
        </button>
        <button onClick={form.discard} disabled={form.saving}>
          Discard
        </button>
      </SaveBar>
      <BlockStack gap="400">
        {form.problem === null ? null : <OutcomeBanner problem={form.problem} onKeepMine={form.keepMine} onTakeTheirs={form.takeTheirs} />}
        {form.saved === null ? null : <SavedBanner form={form} saved={form.saved} />}
        {children({ draft: form.draft, edit: form.edit, faults }, form)}
      </BlockStack>
    </DashboardPage>
  );
}

/** Stays until the next edit: undoing must not be a race against a message that vanishes. */
function SavedBanner({ form, saved: { settings, undone } }: { readonly form: SettingsForm; readonly saved: NonNullable<SettingsForm["saved"]> }) {
  return (
    <Banner tone="success" title={undone ? `Taken back: version ${settings.version} says what was in force before` : `Saved as version ${settings.version}`}>
      <InlineStack gap="300" blockAlign="center">
        <Button loading={form.saving} onClick={form.undo}>
          {undone ? "Redo" : "Undo"}
        </Button>
        <Text as="span">
          <TextLink url={settingsUrl("versions")}>Earlier versions</TextLink>
        </Text>
      </InlineStack>
    </Banner>
  );
}

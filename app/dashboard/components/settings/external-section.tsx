// The merchant's own stock system: whether and where it is told, the secret that signs what it is told, and how it keeps up.

import { Banner, Checkbox, Text, TextField } from "@shopify/polaris";

import { formatCapped } from "../../formatting.ts";
import { faultAt } from "../../settings-draft.ts";
import type { ExternalPage } from "../../settings-page.server.ts";
import { SETTINGS_PAGES } from "../../settings-parts.ts";
import { Moment } from "../moment.tsx";
import { TextLink } from "../text-link.tsx";
import { MadeSecret } from "./made-secret.tsx";
import { Hint, SettingsSection, type SectionProps } from "./section.tsx";

interface ExternalSectionProps extends SectionProps {
  readonly page: Pick<ExternalPage, "standing" | "nowMs" | "timeZone">;
}

export function ExternalSection({ draft, edit, faults, page }: ExternalSectionProps) {
  const { external } = draft;
  const error = faultAt(faults, "external.url");
  const { secretSetAt } = page.standing;
  return (
    <>
      <SettingsSection id="external" title={SETTINGS_PAGES.external.title} titleHidden>
        <Checkbox
          label="Tell my stock system of each change that took effect"
          helpText="From the moment it is on; what came before is not sent."
          checked={external.enabled}
          onChange={(enabled) => edit({ external: { ...external, enabled } })}
        />
        <TextField
          label="Address"
          type="url"
          autoComplete="off"
          placeholder="https://stock.your-company.com/holdfast"
          helpText="Each change is sent there until it is taken, in order per item, under a key that stays the same."
          value={external.url}
          onChange={(url) => edit({ external: { ...external, url } })}
          {...(error === undefined ? {} : { error })}
        />
        <ExternalStandingText page={page} enabled={draft.base.external?.enabled ?? false} />
      </SettingsSection>
      <SettingsSection id="external-secret" title="Signing secret" description="Your system checks the signature of each message with it, so that nobody else can change its stock.">
        {secretSetAt === null ? (
          <Hint>There is none yet. Nothing is sent before one is made.</Hint>
        ) : (
          <Hint>
            Made <Moment at={secretSetAt} nowMs={page.nowMs} timeZone={page.timeZone} />.
          </Hint>
        )}
        <MadeSecret
          name="signing secret"
          intent="make-external-secret"
          replaces={secretSetAt !== null}
          consequence="From then on everything is signed with the new one. Until your system knows it, it refuses what it is told; nothing is lost, and Holdfast sends it again."
        />
      </SettingsSection>
    </>
  );
}

function ExternalStandingText({ page: { standing, nowMs, timeZone }, enabled }: { readonly page: ExternalSectionProps["page"]; readonly enabled: boolean }) {
  const { pausedUntil, pauseReason, blockedItems, openItems } = standing;
  if (!enabled) return null;
  if (blockedItems > 0) {
    return (
      <Banner tone="warning" title={`${formatCapped(blockedItems)} ${blockedItems === 1 ? "item waits" : "items wait"} for you`}>
        <Text as="p">
          Your system did not take a change, and later ones of the same item wait behind it. <TextLink url="/app/review">Decide</TextLink>
        </Text>
      </Banner>
    );
  }
  if (pausedUntil !== null) {
    return (
      <Hint>
        It does not answer{pauseReason === null ? "" : ` (${pauseReason})`}. Tried again at <Moment at={pausedUntil} nowMs={nowMs} timeZone={timeZone} exact />; {formatCapped(openItems)} waiting.
      </Hint>
    );
  }
  return <Hint>{openItems === 0 ? "It has taken everything." : `${formatCapped(openItems)} ${openItems === 1 ? "item has" : "items have"} changes on the way to it.`}</Hint>;
}

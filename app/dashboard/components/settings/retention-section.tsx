// How long history is kept, with what that removes, and what is stored at all.

import { useFetcher } from "@remix-run/react";
import { List, Text, TextField } from "@shopify/polaris";

import { SETTINGS_LIMITS } from "#app/domain/settings-validation.ts";

import { removalText } from "../../retention-view.ts";
import { faultAt } from "../../settings-draft.ts";
import type { HistorySettingsPage } from "../../settings-page.server.ts";
import { settingsUrl } from "../../settings-parts.ts";
import { Moment } from "../moment.tsx";
import { Hint, SettingsSection, type SectionProps } from "./section.tsx";

interface RetentionSectionProps extends SectionProps {
  readonly page: Pick<HistorySettingsPage, "counts" | "countedDays" | "nowMs" | "timeZone">;
}

export function RetentionSection({ draft, edit, faults, page }: RetentionSectionProps) {
  const fetcher = useFetcher<HistorySettingsPage>();
  const { retentionDaysMin, retentionDaysMax } = SETTINGS_LIMITS;
  const error = faultAt(faults, "retentionDays");
  const days = Number(draft.retentionDays);
  // Counted anew for what is typed; until the answer is there, the old count would be a wrong one.
  const counted = [fetcher.data, page].find((one) => one?.countedDays === days);
  const count = () => {
    if (Number.isInteger(days) && days >= retentionDaysMin && days <= retentionDaysMax) void fetcher.load(`${settingsUrl("history")}?days=${days}`);
  };
  const { oldestEntryAt } = page.counts;
  return (
    <>
      <SettingsSection id="retention" title="How long history is kept">
        <TextField
          label="Keep history for"
          type="number"
          min={retentionDaysMin}
          max={retentionDaysMax}
          suffix="days"
          autoComplete="off"
          value={draft.retentionDays}
          onChange={(retentionDays) => edit({ retentionDays })}
          onBlur={count}
          helpText={`From ${retentionDaysMin} to ${retentionDaysMax} days.`}
          {...(error === undefined ? {} : { error })}
        />
        <div aria-live="polite">{counted === undefined ? null : <Text as="p">{removalText(counted.counts, days)}</Text>}</div>
        {oldestEntryAt === null ? null : (
          <Hint>
            The oldest entry of the audit trail is from <Moment at={oldestEntryAt} nowMs={page.nowMs} timeZone={page.timeZone} exact />.
          </Hint>
        )}
        <Hint>Notifications and the audit trail are removed for good; export them first if you want to keep them. Changes of stock stay with their calls: they are what keeps a repeated notification from counting twice, and what a late refund is measured against. So does what an open order, change or incident still needs.</Hint>
      </SettingsSection>
      <SettingsSection id="privacy" title="What is stored">
        <List>
          <List.Item>Of orders: their numbers, lines, quantities, times and location. Never names, addresses, e-mail addresses or payments of your customers: Holdfast leaves them out before anything is written.</List.Item>
          <List.Item>Of products: title, SKU and stock levels.</List.Item>
          <List.Item>Of your staff: the number of the account that changed something, without a name.</List.Item>
          <List.Item>When you uninstall Holdfast, Shopify tells it to delete everything of this shop after 48 hours, and it does.</List.Item>
        </List>
      </SettingsSection>
    </>
  );
}

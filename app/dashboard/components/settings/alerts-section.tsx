// Who is told: one card a place, with what it is told of, from which figure on, how it last went, and a test.

import { BlockStack, Button, Card, InlineError, InlineStack, Select, Text, TextField } from "@shopify/polaris";
import { memo } from "react";

import { isSecretTarget, maskedFingerprint } from "#app/domain/alert-target.ts";
import { SETTINGS_LIMITS } from "#app/domain/settings-validation.ts";
import type { AlertTarget } from "#app/domain/settings.ts";

import { isSaved, newAlertDraft, type AlertDraft } from "../../alert-draft.ts";
import { faultAt } from "../../settings-draft.ts";
import type { AlertsPage } from "../../settings-page.server.ts";
import { ALERT_CHANNEL_TERMS } from "../../settings-terms.ts";
import { afterPaint } from "../after-paint.ts";
import { type AlertChange, AlertKinds } from "./alert-kinds.tsx";
import { AlertStandingText, AlertTest } from "./alert-standing.tsx";
import { equalData } from "./equal-data.ts";
import { FieldWithAction, Hint, SettingsSection, type SectionProps } from "./section.tsx";

interface AlertsSectionProps extends SectionProps {
  readonly page: Pick<AlertsPage, "standings" | "nowMs" | "timeZone">;
}

export function AlertsSection({ draft, edit, faults, page }: AlertsSectionProps) {
  const change = (key: string, to: AlertChange) => edit(({ alerts }) => ({ alerts: alerts.map((alert) => (alert.key === key ? { ...alert, ...to(alert) } : alert)) }));
  const full = draft.alerts.length >= SETTINGS_LIMITS.alertsMax;
  return (
    <SettingsSection id="alerts" title="Who is told">
      {draft.alerts.length === 0 ? <Hint>Nobody is told yet: problems are shown on Home, and nowhere else.</Hint> : null}
      {draft.alerts.map((alert, index) => {
        const place = draft.base.alerts.findIndex((saved) => isSaved(alert, saved));
        return (
          <AlertFields key={alert.key} alert={alert} path={`alerts[${index}]`} faults={faults} page={page} place={place} onChange={(to) => change(alert.key, to)} onRemove={() => afterPaint(() => edit(({ alerts }) => ({ alerts: alerts.filter((other) => other.key !== alert.key) })))} />
        );
      })}
      {faultAt(faults, "alerts") === undefined ? null : <InlineError message={faultAt(faults, "alerts") ?? ""} fieldID="add-alert" />}
      <InlineStack>
        <Button id="add-alert" disabled={full} onClick={() => afterPaint(() => edit(({ alerts }) => ({ alerts: [...alerts, newAlertDraft(crypto.randomUUID())] })))}>
          Add somebody to tell
        </Button>
      </InlineStack>
      {full ? <Hint>{`No more than ${SETTINGS_LIMITS.alertsMax} places can be told.`}</Hint> : null}
    </SettingsSection>
  );
}

interface AlertFieldsProps extends Pick<SectionProps, "faults"> {
  readonly alert: AlertDraft;
  readonly path: string;
  readonly page: AlertsSectionProps["page"];
  /** Of the saved ones, the one that this is; −1: it is not saved. */
  readonly place: number;
  readonly onChange: (to: AlertChange) => void;
  readonly onRemove: () => void;
}

const AlertFields = memo(function AlertFields({ alert, path, faults, page, place, onChange, onRemove }: AlertFieldsProps) {
  const term = ALERT_CHANNEL_TERMS[alert.kind];
  const name = alert.target.trim() === "" ? `the new ${term.label} alert` : `${term.label} ${shown(alert)}`;
  const standing = place === -1 ? undefined : page.standings[place];
  return (
    <Card background="bg-surface-secondary">
      <BlockStack gap="400">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h3" variant="headingSm">
            {term.label}
          </Text>
          <Button variant="tertiary" tone="critical" onClick={onRemove} accessibilityLabel={`Remove ${name}`}>
            Remove
          </Button>
        </InlineStack>
        <TargetFields alert={alert} error={faultAt(faults, `${path}.target`)} onChange={onChange} />
        <AlertKinds alert={alert} path={path} faults={faults} onChange={onChange} />
        <TextField
          label="Quiet time"
          type="number"
          min={0}
          max={SETTINGS_LIMITS.quietMinutesMax}
          suffix="minutes"
          autoComplete="off"
          placeholder="0"
          helpText="After a message, what follows of the same kind waits this long and comes as one message."
          value={alert.quietMinutes}
          onChange={(quietMinutes) => onChange(() => ({ quietMinutes }))}
          {...optional(faultAt(faults, `${path}.quietMinutes`))}
        />
        {standing === undefined ? <Hint>Save it first; then you can send a test.</Hint> : <AlertStandingText standing={standing} nowMs={page.nowMs} timeZone={page.timeZone} />}
        {place === -1 ? null : <AlertTest index={place} name={name} />}
      </BlockStack>
    </Card>
  );
}, equalData);

interface TargetFieldsProps {
  readonly alert: AlertDraft;
  readonly error: string | undefined;
  readonly onChange: (to: AlertChange) => void;
}

/** A saved secret address is not shown, and so cannot be edited: it is kept or replaced as a whole. */
function TargetFields({ alert, error, onChange }: TargetFieldsProps) {
  const term = ALERT_CHANNEL_TERMS[alert.kind];
  const hidden = isSecretTarget(alert) && maskedFingerprint(alert.target) !== null;
  return (
    <BlockStack gap="100">
      <div className="hf-fields">
        <Select
          label="By"
          options={KINDS.map((kind) => ({ label: ALERT_CHANNEL_TERMS[kind].label, value: kind }))}
          value={alert.kind}
          onChange={(value) => onChange(() => ({ kind: KINDS.find((kind) => kind === value) ?? "email", ...(hidden ? { target: "" } : {}) }))}
        />
        <FieldWithAction action={hidden ? <Button onClick={() => onChange(() => ({ target: "" }))}>Replace</Button> : null}>
          <TextField
            id={`${alert.key}-target`}
            label={term.targetLabel}
            autoComplete="off"
            type={alert.kind === "email" ? "email" : "url"}
            placeholder={term.placeholder}
            value={hidden ? shown(alert) : alert.target}
            readOnly={hidden}
            onChange={(target) => onChange(() => ({ target }))}
            error={error !== undefined}
          />
        </FieldWithAction>
      </div>
      {error === undefined ? <Hint>{term.help}</Hint> : <InlineError message={error} fieldID={`${alert.key}-target`} />}
    </BlockStack>
  );
}

const KINDS: readonly AlertTarget["kind"][] = ["email", "slack", "webhook"];

/** `hooks.slack.com, stored as 3f9a…` */
function shown(alert: Pick<AlertDraft, "kind" | "target">): string {
  const fingerprint = isSecretTarget(alert) ? maskedFingerprint(alert.target) : null;
  return fingerprint === null ? alert.target : `${new URL(alert.target).host}, stored as ${fingerprint.slice(0, 4)}…`;
}

function optional(error: string | undefined): { error?: string } {
  return error === undefined ? {} : { error };
}


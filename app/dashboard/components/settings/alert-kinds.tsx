// What one place is told of: a tick a kind, and beside it the figure from which on it is told.

import { BlockStack, Checkbox, InlineError, TextField, Text } from "@shopify/polaris";
import { memo } from "react";

import { ALERT_KINDS, type AlertKind } from "#app/domain/alert-event.ts";
import { ALERT_THRESHOLDS } from "#app/domain/alert-thresholds.ts";

import { toggled, type AlertDraft } from "../../alert-draft.ts";
import { ALERT_TERMS } from "../../alert-terms.ts";
import { faultAt } from "../../settings-draft.ts";
import { THRESHOLD_UNITS } from "../../settings-terms.ts";
import { equalData } from "./equal-data.ts";
import type { SectionProps } from "./section.tsx";

/** What becomes of the draft as it is then. */
export type AlertChange = (alert: AlertDraft) => Partial<AlertDraft>;

interface AlertKindsProps extends Pick<SectionProps, "faults"> {
  readonly alert: AlertDraft;
  readonly path: string;
  readonly onChange: (to: AlertChange) => void;
}

export function AlertKinds({ alert, path, faults, onChange }: AlertKindsProps) {
  const none = faultAt(faults, `${path}.on`, true);
  return (
    <fieldset className="hf-fieldset">
      <legend>
        <Text as="span">Tell of</Text>
      </legend>
      <BlockStack gap="200">
        {ALERT_KINDS.map((kind) => {
          const { name } = ALERT_THRESHOLDS[kind];
          return (
            <KindField
              key={kind}
              kind={kind}
              id={`${alert.key}-${kind}`}
              on={alert.on.includes(kind)}
              from={alert.threshold[name] ?? ""}
              error={faultAt(faults, `${path}.threshold.${name}`)}
              onChange={onChange}
            />
          );
        })}
        {none === undefined ? null : <InlineError message={none} fieldID={`${alert.key}-${ALERT_KINDS[0]}`} />}
      </BlockStack>
    </fieldset>
  );
}

interface KindFieldProps {
  readonly kind: AlertKind;
  readonly id: string;
  readonly on: boolean;
  /** As it was typed; empty: the usual figure. */
  readonly from: string;
  readonly error: string | undefined;
  readonly onChange: (to: AlertChange) => void;
}

const KindField = memo(function KindField({ kind, id, on, from, error, onChange }: KindFieldProps) {
  const { name, default: usual } = ALERT_THRESHOLDS[kind];
  return (
    <div>
      <div className="hf-alert-kind">
        <Checkbox id={id} label={ALERT_TERMS[kind].label} helpText={ALERT_TERMS[kind].meaning} checked={on} onChange={(wanted) => onChange((alert) => ({ on: toggled(alert.on, kind, wanted) }))} />
        {on ? (
          <div className="hf-alert-kind__from">
            <TextField
              id={`${id}-from`}
              label={`${ALERT_TERMS[kind].label}: from`}
              labelHidden
              prefix="from"
              suffix={THRESHOLD_UNITS[name] ?? ""}
              type="number"
              min={0}
              autoComplete="off"
              placeholder={String(usual)}
              value={from}
              onChange={(text) => onChange(({ threshold }) => ({ threshold: { ...threshold, [name]: text } }))}
              error={error !== undefined}
            />
          </div>
        ) : null}
      </div>
      {error === undefined ? null : <InlineError message={error} fieldID={`${id}-from`} />}
    </div>
  );
}, equalData);

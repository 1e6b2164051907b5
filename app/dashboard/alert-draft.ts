// One place to be told, while somebody edits it: figures are texts as typed, an empty one stands for the usual figure. Pure.

import { ALERT_KINDS, type AlertKind } from "#app/domain/alert-event.ts";
import type { AlertTarget } from "#app/domain/settings.ts";

import { numberOrText } from "./number-text.ts";

export interface AlertDraft {
  readonly key: string;
  readonly kind: AlertTarget["kind"];
  readonly target: string;
  readonly on: readonly AlertKind[];
  /** By the names of `ALERT_THRESHOLDS`. */
  readonly threshold: Readonly<Record<string, string>>;
  readonly quietMinutes: string;
}

/** What a merchant most likely wants to hear of; the rest is for whoever watches the operation. */
export const USUAL_ALERTS: readonly AlertKind[] = ["oversell", "conflict", "drift", "parked", "webhook_lag"];

export function newAlertDraft(key: string): AlertDraft {
  return { key, kind: "email", target: "", on: USUAL_ALERTS, threshold: {}, quietMinutes: "" };
}

export function alertDraftFrom(alert: AlertTarget, key: string): AlertDraft {
  return {
    key,
    kind: alert.kind,
    target: alert.target,
    on: alert.on,
    threshold: Object.fromEntries(Object.entries(alert.threshold).map(([name, figure]) => [name, String(figure)])),
    quietMinutes: alert.quietMinutes === undefined ? "" : String(alert.quietMinutes),
  };
}

export function alertFrom({ kind, target, on, threshold, quietMinutes }: AlertDraft): Record<string, unknown> {
  const figures = Object.entries(threshold).filter(([, text]) => text.trim() !== "");
  return {
    kind,
    target,
    on,
    threshold: Object.fromEntries(figures.map(([name, text]) => [name, numberOrText(text)])),
    ...(quietMinutes.trim() === "" ? {} : { quietMinutes: numberOrText(quietMinutes) }),
  };
}

/** In the order in which the page shows them. */
export function toggled(on: readonly AlertKind[], kind: AlertKind, wanted: boolean): readonly AlertKind[] {
  return ALERT_KINDS.filter((one) => (one === kind ? wanted : on.includes(one)));
}

/** Whether what stands in the form is what is saved, so that a test of the saved place is a test of what is seen. */
export function isSaved(draft: AlertDraft, saved: AlertTarget | undefined): boolean {
  return saved !== undefined && draft.kind === saved.kind && draft.target.trim() === saved.target;
}

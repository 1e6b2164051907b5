// From which figure on somebody is told: one named threshold a kind of alert, and the figure it is compared with. Pure.

import { ALERT_KINDS, type AlertFacts, type AlertKind } from "./alert-event.ts";
import type { AlertTarget } from "./settings.ts";

interface Threshold {
  /** The name in the settings document. */
  readonly name: string;
  /** In force when the target names none. */
  readonly default: number;
}

/** Incidents count units; the others the figure of their signal: a count, seconds, or a count over `SIGNAL_WINDOW_MINUTES`. */
export const ALERT_THRESHOLDS: Readonly<Record<AlertKind, Threshold>> = {
  oversell: { name: "oversellDepth", default: 1 },
  conflict: { name: "conflictUnits", default: 1 },
  drift: { name: "driftUnits", default: 1 },
  parked: { name: "parkedChanges", default: 1 },
  webhook_lag: { name: "webhookLagSeconds", default: 60 },
  webhook_errors: { name: "webhookErrors", default: 5 },
  mutation_failures: { name: "mutationFailures", default: 10 },
  lock_waits: { name: "lockWaitSeconds", default: 10 },
  deadlocks: { name: "deadlocks", default: 10 },
};

export const ALERT_THRESHOLD_NAMES: readonly string[] = ALERT_KINDS.map((kind) => ALERT_THRESHOLDS[kind].name);

/** What errors, failures and deadlocks are counted over. */
export const SIGNAL_WINDOW_MINUTES = 10;

export function thresholdOf(target: Pick<AlertTarget, "threshold">, kind: AlertKind): number {
  const { name, default: usual } = ALERT_THRESHOLDS[kind];
  return target.threshold[name] ?? usual;
}

/** Null when the incident has no figure: nothing to hold against a threshold, so it is told. */
export function figureOf(facts: AlertFacts): number | null {
  const { figure } = facts.detail;
  if (typeof figure === "number") return figure;
  return facts.depth === null ? null : Math.abs(facts.depth);
}

export function reachesThreshold(target: Pick<AlertTarget, "threshold">, kind: AlertKind, facts: AlertFacts): boolean {
  const figure = figureOf(facts);
  return figure === null || figure >= thresholdOf(target, kind);
}

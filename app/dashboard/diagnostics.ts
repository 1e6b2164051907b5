// The diagnostics as text: one fact a line, to be copied into a message. No secret, no customer, no item: versions, modes, counts and times only. Pure.

import { BACKLOG_COUNT_MAX } from "./limits.ts";
import type { DiagnosticFacts } from "./queries/diagnostics.server.ts";

export interface DiagnosticsInput {
  readonly appVersion: string;
  readonly apiVersion: string;
  readonly shop: string;
  readonly epoch: number;
  readonly installedAt: Date;
  readonly mode: string;
  readonly settingsVersion: number;
  readonly scopes: readonly string[];
  readonly timeZone: string;
  /** Whether the person who looks may change stock. */
  readonly personMayChangeStock: boolean;
  readonly facts: DiagnosticFacts;
  readonly now: Date;
}

/** For programs and developers, so times are ISO 8601 and counts are plain digits. */
export function diagnosticsText({ facts, ...of }: DiagnosticsInput): string {
  const lines: readonly (readonly [string, string])[] = [
    ["holdfast", `${of.appVersion}, Admin API ${of.apiVersion}`],
    ["at", of.now.toISOString()],
    ["shop", `${of.shop}, time zone ${of.timeZone}`],
    ["install", `${of.epoch}, since ${of.installedAt.toISOString()}`],
    ["mode", `${of.mode}, settings version ${of.settingsVersion}`],
    ["scopes", of.scopes.join(" ") || "none"],
    ["person may change stock", of.personMayChangeStock ? "yes" : "no"],
    ["last notification", timeText(facts.lastNotificationAt)],
    ["last applied change", timeText(facts.lastAppliedAt)],
    ["last full check", timeText(facts.lastCheckAt)],
    ["queue", `notifications ${countText(facts.notificationsWaiting)}, changes ${countText(facts.changesWaiting)}`],
    ["needs review", `changes ${countText(facts.changesParked)}, pushes ${countText(facts.pushesParked)}, paused sources ${countText(facts.sourcesPaused)}`],
    ["open", `oversells ${countText(facts.oversellsOpen)}, overwrites ${countText(facts.overwritesOpen)}, mismatches ${countText(facts.mismatchesOpen)}`],
    ["alerts not delivered", countText(facts.alertsFailed)],
    ["alerts open", facts.signals.map(({ kind, figure }) => `${kind} ${figure}`).join(", ") || "none"],
  ];
  return lines.map(([name, value]) => `${name}: ${value}`).join("\n");
}

function timeText(at: Date | null): string {
  return at === null ? "never" : at.toISOString();
}

function countText(count: number): string {
  return count >= BACKLOG_COUNT_MAX ? `${BACKLOG_COUNT_MAX}+` : String(count);
}

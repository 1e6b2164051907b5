// The line under each part on the index of the settings: what is in force now. Pure.

import type { Settings } from "#app/domain/settings.ts";
import { sourceKeyOf } from "#app/domain/settings.ts";

import { formatDuration, plural } from "./formatting.ts";
import { holdPromise } from "./hold-promise.ts";
import type { SettingsPageId } from "./settings-parts.ts";
import { ALERT_CHANNEL_TERMS } from "./settings-terms.ts";
import { sourceText } from "./terms.ts";

export interface SummaryFacts {
  readonly settings: Settings;
  readonly mayWrite: boolean;
  readonly mayHoldFulfilment: boolean;
  readonly pausedSourceKeys: readonly string[];
  /** By gid. */
  readonly locationNames: Readonly<Record<string, string>>;
  readonly tokensInUse: number;
  /** Places whose last message could not be delivered. */
  readonly failingTargets: number;
}

export interface PartSummary {
  readonly text: string;
  /** It keeps something from working. */
  readonly attention?: string;
}

const NAMED_MAX = 3;

/** Without the parts whose line is made of times: those are drawn beside them. */
export function settingsSummary(facts: SummaryFacts): Readonly<Record<SettingsPageId, PartSummary>> {
  const { settings } = facts;
  const { reservations, restock, external } = settings;
  return {
    mode: modeSummary(facts),
    sources: sourcesSummary(facts),
    timing: { text: `When an order is ${settings.deduct.on === "orders/paid" ? "paid" : "placed"}, ${locationText(facts)}` },
    bundles: { text: settings.bundles.length === 0 ? "None" : plural(settings.bundles.length, "bundle") },
    restock: { text: restockText(restock) },
    holds: { text: `${holdPromise(settings, facts.mayWrite).label}, for ${formatDuration(reservations.ttlSecondsDefault * 1000)} by default` },
    oversells: oversellSummary(facts),
    alerts: alertsSummary(facts),
    tokens: { text: facts.tokensInUse === 0 ? "None" : `${plural(facts.tokensInUse, "token")} in use` },
    external: { text: external?.enabled === true && external.url !== null ? `On: ${hostOf(external.url)}` : "Off" },
    history: { text: `Kept for ${plural(settings.retentionDays, "day")}` },
    transfer: { text: "As files that people and programs can read" },
    versions: { text: `Version ${settings.version}` },
    leaving: { text: "Put units back on sale, release orders, take your data with you" },
  };
}

function modeSummary({ settings, mayWrite }: SummaryFacts): PartSummary {
  if (settings.mode === "observe") return { text: "Watch only: no stock is changed" };
  return mayWrite ? { text: "Protect" } : { text: "Protect", attention: "Shopify does not allow it" };
}

function sourcesSummary({ settings, pausedSourceKeys }: SummaryFacts): PartSummary {
  const keys = settings.deduct.sources.map(sourceKeyOf);
  const paused = keys.filter((key) => pausedSourceKeys.includes(key)).length;
  const text = keys.length === 0 ? "None named" : listed(keys.map(sourceText));
  return paused === 0 ? { text } : { text, attention: `${paused} paused` };
}

function alertsSummary({ settings, failingTargets }: SummaryFacts): PartSummary {
  if (settings.alerts.length === 0) return { text: "Nobody is told" };
  const text = listed([...new Set(settings.alerts.map(({ kind }) => ALERT_CHANNEL_TERMS[kind].label))]);
  return failingTargets === 0 ? { text } : { text, attention: `${failingTargets} could not be reached` };
}

function oversellSummary({ settings, mayHoldFulfilment }: SummaryFacts): PartSummary {
  if (!settings.oversell.holdFulfilment) return { text: "Shows who is short; fulfilment is held by you, order by order" };
  const text = "Holds the fulfilment of orders that are short";
  return mayHoldFulfilment ? { text } : { text, attention: "Shopify does not allow it" };
}

function restockText({ cancelled, refunded }: Settings["restock"]): string {
  const refund = refunded === "follow restock_type";
  if (cancelled && refund) return "When an order is cancelled, and when a refund says so";
  if (cancelled) return "When an order is cancelled";
  return refund ? "When a refund says so" : "Never";
}

function locationText({ settings: { deduct }, locationNames }: SummaryFacts): string {
  return deduct.location === "order" ? "where Shopify fulfils it" : `at ${locationNames[deduct.location] ?? deduct.location}`;
}

/** "a, b, c and 2 more" */
function listed(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return more > 0 ? `${names.slice(0, NAMED_MAX).join(", ")} and ${more} more` : names.join(", ");
}

/** Never the whole address: it may carry a key. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

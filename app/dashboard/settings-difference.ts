// What changed between two settings documents, in the words of the pages: part by part, list entries told apart by what they name and not
// by their place. Pure.

import { ALERT_KINDS } from "#app/domain/alert-event.ts";
import { ALERT_THRESHOLDS } from "#app/domain/alert-thresholds.ts";
import { type AlertTarget, type Bundle, type DeductSource, type Settings, sourceKeyOf } from "#app/domain/settings.ts";

import { ALERT_TERMS } from "./alert-terms.ts";
import { plural } from "./formatting.ts";
import { SETTINGS_PAGES, type SettingsPageId } from "./settings-parts.ts";
import { ALERT_CHANNEL_TERMS, SHORT_POLICY_TERMS } from "./settings-terms.ts";
import { MODES, sourceText } from "./terms.ts";

export interface DescribedChange {
  readonly label: string;
  /** Null: it was not there. */
  readonly from: string | null;
  /** Null: it is not there any more. */
  readonly to: string | null;
}

export interface DescribedPart {
  readonly page: SettingsPageId;
  readonly changes: readonly DescribedChange[];
}

/** By gid, of variants, items and locations. */
export type SettingsNames = Readonly<Record<string, string>>;

export function describeDifference(from: Settings, to: Settings, names: SettingsNames = {}): readonly DescribedPart[] {
  const [before, after] = [wordsOf(from, names), wordsOf(to, names)];
  const pages = Object.keys(SETTINGS_PAGES) as SettingsPageId[];
  return pages.flatMap((page) => {
    const changes = changesOf(before.get(page) ?? new Map(), after.get(page) ?? new Map());
    return changes.length === 0 ? [] : [{ page, changes }];
  });
}

/** `Order sources, Bundles`: which parts differ, for a line in a list. */
export function differingParts(parts: readonly DescribedPart[]): string {
  return parts.map(({ page }) => SETTINGS_PAGES[page].title).join(", ");
}

type Words = Map<string, string>;

function changesOf(before: Words, after: Words): DescribedChange[] {
  const labels = new Set([...before.keys(), ...after.keys()]);
  return [...labels].flatMap((label) => {
    const [from, to] = [before.get(label) ?? null, after.get(label) ?? null];
    return from === to ? [] : [{ label, from, to }];
  });
}

function wordsOf(settings: Settings, names: SettingsNames): ReadonlyMap<SettingsPageId, Words> {
  const named = (gid: string) => names[gid] ?? gid.slice(gid.indexOf("shopify/") === -1 ? 0 : gid.indexOf("shopify/") + "shopify/".length);
  const { deduct, restock, oversell } = settings;
  return new Map<SettingsPageId, Words>([
    ["mode", new Map([["Mode", MODES[settings.mode].label]])],
    ["sources", new Map(deduct.sources.map((source) => [sourceText(sourceKeyOf(source)), sourceWords(source)]))],
    [
      "timing",
      new Map([
        ["Take stock when an order is", deduct.on === "orders/paid" ? "paid" : "placed"],
        ["Location", deduct.location === "order" ? "Where Shopify fulfils the order" : named(deduct.location)],
      ]),
    ],
    ["bundles", new Map(settings.bundles.map((bundle) => [named(bundle.variantId), bundleWords(bundle, named)]))],
    [
      "restock",
      new Map([
        ["When an order is cancelled", yesNo(restock.cancelled)],
        ["When a line is refunded", restock.refunded === "never" ? "Never" : "If the refund says so"],
        ["Shopify restocks such orders itself", yesNo(restock.shopifyRestocksBypassed)],
      ]),
    ],
    ["holds", holdWords(settings.reservations)],
    [
      "oversells",
      new Map([
        ["Hold fulfilment by itself", yesNo(oversell.holdFulfilment)],
        ["Leave out what may be sold without stock", yesNo(oversell.ignoreContinuePolicy)],
        ["Who is left short", SHORT_POLICY_TERMS[oversell.shortPolicy].label],
      ]),
    ],
    ["alerts", new Map(settings.alerts.map((alert) => [`${ALERT_CHANNEL_TERMS[alert.kind].label}: ${alert.target}`, alertWords(alert)]))],
    [
      "external",
      new Map([
        ["Tell your stock system", yesNo(settings.external?.enabled ?? false)],
        ["Address", settings.external?.url ?? "none"],
      ]),
    ],
    ["history", new Map([["Keep history for", plural(settings.retentionDays, "day")]])],
  ]);
}

function sourceWords({ confirmedBypass }: DeductSource): string {
  return confirmedBypass ? "Named, and you have checked that its orders leave stock untouched" : "Named";
}

function bundleWords({ components, parentStock }: Bundle, named: (gid: string) => string): string {
  const parts = components.map(({ inventoryItemId, quantity }) => `${quantity} × ${named(inventoryItemId)}`).join(", ");
  return parentStock === "derive" ? `${parts}; its own stock follows` : parts;
}

function holdWords(holds: Settings["reservations"]): Words {
  return new Map([
    ["Show held stock in Shopify", yesNo(holds.mirrorInShopify)],
    ["When Shopify does not confirm in time", holds.whenShopifyIsAway === "refuse" ? "Ask the customer to try again" : "Promise from the stock last seen"],
    ["Usual time of a hold", plural(holds.ttlSecondsDefault, "second")],
    ["Longest time of a hold", plural(holds.ttlSecondsMax, "second")],
    ["Wait for Shopify", `${holds.waitMs} ms`],
    ["Ask a person when no order came for", plural(holds.orderWaitHours, "hour")],
    ["Most units for one cart or customer", limitText(holds.unitsPerReferenceMax)],
    ["Most units for one API token", limitText(holds.unitsPerTokenMax)],
  ]);
}

function limitText(units: number | null): string {
  return units === null ? "no limit" : plural(units, "unit");
}

function alertWords({ on, threshold, quietMinutes = 0 }: AlertTarget): string {
  const told = ALERT_KINDS.filter((kind) => on.includes(kind)).map((kind) => {
    const figure = threshold[ALERT_THRESHOLDS[kind].name];
    return figure === undefined ? ALERT_TERMS[kind].label : `${ALERT_TERMS[kind].label} from ${figure}`;
  });
  return quietMinutes === 0 ? told.join(", ") : `${told.join(", ")}; quiet for ${plural(quietMinutes, "minute")}`;
}

function yesNo(value: boolean): string {
  return value ? "Yes" : "No";
}

// Settings while somebody edits them: numbers are texts as typed, and every row has a key of its own. Pure.

import type { Fault } from "#app/domain/document-reader.ts";
import type { Bundle, DeductSource, Settings } from "#app/domain/settings.ts";

import { alertDraftFrom, alertFrom, type AlertDraft } from "./alert-draft.ts";
import { numberOrText } from "./number-text.ts";

export interface SourceDraft {
  readonly key: string;
  readonly kind: "name" | "app";
  readonly value: string;
  readonly confirmedBypass: boolean;
}

export interface ComponentDraft {
  readonly key: string;
  readonly inventoryItemId: string;
  readonly quantity: string;
}

export interface BundleDraft {
  readonly key: string;
  readonly variantId: string;
  readonly parentStock: Bundle["parentStock"];
  readonly components: readonly ComponentDraft[];
}

export interface SettingsDraft {
  /** The document as read: what this page does not edit is sent back unchanged. */
  readonly base: Settings;
  readonly mode: Settings["mode"];
  readonly on: Settings["deduct"]["on"];
  readonly location: string;
  readonly sources: readonly SourceDraft[];
  readonly bundles: readonly BundleDraft[];
  readonly restock: Settings["restock"];
  readonly retentionDays: string;
  readonly holds: HoldsDraft;
  readonly oversell: Settings["oversell"];
  readonly alerts: readonly AlertDraft[];
  readonly external: ExternalDraft;
}

export interface ExternalDraft {
  readonly enabled: boolean;
  readonly url: string;
}

/** Of `reservations`; an empty limit is none. */
export interface HoldsDraft {
  readonly mirrorInShopify: boolean;
  readonly whenShopifyIsAway: Settings["reservations"]["whenShopifyIsAway"];
  readonly ttlSecondsDefault: string;
  readonly ttlSecondsMax: string;
  readonly waitMs: string;
  readonly unitsPerReferenceMax: string;
  readonly unitsPerTokenMax: string;
  readonly orderWaitHours: string;
}

export function draftFrom(settings: Settings): SettingsDraft {
  return {
    base: settings,
    mode: settings.mode,
    on: settings.deduct.on,
    location: settings.deduct.location,
    sources: settings.deduct.sources.map((source, index) => ({
      key: `source-${index}`,
      kind: source.appId === undefined ? "name" : "app",
      value: source.appId ?? source.sourceName ?? "",
      confirmedBypass: source.confirmedBypass,
    })),
    bundles: settings.bundles.map((bundle, index) => ({
      key: `bundle-${index}`,
      variantId: bundle.variantId,
      parentStock: bundle.parentStock,
      components: bundle.components.map((component, position) => ({
        key: `component-${index}-${position}`,
        inventoryItemId: component.inventoryItemId,
        quantity: String(component.quantity),
      })),
    })),
    restock: settings.restock,
    retentionDays: String(settings.retentionDays),
    holds: holdsFrom(settings.reservations),
    oversell: settings.oversell,
    alerts: settings.alerts.map((alert, index) => alertDraftFrom(alert, `alert-${index}`)),
    external: { enabled: settings.external?.enabled ?? false, url: settings.external?.url ?? "" },
  };
}

function holdsFrom({ mirrorInShopify, whenShopifyIsAway, ...numbers }: Settings["reservations"]): HoldsDraft {
  return {
    mirrorInShopify,
    whenShopifyIsAway,
    ttlSecondsDefault: String(numbers.ttlSecondsDefault),
    ttlSecondsMax: String(numbers.ttlSecondsMax),
    waitMs: String(numbers.waitMs),
    unitsPerReferenceMax: String(numbers.unitsPerReferenceMax ?? ""),
    unitsPerTokenMax: String(numbers.unitsPerTokenMax ?? ""),
    orderWaitHours: String(numbers.orderWaitHours),
  };
}

/** The document to send. A text that is no whole number is sent as it is, so that the validation names the field. */
export function documentFrom(draft: SettingsDraft): Record<string, unknown> {
  return {
    ...draft.base,
    mode: draft.mode,
    deduct: { ...draft.base.deduct, on: draft.on, location: draft.location, sources: draft.sources.map(sourceFrom) },
    bundles: draft.bundles.map((bundle) => ({
      variantId: bundle.variantId,
      parentStock: bundle.parentStock,
      components: bundle.components.map(({ inventoryItemId, quantity }) => ({ inventoryItemId, quantity: numberOrText(quantity) })),
    })),
    restock: draft.restock,
    retentionDays: numberOrText(draft.retentionDays),
    reservations: reservationsFrom(draft),
    oversell: draft.oversell,
    alerts: draft.alerts.map(alertFrom),
    ...externalFrom(draft),
  };
}

/** A shop that never had a stock system of its own goes on having none. */
function externalFrom({ base, external: { enabled, url } }: SettingsDraft): Record<string, unknown> {
  if (base.external === undefined && !enabled && url.trim() === "") return {};
  return { external: { ...base.external, enabled, url: url.trim() === "" ? null : url } };
}

function reservationsFrom({ base, holds }: SettingsDraft): Record<string, unknown> {
  return {
    ...base.reservations,
    mirrorInShopify: holds.mirrorInShopify,
    whenShopifyIsAway: holds.whenShopifyIsAway,
    ttlSecondsDefault: numberOrText(holds.ttlSecondsDefault),
    ttlSecondsMax: numberOrText(holds.ttlSecondsMax),
    waitMs: numberOrText(holds.waitMs),
    unitsPerReferenceMax: limitFrom(holds.unitsPerReferenceMax),
    unitsPerTokenMax: limitFrom(holds.unitsPerTokenMax),
    orderWaitHours: numberOrText(holds.orderWaitHours),
  };
}

function limitFrom(text: string): number | string | null {
  return text.trim() === "" ? null : numberOrText(text);
}

/** The same edits on top of what somebody else saved meanwhile: saving then replaces theirs, on purpose. */
export function rebase(draft: SettingsDraft, current: Settings): SettingsDraft {
  return { ...draft, base: current };
}

export function isChanged(draft: SettingsDraft): boolean {
  return JSON.stringify(documentFrom(draft)) !== JSON.stringify(documentFrom(draftFrom(draft.base)));
}

/** The message for a field, or undefined. `within` also finds faults of what lies inside it. */
export function faultAt(faults: readonly Fault[], path: string, within = false): string | undefined {
  const found = faults.find((fault) => fault.path === path || (within && (fault.path.startsWith(`${path}.`) || fault.path.startsWith(`${path}[`))));
  return found === undefined ? undefined : plainMessage(found);
}

/** The message without the field's technical name: beside the field, or after the name of its part, nobody needs it. */
export function plainMessage({ path, message }: Fault): string {
  return path !== "" && message.startsWith(`${path} `) ? `This${message.slice(path.length)}` : message;
}

function sourceFrom(source: SourceDraft): DeductSource {
  return source.kind === "app" ? { appId: source.value, confirmedBypass: source.confirmedBypass } : { sourceName: source.value, confirmedBypass: source.confirmedBypass };
}

// The merchant's settings document: its shape, its defaults and the source keys its rules name. Pure; the HTTP contract is interfaces.md.

import type { AlertKind } from "./alert-event.ts";
import type { ShortPolicy } from "./detection/choose-short.ts";

export type Mode = "observe" | "enforce";
export type OnTopic = "orders/create" | "orders/paid";

export interface DeductSource {
  readonly sourceName?: string;
  readonly appId?: string;
  /** The merchant vouches that orders of this source bypass Shopify's own decrement. */
  readonly confirmedBypass: boolean;
}

export interface BundleComponent {
  /** gid of an InventoryItem. */
  readonly inventoryItemId: string;
  /** Units of the component in one unit of the bundle, ≥ 1. */
  readonly quantity: number;
}

export interface Bundle {
  /** gid of the ProductVariant that is sold. */
  readonly variantId: string;
  readonly parentStock: "derive" | "leave";
  readonly components: readonly BundleComponent[];
}

export interface AlertTarget {
  readonly kind: "slack" | "webhook" | "email";
  /** Slack's address is a secret: stored and answered in its masked form (`alert-target.ts`). */
  readonly target: string;
  readonly on: readonly AlertKind[];
  /** By the names of `ALERT_THRESHOLDS`; what is not named has its default. */
  readonly threshold: Readonly<Record<string, number>>;
  /** After a message of one kind the next of that kind waits this long, and sums up what came meanwhile. Absent: 0. */
  readonly quietMinutes?: number;
}

/** Where applied changes are pushed to. The secret that signs them is made by Holdfast and is no part of the document. */
export interface ExternalSettings {
  /** Changes that are booked while this is true are queued, in the transaction that books them; what came before is not. */
  readonly enabled: boolean;
  /** Null: none yet. https; http only to this machine, in development. */
  readonly url: string | null;
}

/** Stock held for checkouts of the merchant's own. */
export interface ReservationSettings {
  readonly ttlSecondsDefault: number;
  readonly ttlSecondsMax: number;
  /** Units are moved into `reserved` in Shopify before they are promised. */
  readonly mirrorInShopify: boolean;
  /** What a buyer hears when Shopify has not confirmed units in time. */
  readonly whenShopifyIsAway: "refuse" | "promise_local";
  /** How long a buyer waits for that, in ms; 0: not at all. */
  readonly waitMs: number;
  /** Most units that active holds of one reference may have together; null: no limit. */
  readonly unitsPerReferenceMax: number | null;
  /** The same for one API token. */
  readonly unitsPerTokenMax: number | null;
  /** After this a committed hold whose order nobody saw waits for a person. */
  readonly orderWaitHours: number;
}

export interface Settings {
  readonly version: number;
  readonly mode: Mode;
  readonly deduct: {
    readonly sources: readonly DeductSource[];
    readonly on: OnTopic;
    /** `order`: the location of the line's fulfilment order; otherwise a Location gid. */
    readonly location: string;
  };
  readonly bundles: readonly Bundle[];
  readonly restock: {
    readonly cancelled: boolean;
    readonly refunded: "follow restock_type" | "never";
    /** True when Shopify itself puts refunded or cancelled units of bypassed orders back, so Holdfast must not. */
    readonly shopifyRestocksBypassed: boolean;
  };
  readonly reservations: ReservationSettings;
  readonly oversell: {
    readonly holdFulfilment: boolean;
    readonly ignoreContinuePolicy: boolean;
    /** Who is left short where there is not enough for all. */
    readonly shortPolicy: ShortPolicy;
  };
  readonly alerts: readonly AlertTarget[];
  readonly retentionDays: number;
  /** Left out by who saves: stays as it was. A shop that never had one has none. */
  readonly external?: ExternalSettings;
}

/** What a new install starts with: it watches and changes nothing. */
export const DEFAULT_SETTINGS: Settings = {
  version: 1,
  mode: "observe",
  deduct: { sources: [], on: "orders/create", location: "order" },
  bundles: [],
  restock: { cancelled: true, refunded: "follow restock_type", shopifyRestocksBypassed: false },
  reservations: {
    ttlSecondsDefault: 600,
    ttlSecondsMax: 3600,
    mirrorInShopify: true,
    whenShopifyIsAway: "refuse",
    waitMs: 2_000,
    unitsPerReferenceMax: 100,
    unitsPerTokenMax: null,
    orderWaitHours: 24,
  },
  oversell: { holdFulfilment: false, ignoreContinuePolicy: true, shortPolicy: "latest_first" },
  alerts: [],
  retentionDays: 90,
};

/**
 * The rules of an order that was worked on before: those of its first derivation, but for where things are taken. That is decided when a
 * line's plan is made, and kept in it; a line without a plan has taken nothing, so today's rule may help it.
 */
export function rulesOfOrder(pinned: Settings | undefined, current: Settings): Settings {
  return pinned === undefined ? current : { ...pinned, deduct: { ...pinned.deduct, location: current.deduct.location } };
}

/** Key of a source in `order_sources` and on changes: `app:<id>` or `name:<source_name>`. */
export function sourceKeyOf(source: { sourceName?: string | null; appId?: string | null }): string {
  return source.appId ? `app:${source.appId}` : `name:${source.sourceName ?? ""}`;
}

/** Sources whose orders Shopify itself always takes from stock; a rule that names one is refused. */
export const NATIVE_SOURCE_NAMES: readonly string[] = ["web", "pos", "shopify_draft_order", "subscription_contract", "subscription_contract_checkout_one"];

/** True for the sources of `NATIVE_SOURCE_NAMES`. */
export function isNativeSource(sourceName: string | null): boolean {
  return sourceName !== null && NATIVE_SOURCE_NAMES.includes(sourceName);
}

// Decides whether a settings document may be stored: everything that can be said without asking Shopify. All faults at once. Pure.

import { ALERT_KINDS } from "./alert-event.ts";
import { ALERT_THRESHOLD_NAMES } from "./alert-thresholds.ts";
import { SHORT_POLICIES } from "./detection/choose-short.ts";
import { DocumentReader, type Fault } from "./document-reader.ts";
import { formatGid, readId, type GidKind } from "./gid.ts";
import {
  type AlertTarget,
  type Bundle,
  type BundleComponent,
  DEFAULT_SETTINGS,
  type DeductSource,
  type ExternalSettings,
  NATIVE_SOURCE_NAMES,
  type ReservationSettings,
  type Settings,
  sourceKeyOf,
} from "./settings.ts";

export type { Fault, FaultCode } from "./document-reader.ts";

export type SettingsValidation = { readonly kind: "ok"; readonly settings: Settings } | { readonly kind: "faults"; readonly faults: readonly Fault[] };

/** Limits of the document. With 64 KB for an API request about 190 bundles fit into one; the page may send more. */
export const SETTINGS_LIMITS = {
  sourcesMax: 100,
  sourceNameLengthMax: 255,
  bundlesMax: 500,
  componentsMax: 50,
  componentQuantityMax: 10_000,
  ttlSecondsMin: 1,
  ttlSecondsMax: 86_400,
  /** Longer than a program waits for an answer helps nobody. */
  waitMsMax: 10_000,
  unitsHeldMax: 1_000_000,
  orderWaitHoursMax: 720,
  alertsMax: 20,
  alertTargetLengthMax: 2_000,
  externalUrlLengthMax: 2_000,
  thresholdMax: 1_000_000,
  quietMinutesMax: 1_440,
  /** Deliveries are kept at least 30 days: a duplicate that late must still be recognised. */
  retentionDaysMin: 30,
  retentionDaysMax: 3_650,
  versionMax: 2_147_483_646,
} as const;

const ROOT_FIELDS = ["version", "mode", "deduct", "bundles", "restock", "reservations", "oversell", "alerts", "retentionDays", "external"] as const;

/** Checks `document` and returns it normalised: ids as gids, texts trimmed, optional fields filled in. */
export function validateSettings(document: unknown): SettingsValidation {
  const reader = new DocumentReader();
  const root = reader.object("", document, ROOT_FIELDS);
  if (reader.faults.some((fault) => fault.path === "")) return { kind: "faults", faults: reader.faults };
  const settings: Settings = {
    version: reader.integer("version", root.version, 1, SETTINGS_LIMITS.versionMax),
    mode: reader.oneOf("mode", root.mode, ["observe", "enforce"]),
    deduct: readDeduct(reader, root.deduct),
    bundles: readBundles(reader, root.bundles),
    restock: readRestock(reader, root.restock),
    reservations: readReservations(reader, root.reservations),
    oversell: readOversell(reader, root.oversell),
    alerts: reader.list("alerts", root.alerts, SETTINGS_LIMITS.alertsMax).map((alert, index) => readAlert(reader, `alerts[${index}]`, alert)),
    retentionDays: reader.integer("retentionDays", root.retentionDays, SETTINGS_LIMITS.retentionDaysMin, SETTINGS_LIMITS.retentionDaysMax),
    ...(root.external === undefined ? {} : { external: readExternal(reader, root.external) }),
  };
  return reader.faults.length === 0 ? { kind: "ok", settings } : { kind: "faults", faults: reader.faults };
}

function readDeduct(reader: DocumentReader, value: unknown): Settings["deduct"] {
  const deduct = reader.object("deduct", value, ["sources", "on", "location"]);
  const seen = new Set<string>();
  const sources = reader.list("deduct.sources", deduct.sources, SETTINGS_LIMITS.sourcesMax).map((entry, index) => {
    const path = `deduct.sources[${index}]`;
    const source = readSource(reader, path, entry);
    const key = sourceKeyOf(source);
    if (key !== "name:" && seen.has(key)) reader.fault(path, "duplicate", "This source is named by an earlier rule.");
    seen.add(key);
    return source;
  });
  return { sources, on: reader.oneOf("deduct.on", deduct.on, ["orders/create", "orders/paid"]), location: readLocation(reader, deduct.location) };
}

function readSource(reader: DocumentReader, path: string, value: unknown): DeductSource {
  const source = reader.object(path, value, ["sourceName", "appId", "confirmedBypass"]);
  const confirmedBypass = source.confirmedBypass === undefined ? false : reader.boolean(`${path}.confirmedBypass`, source.confirmedBypass);
  const byName = source.sourceName !== undefined && source.sourceName !== null;
  const byApp = source.appId !== undefined && source.appId !== null;
  if (byName === byApp) {
    reader.fault(path, "source_ambiguous", "Name the source by exactly one of sourceName and appId.");
    return { confirmedBypass };
  }
  if (byApp) return { appId: readShopifyId(reader, `${path}.appId`, "App", source.appId) ?? "", confirmedBypass };
  const sourceName = reader.text(`${path}.sourceName`, source.sourceName, SETTINGS_LIMITS.sourceNameLengthMax);
  if (isNativeSource(sourceName)) {
    reader.fault(
      `${path}.sourceName`,
      "native_source_refused",
      `Shopify itself takes the stock of "${sourceName}" orders; taking it again would count every sale twice.`,
    );
  }
  return { sourceName, confirmedBypass };
}

/** Compared without case: a rule for "Web" means Shopify's own "web", and refusing it is the safe reading. */
function isNativeSource(sourceName: string): boolean {
  return NATIVE_SOURCE_NAMES.includes(sourceName.toLowerCase());
}

function readLocation(reader: DocumentReader, value: unknown): string {
  if (value === "order") return "order";
  const id = readShopifyId(reader, "deduct.location", "Location", value);
  return id === null ? "order" : formatGid("Location", id);
}

function readBundles(reader: DocumentReader, value: unknown): Bundle[] {
  const seen = new Set<string>();
  return reader.list("bundles", value, SETTINGS_LIMITS.bundlesMax).map((entry, index) => {
    const path = `bundles[${index}]`;
    const bundle = reader.object(path, entry, ["variantId", "parentStock", "components"]);
    const variantId = readGid(reader, `${path}.variantId`, "ProductVariant", bundle.variantId);
    if (variantId !== "" && seen.has(variantId)) reader.fault(`${path}.variantId`, "duplicate", "This variant has a bundle already.");
    seen.add(variantId);
    return {
      variantId,
      parentStock: reader.oneOf(`${path}.parentStock`, bundle.parentStock, ["leave", "derive"]),
      components: readComponents(reader, `${path}.components`, bundle.components),
    };
  });
}

function readComponents(reader: DocumentReader, path: string, value: unknown): BundleComponent[] {
  const entries = reader.list(path, value, SETTINGS_LIMITS.componentsMax);
  if (Array.isArray(value) && value.length === 0) reader.fault(path, "empty", "A bundle needs at least one component.");
  const seen = new Set<string>();
  return entries.map((entry, index) => {
    const at = `${path}[${index}]`;
    const component = reader.object(at, entry, ["inventoryItemId", "quantity"]);
    const inventoryItemId = readGid(reader, `${at}.inventoryItemId`, "InventoryItem", component.inventoryItemId);
    if (inventoryItemId !== "" && seen.has(inventoryItemId)) {
      reader.fault(`${at}.inventoryItemId`, "duplicate", "This item is listed twice; give it once with the sum of the quantities.");
    }
    seen.add(inventoryItemId);
    return { inventoryItemId, quantity: reader.integer(`${at}.quantity`, component.quantity, 1, SETTINGS_LIMITS.componentQuantityMax) };
  });
}

function readRestock(reader: DocumentReader, value: unknown): Settings["restock"] {
  const restock = reader.object("restock", value, ["cancelled", "refunded", "shopifyRestocksBypassed"]);
  return {
    cancelled: reader.boolean("restock.cancelled", restock.cancelled),
    refunded: reader.oneOf("restock.refunded", restock.refunded, ["follow restock_type", "never"]),
    shopifyRestocksBypassed: reader.boolean("restock.shopifyRestocksBypassed", restock.shopifyRestocksBypassed),
  };
}

const RESERVATION_FIELDS = ["ttlSecondsDefault", "ttlSecondsMax", "mirrorInShopify", "whenShopifyIsAway", "waitMs", "unitsPerReferenceMax", "unitsPerTokenMax", "orderWaitHours"] as const;

function readReservations(reader: DocumentReader, value: unknown): ReservationSettings {
  const reservations = reader.object("reservations", value, RESERVATION_FIELDS);
  const { ttlSecondsMin, ttlSecondsMax: limit, waitMsMax, orderWaitHoursMax } = SETTINGS_LIMITS;
  const ttlSecondsMax = reader.integer("reservations.ttlSecondsMax", reservations.ttlSecondsMax, ttlSecondsMin, limit);
  const ttlSecondsDefault = reader.integer("reservations.ttlSecondsDefault", reservations.ttlSecondsDefault, ttlSecondsMin, limit);
  const bothRead = !reader.faults.some((fault) => fault.path.startsWith("reservations.ttlSeconds"));
  if (bothRead && ttlSecondsDefault > ttlSecondsMax) {
    reader.fault("reservations.ttlSecondsDefault", "out_of_range", `The usual time (${ttlSecondsDefault} s) must not exceed the longest (${ttlSecondsMax} s).`);
  }
  // Programs that were written before there was a choice name none of the others.
  const { whenShopifyIsAway, waitMs, unitsPerReferenceMax, unitsPerTokenMax, orderWaitHours } = { ...DEFAULT_SETTINGS.reservations, ...given(reservations) };
  return {
    ttlSecondsDefault,
    ttlSecondsMax,
    mirrorInShopify: reader.boolean("reservations.mirrorInShopify", reservations.mirrorInShopify),
    whenShopifyIsAway: reader.oneOf("reservations.whenShopifyIsAway", whenShopifyIsAway, ["refuse", "promise_local"]),
    waitMs: reader.integer("reservations.waitMs", waitMs, 0, waitMsMax),
    unitsPerReferenceMax: readUnitsMax(reader, "reservations.unitsPerReferenceMax", unitsPerReferenceMax),
    unitsPerTokenMax: readUnitsMax(reader, "reservations.unitsPerTokenMax", unitsPerTokenMax),
    orderWaitHours: reader.integer("reservations.orderWaitHours", orderWaitHours, 1, orderWaitHoursMax),
  };
}

function readUnitsMax(reader: DocumentReader, path: string, value: unknown): number | null {
  return value === null ? null : reader.integer(path, value, 1, SETTINGS_LIMITS.unitsHeldMax);
}

function given(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function readOversell(reader: DocumentReader, value: unknown): Settings["oversell"] {
  const oversell = reader.object("oversell", value, ["holdFulfilment", "ignoreContinuePolicy", "shortPolicy"]);
  return {
    holdFulfilment: reader.boolean("oversell.holdFulfilment", oversell.holdFulfilment),
    ignoreContinuePolicy: reader.boolean("oversell.ignoreContinuePolicy", oversell.ignoreContinuePolicy),
    // Programs that were written before there was a choice do not name it.
    shortPolicy: oversell.shortPolicy === undefined ? "latest_first" : reader.oneOf("oversell.shortPolicy", oversell.shortPolicy, SHORT_POLICIES),
  };
}

function readExternal(reader: DocumentReader, value: unknown): ExternalSettings {
  const external = reader.object("external", value, ["enabled", "url"]);
  const enabled = reader.boolean("external.enabled", external.enabled);
  const none = external.url === undefined || external.url === null || external.url === "";
  if (none && external.enabled === true) reader.fault("external.url", "required", "Name the address that changes are sent to, or switch the connection off.");
  return { enabled, url: none ? null : readReceiverUrl(reader, external.url) };
}

/** The document is answered to whoever may read settings, so a password has no place in it; pushes are signed instead. */
function readReceiverUrl(reader: DocumentReader, value: unknown): string {
  const url = reader.text("external.url", value, SETTINGS_LIMITS.externalUrlLengthMax);
  if (url === "") return url;
  if (!isHttpsAddress(url)) reader.fault("external.url", "invalid_target", "This must be an https:// address.");
  else if (new URL(url).username !== "" || new URL(url).password !== "") {
    reader.fault("external.url", "invalid_target", "Leave name and password out of the address; each push carries a signature instead.");
  }
  return url;
}

function readAlert(reader: DocumentReader, path: string, value: unknown): AlertTarget {
  const alert = reader.object(path, value, ["kind", "target", "on", "threshold", "quietMinutes"]);
  const kind = reader.oneOf(`${path}.kind`, alert.kind, ["slack", "webhook", "email"]);
  const target = reader.text(`${path}.target`, alert.target, SETTINGS_LIMITS.alertTargetLengthMax);
  if (target !== "" && !(kind === "email" ? isEmailAddress(target) : isHttpsAddress(target))) {
    reader.fault(`${path}.target`, "invalid_target", kind === "email" ? "This is not an e-mail address." : "This must be an https:// address.");
  }
  const causes = reader.list(`${path}.on`, alert.on, ALERT_KINDS.length);
  if (Array.isArray(alert.on) && alert.on.length === 0) reader.fault(`${path}.on`, "empty", "Name at least one event to be told about.");
  const on = causes.map((cause, index) => reader.oneOf(`${path}.on[${index}]`, cause, ALERT_KINDS));
  on.forEach((cause, index) => {
    if (on.indexOf(cause) < index && causes[index] === cause) reader.fault(`${path}.on[${index}]`, "duplicate", "This event is listed twice.");
  });
  const threshold = readThreshold(reader, `${path}.threshold`, alert.threshold);
  if (alert.quietMinutes === undefined) return { kind, target, on, threshold };
  return { kind, target, on, threshold, quietMinutes: reader.integer(`${path}.quietMinutes`, alert.quietMinutes, 0, SETTINGS_LIMITS.quietMinutesMax) };
}

function readThreshold(reader: DocumentReader, path: string, value: unknown): Record<string, number> {
  if (value === undefined) return {};
  const threshold: Record<string, number> = {};
  for (const [key, amount] of Object.entries(reader.object(path, value, ALERT_THRESHOLD_NAMES))) {
    if (!ALERT_THRESHOLD_NAMES.includes(key)) continue;
    if (typeof amount === "number" && amount >= 0 && amount <= SETTINGS_LIMITS.thresholdMax) threshold[key] = amount;
    else reader.fault(`${path}.${key}`, "wrong_type", `A threshold is a number from 0 to ${SETTINGS_LIMITS.thresholdMax}.`);
  }
  return threshold;
}

function readGid(reader: DocumentReader, path: string, kind: GidKind, value: unknown): string {
  const id = readShopifyId(reader, path, kind, value);
  return id === null ? "" : formatGid(kind, id);
}

/** The decimal id; accepts `123`, `"123"` and the gid. */
function readShopifyId(reader: DocumentReader, path: string, kind: GidKind, value: unknown): string | null {
  if (value === undefined || value === null) {
    reader.fault(path, "required", `${path} is missing.`);
    return null;
  }
  // A number beyond 2^53 has lost digits before it got here; API requests are parsed so that such ids arrive as text.
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  const id = typeof text === "string" ? readId(kind, text.trim()) : null;
  if (id === null) reader.fault(path, "invalid_id", `${path} must be the id of a ${kind}: a number or gid://shopify/${kind}/….`);
  return id;
}

function isEmailAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>,;:"\\()\p{Cc}]+@[^\s@<>,;:"\\()\p{Cc}]+\.[^\s@<>,;:"\\()\p{Cc}]+$/u.test(text);
}

/** https anywhere; plain http only to this machine, for development. */
function isHttpsAddress(text: string): boolean {
  // The parser drops line ends and tabs, and writes spaces otherwise: what is stored is what is called.
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "https:" || (url.protocol === "http:" && ["localhost", "127.0.0.1"].includes(url.hostname));
}

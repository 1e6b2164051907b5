// What a settings document may say, and that every fault of it is named at once.
import { describe, expect, it } from "vitest";

import { DEFAULT_SETTINGS, NATIVE_SOURCE_NAMES } from "./settings.ts";
import { SETTINGS_LIMITS, validateSettings } from "./settings-validation.ts";

type Patch = Readonly<Record<string, unknown>>;
const document = (patch: Patch = {}): Record<string, unknown> => ({ ...structuredClone(DEFAULT_SETTINGS), ...patch });

function faultsOf(patch: Patch): string[] {
  const result = validateSettings(document(patch));
  return result.kind === "faults" ? result.faults.map((fault) => `${fault.path}: ${fault.code}`) : [];
}

function accepted(patch: Patch) {
  const result = validateSettings(document(patch));
  if (result.kind === "faults") throw new Error(JSON.stringify(result.faults));
  return result.settings;
}

const deduct = (sources: unknown[], patch: Patch = {}): Patch => ({ deduct: { ...DEFAULT_SETTINGS.deduct, sources, ...patch } });
const bundle = (patch: Patch = {}): Patch => ({
  bundles: [{ variantId: "1", parentStock: "leave", components: [{ inventoryItemId: "2", quantity: 2 }], ...patch }],
});

describe("validateSettings", () => {
  it("accepts what a new install starts with, unchanged", () => {
    expect(validateSettings(DEFAULT_SETTINGS)).toEqual({ kind: "ok", settings: DEFAULT_SETTINGS });
  });

  it("takes a document that does not say who is left short for one that means the latest", () => {
    const { shortPolicy: _, ...older } = DEFAULT_SETTINGS.oversell;
    expect(accepted({ oversell: older }).oversell.shortPolicy).toBe("latest_first");
    expect(accepted({ oversell: { ...older, shortPolicy: "unpaid_first" } }).oversell.shortPolicy).toBe("unpaid_first");
    expect(faultsOf({ oversell: { ...older, shortPolicy: "dearest_first" } })).toEqual(["oversell.shortPolicy: not_allowed"]);
  });

  it.each([null, 7, "settings", [], undefined])("refuses %j as a document with a single fault", (value) => {
    const result = validateSettings(value);
    expect(result.kind === "faults" && result.faults).toHaveLength(1);
  });

  it("names every fault of a document at once", () => {
    expect(
      faultsOf({ mode: "on", retentionDays: 1.5, surprise: true, ...deduct([{ sourceName: "web" }], { location: "shelf" }) }).sort(),
    ).toEqual([
      "deduct.location: invalid_id",
      "deduct.sources[0].sourceName: native_source_refused",
      "mode: not_allowed",
      "retentionDays: wrong_type",
      "surprise: unknown_field",
    ]);
  });

  it("names each missing field", () => {
    const result = validateSettings({});
    expect(result.kind === "faults" && result.faults.every((fault) => fault.code === "required")).toBe(true);
    expect(result.kind === "faults" && result.faults.map((fault) => fault.path)).toContain("reservations");
  });

  it("names unknown fields at every depth, __proto__ included", () => {
    const parsed: unknown = JSON.parse(JSON.stringify(document()).replace('"cancelled":true', '"cancelled":true,"__proto__":{"mode":"enforce"}'));
    const result = validateSettings(parsed);
    expect(result.kind === "faults" && result.faults[0]).toMatchObject({ path: "restock.__proto__", code: "unknown_field" });
  });

  it("never reports more than a hundred faults", () => {
    const result = validateSettings(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 1])));
    expect(result.kind === "faults" && result.faults).toHaveLength(100);
  });
});

describe("order sources", () => {
  it.each([...NATIVE_SOURCE_NAMES, "Web", " POS "])("refuses the native source %j", (sourceName) => {
    expect(faultsOf(deduct([{ sourceName, confirmedBypass: true }]))).toEqual(["deduct.sources[0].sourceName: native_source_refused"]);
  });

  it("reads an app by number, text or gid and keeps the bare id", () => {
    const sources = accepted(deduct([{ appId: 12 }, { appId: "271878346596884015" }, { appId: "gid://shopify/App/14" }])).deduct.sources;
    expect(sources.map((source) => source.appId)).toEqual(["12", "271878346596884015", "14"]);
  });

  it("takes a bypass as unconfirmed unless it is said", () => {
    expect(accepted(deduct([{ sourceName: "shelf" }])).deduct.sources).toEqual([{ sourceName: "shelf", confirmedBypass: false }]);
  });

  it("wants exactly one name for a source", () => {
    expect(faultsOf(deduct([{}, { sourceName: "a", appId: "1" }]))).toEqual(["deduct.sources[0]: source_ambiguous", "deduct.sources[1]: source_ambiguous"]);
  });

  it("refuses a source that is named twice, also in another spelling of the id", () => {
    expect(faultsOf(deduct([{ appId: "7" }, { sourceName: "a" }, { appId: "gid://shopify/App/7" }]))).toEqual(["deduct.sources[2]: duplicate"]);
  });

  it.each([["\u0000shelf", "invalid_text"], ["  ", "empty"], ["x".repeat(256), "too_long"], [5, "wrong_type"]])("refuses the name %j as %s", (sourceName, code) => {
    expect(faultsOf(deduct([{ sourceName }]))).toEqual([`deduct.sources[0].sourceName: ${code}`]);
  });
});

describe("locations", () => {
  it.each([[5, "gid://shopify/Location/5"], ["5", "gid://shopify/Location/5"], ["gid://shopify/Location/5", "gid://shopify/Location/5"], ["order", "order"]])(
    "reads %j as %s",
    (location, expected) => {
      expect(accepted(deduct([], { location })).deduct.location).toBe(expected);
    },
  );

  it.each(["gid://shopify/Order/5", "-5", "5.5", 0, 1.5, 2 ** 60, "", {}, "9".repeat(40)])("refuses %j", (location) => {
    expect(faultsOf(deduct([], { location }))).toEqual(["deduct.location: invalid_id"]);
  });
});

describe("bundles", () => {
  it("answers ids as gids", () => {
    expect(accepted(bundle()).bundles).toEqual([
      { variantId: "gid://shopify/ProductVariant/1", parentStock: "leave", components: [{ inventoryItemId: "gid://shopify/InventoryItem/2", quantity: 2 }] },
    ]);
  });

  it("wants at least one component", () => {
    expect(faultsOf(bundle({ components: [] }))).toEqual(["bundles[0].components: empty"]);
  });

  it("refuses an item listed twice in one bundle", () => {
    const components = [{ inventoryItemId: "2", quantity: 1 }, { inventoryItemId: "gid://shopify/InventoryItem/2", quantity: 1 }];
    expect(faultsOf(bundle({ components }))).toEqual(["bundles[0].components[1].inventoryItemId: duplicate"]);
  });

  it("refuses a second bundle for a variant", () => {
    const { bundles } = accepted(bundle());
    expect(faultsOf({ bundles: [...bundles, ...bundles] })).toEqual(["bundles[1].variantId: duplicate"]);
  });

  it.each([[0, "out_of_range"], [-1, "out_of_range"], [1.5, "wrong_type"], ["2", "wrong_type"], [Number.NaN, "wrong_type"], [null, "required"]])("refuses the quantity %j as %s", (quantity, code) => {
    expect(faultsOf(bundle({ components: [{ inventoryItemId: "2", quantity }] }))).toEqual([`bundles[0].components[0].quantity: ${code}`]);
  });

  it("bounds the number of bundles", () => {
    const bundles = Array.from({ length: SETTINGS_LIMITS.bundlesMax + 1 }, (_, index) => ({ variantId: index + 1, parentStock: "leave", components: [{ inventoryItemId: 1, quantity: 1 }] }));
    expect(faultsOf({ bundles })).toEqual(["bundles: too_many"]);
  });
});

describe("times and alerts", () => {
  it("refuses a usual reservation time above the longest", () => {
    const reservations = { ttlSecondsDefault: 700, ttlSecondsMax: 600, mirrorInShopify: false };
    expect(faultsOf({ reservations })).toEqual(["reservations.ttlSecondsDefault: out_of_range"]);
  });

  it("gives holds their defaults where a program written before them names none", () => {
    const { reservations } = accepted({ reservations: { ttlSecondsDefault: 60, ttlSecondsMax: 600, mirrorInShopify: false } });
    expect(reservations).toEqual({ ttlSecondsDefault: 60, ttlSecondsMax: 600, mirrorInShopify: false, whenShopifyIsAway: "refuse", waitMs: 2_000, unitsPerReferenceMax: 100, unitsPerTokenMax: null, orderWaitHours: 24 });
  });

  it.each([
    ["whenShopifyIsAway", "hope", "not_allowed"],
    ["waitMs", SETTINGS_LIMITS.waitMsMax + 1, "out_of_range"],
    ["waitMs", -1, "out_of_range"],
    ["unitsPerReferenceMax", 0, "out_of_range"],
    ["unitsPerTokenMax", "many", "wrong_type"],
    ["orderWaitHours", 0, "out_of_range"],
    ["orderWaitHours", null, "required"],
  ])("refuses holds with %s %j as %s", (field, value, code) => {
    const reservations = { ttlSecondsDefault: 60, ttlSecondsMax: 600, mirrorInShopify: false, [field]: value };
    expect(faultsOf({ reservations })).toEqual([`reservations.${field}: ${code}`]);
  });

  it("lets a limit of holds be none", () => {
    const reservations = { ttlSecondsDefault: 60, ttlSecondsMax: 600, mirrorInShopify: false, unitsPerReferenceMax: null };
    expect(accepted({ reservations }).reservations.unitsPerReferenceMax).toBeNull();
  });

  it.each([[SETTINGS_LIMITS.retentionDaysMin - 1], [SETTINGS_LIMITS.retentionDaysMax + 1]])("refuses to keep history for %d days", (retentionDays) => {
    expect(faultsOf({ retentionDays })).toEqual(["retentionDays: out_of_range"]);
  });

  it.each([["slack", "http://hooks.example.com/x"], ["webhook", "javascript:alert(1)"], ["webhook", "not an address"], ["email", "nobody"]])("refuses a %s alert to %j", (kind, target) => {
    expect(faultsOf({ alerts: [{ kind, target, on: ["drift"], threshold: {} }] })).toEqual(["alerts[0].target: invalid_target"]);
  });

  it("accepts thresholds that are numbers, and none at all", () => {
    const alerts = [{ kind: "email", target: "stock@example.com", on: ["oversell", "parked"] }, { kind: "webhook", target: "https://example.com/x", on: ["drift"], threshold: { driftUnits: 5 }, quietMinutes: 30 }];
    expect(accepted({ alerts }).alerts.map((alert) => alert.threshold)).toEqual([{}, { driftUnits: 5 }]);
  });

  it("refuses thresholds that are not numbers or not known, a quiet time beyond a day and events listed twice", () => {
    const alerts = [{ kind: "email", target: "stock@example.com", on: ["drift", "drift"], threshold: { driftUnits: "many", units: 1 }, quietMinutes: 2_000 }];
    expect(faultsOf({ alerts }).sort()).toEqual(["alerts[0].on[1]: duplicate", "alerts[0].quietMinutes: out_of_range", "alerts[0].threshold.driftUnits: wrong_type", "alerts[0].threshold.units: unknown_field"]);
  });
});

// The line under each part of the settings, and the words around them.
import { describe, expect, it } from "vitest";

import { ALERT_THRESHOLD_NAMES } from "#app/domain/alert-thresholds.ts";
import { HOLD_SCOPES } from "#app/domain/settings-rules-check.ts";
import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";

import { isSaved, newAlertDraft, toggled } from "./alert-draft.ts";
import { removalText } from "./retention-view.ts";
import { SETTINGS_GROUPS, SETTINGS_PAGES, settingsPageOf } from "./settings-parts.ts";
import { missingScopes } from "./settings-permissions.ts";
import { settingsSummary, type SummaryFacts } from "./settings-summary.ts";
import { SCOPE_TERMS, scopesText, THRESHOLD_UNITS } from "./settings-terms.ts";

const summary = (settings: Partial<Settings>, facts: Partial<SummaryFacts> = {}) =>
  settingsSummary({ settings: { ...DEFAULT_SETTINGS, ...settings }, mayWrite: true, mayHoldFulfilment: true, pausedSourceKeys: [], locationNames: {}, tokensInUse: 0, failingTargets: 0, ...facts });

describe("the summaries of the settings", () => {
  it("say what a new install starts with", () => {
    expect(Object.values(summary({})).every(({ attention }) => attention === undefined)).toBe(true);
    expect(summary({})).toMatchObject({ mode: { text: "Watch only: no stock is changed" }, sources: { text: "None named" }, timing: { text: "When an order is placed, where Shopify fulfils it" }, alerts: { text: "Nobody is told" }, external: { text: "Off" } });
  });

  it("name what keeps a part from working", () => {
    const lacking = summary({ mode: "enforce", oversell: { ...DEFAULT_SETTINGS.oversell, holdFulfilment: true } }, { mayWrite: false, mayHoldFulfilment: false });
    expect([lacking.mode.attention, lacking.oversells.attention]).toEqual(["Shopify does not allow it", "Shopify does not allow it"]);
  });

  it("name a few sources and count the rest, and of an address the host only", () => {
    const sources = ["a", "b", "c", "d", "e"].map((sourceName) => ({ sourceName, confirmedBypass: true }));
    expect(summary({ deduct: { ...DEFAULT_SETTINGS.deduct, sources } }, { pausedSourceKeys: ["name:b", "name:z"] }).sources).toEqual({ text: "a, b, c and 2 more", attention: "1 paused" });
    expect(summary({ external: { enabled: true, url: "https://stock.example.com/in?key=secret" } }).external.text).toBe("On: stock.example.com");
  });
});

describe("the parts of the settings", () => {
  it("are each on the index once, and every field of the document belongs to one", () => {
    expect(SETTINGS_GROUPS.flatMap(({ pages }) => pages).toSorted()).toEqual(Object.keys(SETTINGS_PAGES).toSorted());
    expect(Object.keys({ ...DEFAULT_SETTINGS, external: null }).filter((field) => settingsPageOf(field) === null)).toEqual(["version"]);
    expect([settingsPageOf("deduct.sources[0].appId"), settingsPageOf("deduct.on"), settingsPageOf("unheard")]).toEqual(["sources", "timing", null]);
  });

  it("have a word for every threshold and permission they name", () => {
    expect(Object.keys(THRESHOLD_UNITS).toSorted()).toEqual([...ALERT_THRESHOLD_NAMES].toSorted());
    expect(["write_inventory", ...HOLD_SCOPES].filter((scope) => SCOPE_TERMS[scope] === undefined)).toEqual([]);
    expect(scopesText(["write_inventory", "write_orders"])).toBe("change inventory and edit orders");
  });
});

describe("permissions", () => {
  const wants = (mode: "observe" | "enforce", holdFulfilment: boolean) => ({ mode, oversell: { holdFulfilment } });

  it("are asked for when protection is saved, and for holding fulfilment only when it is switched on", () => {
    expect(missingScopes(wants("enforce", false), wants("enforce", false), [])).toEqual(["write_inventory"]);
    expect(missingScopes(wants("observe", true), wants("observe", false), [])).toEqual(HOLD_SCOPES);
    expect(missingScopes(wants("observe", true), wants("observe", true), [])).toEqual([]);
    expect(missingScopes(wants("enforce", true), wants("observe", false), ["write_inventory", ...HOLD_SCOPES])).toEqual([]);
  });
});

describe("an alert that is edited", () => {
  it("keeps what it is told of in the order of the page", () => {
    expect(toggled(["drift"], "oversell", true)).toEqual(["oversell", "drift"]);
    expect(toggled(["drift", "oversell"], "drift", false)).toEqual(["oversell"]);
  });

  it("is the saved one only while it leads to the same place: nothing else may be tested", () => {
    const saved = { kind: "email" as const, target: "a@example.com", on: [], threshold: {} };
    const draft = { ...newAlertDraft("1"), target: "a@example.com " };
    expect(isSaved(draft, saved)).toBe(true);
    expect(isSaved({ ...draft, kind: "webhook" }, saved)).toBe(false);
    expect(isSaved({ ...draft, target: "b@example.com" }, saved)).toBe(false);
    expect(isSaved(draft, undefined)).toBe(false);
  });
});

describe("the retention", () => {
  it("says what it removes", () => {
    expect(removalText({ entries: 0, notifications: 0 }, 90)).toBe("Nothing is older than 90 days yet.");
    expect(removalText({ entries: 3120, notifications: 1 }, 90)).toBe("3,120 entries of the audit trail and 1 notification are older than 90 days: they are removed little by little, unless something still needs them.");
    expect(removalText({ entries: 1, notifications: 0 }, 30)).toContain("1 entry of the audit trail is older than 30 days: it is removed");
    expect(removalText({ entries: 10_000, notifications: 0 }, 30)).toContain("10,000+ entries");
  });
});

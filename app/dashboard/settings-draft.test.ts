// Settings while they are edited.
import { describe, expect, it } from "vitest";

import { validateSettings } from "#app/domain/settings-validation.ts";
import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";

import { documentFrom, draftFrom, faultAt, isChanged, rebase } from "./settings-draft.ts";

const FULL: Settings = {
  ...DEFAULT_SETTINGS,
  version: 4,
  mode: "enforce",
  deduct: { sources: [{ sourceName: "shelf", confirmedBypass: true }, { appId: "12", confirmedBypass: false }], on: "orders/paid", location: "gid://shopify/Location/1" },
  bundles: [{ variantId: "gid://shopify/ProductVariant/1", parentStock: "derive", components: [{ inventoryItemId: "gid://shopify/InventoryItem/2", quantity: 3 }] }],
  alerts: [{ kind: "email", target: "stock@example.com", on: ["drift"], threshold: { units: 2 } }],
};

describe("the settings draft", () => {
  it.each([DEFAULT_SETTINGS, FULL])("gives back an untouched document unchanged", (settings) => {
    expect(documentFrom(draftFrom(settings))).toEqual(settings);
    expect(isChanged(draftFrom(settings))).toBe(false);
  });

  it("notices a change, and its undoing", () => {
    const draft = draftFrom(FULL);
    expect(isChanged({ ...draft, retentionDays: "91" })).toBe(true);
    expect(isChanged({ ...draft, retentionDays: "90" })).toBe(false);
  });

  it("sends what is no number as it was typed, so that its field is named", () => {
    const result = validateSettings(documentFrom({ ...draftFrom(FULL), retentionDays: "a while" }));
    const faults = result.kind === "faults" ? result.faults : [];
    expect(faultAt(faults, "retentionDays")).toBe("This must be a whole number.");
  });

  it("leaves out what is empty of an alert, and names the figure that is no number", () => {
    const [alert] = draftFrom(FULL).alerts;
    if (alert === undefined) throw new Error("there is one");
    const document = documentFrom({ ...draftFrom(FULL), alerts: [{ ...alert, threshold: { driftUnits: "", oversellDepth: "2.5" }, quietMinutes: " " }] });
    expect(document).toMatchObject({ alerts: [{ kind: "email", threshold: { oversellDepth: 2.5 } }] });
    const result = validateSettings(documentFrom({ ...draftFrom(FULL), alerts: [{ ...alert, threshold: { driftUnits: "many" } }] }));
    expect(result.kind === "faults" && faultAt(result.faults, "alerts[0].threshold.driftUnits")).toMatch(/^A threshold is a number/);
  });

  it("has no stock system where there never was one, and none is invented", () => {
    expect(documentFrom(draftFrom(DEFAULT_SETTINGS))).not.toHaveProperty("external");
    const edited = { ...draftFrom(DEFAULT_SETTINGS), external: { enabled: false, url: "https://stock.example.com/" } };
    expect(documentFrom(edited)).toMatchObject({ external: { enabled: false, url: "https://stock.example.com/" } });
    expect(documentFrom({ ...draftFrom({ ...DEFAULT_SETTINGS, external: { enabled: true, url: "https://a.example.com/" } }), external: { enabled: false, url: "" } })).toMatchObject({ external: { enabled: false, url: null } });
  });

  it("takes an empty limit of holds for none, and names the field of what is no number", () => {
    const { holds } = draftFrom(DEFAULT_SETTINGS);
    expect(holds).toMatchObject({ unitsPerReferenceMax: "100", unitsPerTokenMax: "" });
    const edited = documentFrom({ ...draftFrom(DEFAULT_SETTINGS), holds: { ...holds, unitsPerReferenceMax: " ", unitsPerTokenMax: "30" } });
    expect(edited).toMatchObject({ reservations: { unitsPerReferenceMax: null, unitsPerTokenMax: 30 } });
    const result = validateSettings(documentFrom({ ...draftFrom(DEFAULT_SETTINGS), holds: { ...holds, waitMs: "soon" } }));
    expect(result.kind === "faults" && faultAt(result.faults, "reservations.waitMs")).toBe("This must be a whole number.");
  });

  it("keeps what was typed when somebody else saved meanwhile, and sends it under the new version", () => {
    const draft = { ...draftFrom(DEFAULT_SETTINGS), retentionDays: "120" };
    const theirs = { ...DEFAULT_SETTINGS, version: 2, mode: "enforce" as const };
    expect(documentFrom(rebase(draft, theirs))).toMatchObject({ version: 2, retentionDays: 120, mode: "observe" });
  });

  it("finds the fault of a field, or of what lies inside it", () => {
    const faults = [{ path: "bundles[0].components[1].quantity", code: "out_of_range" as const, message: "Too small." }];
    expect(faultAt(faults, "bundles[0].components[1]", true)).toBe("Too small.");
    expect(faultAt(faults, "bundles[0].components[1]")).toBeUndefined();
    expect(faultAt(faults, "bundles[0].components[10]", true)).toBeUndefined();
  });
});

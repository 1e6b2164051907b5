// What the audit trail says about a change of settings.
import { describe, expect, it } from "vitest";

import { diffSettings } from "./settings-diff.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";

describe("diffSettings", () => {
  it("names each changed leaf with its old and new value, and not the version", () => {
    const next = { ...DEFAULT_SETTINGS, version: 2, mode: "enforce", deduct: { ...DEFAULT_SETTINGS.deduct, sources: [{ sourceName: "shelf", confirmedBypass: true }] } };
    expect(diffSettings(DEFAULT_SETTINGS, next)).toEqual([
      { path: "mode", from: "observe", to: "enforce" },
      { path: "deduct.sources[0]", from: null, to: { sourceName: "shelf", confirmedBypass: true } },
    ]);
  });

  it("is empty when only the version differs", () => {
    expect(diffSettings(DEFAULT_SETTINGS, { ...DEFAULT_SETTINGS, version: 9 })).toEqual([]);
  });
});

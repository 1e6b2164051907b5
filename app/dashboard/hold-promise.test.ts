import { describe, expect, it } from "vitest";

import { WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";
import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";
import { promiseFromOf } from "#app/reservations/reservation-ports.ts";

import { holdPromise } from "./hold-promise.ts";

const settings = (mode: Settings["mode"], mirrorInShopify: boolean, whenShopifyIsAway: Settings["reservations"]["whenShopifyIsAway"] = "refuse"): Settings => ({
  ...DEFAULT_SETTINGS,
  mode,
  reservations: { ...DEFAULT_SETTINGS.reservations, mirrorInShopify, whenShopifyIsAway },
});

describe("what the settings page says holds are promised from", () => {
  it("is what they are promised from, whatever is switched on and granted", () => {
    for (const mode of ["observe", "enforce"] as const) {
      for (const mirror of [true, false]) {
        for (const mayWrite of [true, false]) {
          const chosen = settings(mode, mirror);
          const from = promiseFromOf(chosen, { scopes: mayWrite ? [WRITE_SCOPE] : [] });
          expect({ mode, mirror, mayWrite, seen: holdPromise(chosen, mayWrite).seenByShopify }).toEqual({ mode, mirror, mayWrite, seen: from === "block" });
        }
      }
    }
  });

  it("names the next thing to do, one at a time", () => {
    expect(holdPromise(settings("observe", false), false).missing).toBe("choice");
    expect(holdPromise(settings("observe", true), false).missing).toBe("protection");
    expect(holdPromise(settings("enforce", true), false).missing).toBe("permission");
    expect(holdPromise(settings("enforce", true), true).missing).toBeNull();
  });

  it("says what happens while Shopify does not answer only to who chose to go on", () => {
    expect(holdPromise(settings("enforce", true, "promise_local"), true).meaning).toContain("While Shopify does not answer");
    expect(holdPromise(settings("enforce", true, "refuse"), true).meaning).not.toContain("While Shopify does not answer");
  });
});

// From where a line without a location is promised.
import { describe, expect, it } from "vitest";

import type { KnownLocation, StockState } from "#app/ports/stock-view.ts";

import { chooseLocation, type LocationQuestion } from "./choose-location.ts";

const at = (locationId: string, over: Partial<KnownLocation> = {}): KnownLocation => ({ locationId, active: true, ships: true, ...over });
const stock = (locationId: string, available: number | null, over: Partial<StockState> = {}): StockState => ({
  inventoryItemId: "1",
  locationId,
  available,
  observedAt: new Date(0),
  stocked: available !== null,
  held: 0,
  granted: 0,
  settling: 0,
  leaving: 0,
  growing: 0,
  ...over,
});
const choose = (over: Partial<LocationQuestion>) => chooseLocation({ locations: [at("2"), at("10")], states: [], quantity: 1, counts: true, observed: false, ...over });

describe("the location of a line", () => {
  it("is the only active one that ships, whatever is known of the item there", () => {
    expect(choose({ locations: [at("2", { ships: false }), at("10"), at("11", { active: false })] })).toEqual({ kind: "chosen", locationId: "10" });
    expect(choose({ locations: [at("2", { ships: false })] })).toEqual({ kind: "none" });
  });

  it("is of several the one with most to promise, of equals the lowest id", () => {
    expect(choose({ states: [stock("2", 3), stock("10", 5)] })).toEqual({ kind: "chosen", locationId: "10" });
    expect(choose({ states: [stock("10", 5), stock("2", 5)] })).toEqual({ kind: "chosen", locationId: "2" });
    expect(choose({ states: [stock("2", 3, { held: 4, granted: 1 }), stock("10", 5)] })).toEqual({ kind: "chosen", locationId: "2" });
  });

  it("is not chosen while one that was never observed might have enough, and then from what was read", () => {
    expect(choose({ states: [stock("2", 3)], quantity: 4 })).toEqual({ kind: "observe", locationIds: ["10"] });
    expect(choose({ states: [stock("2", 3)], quantity: 3 })).toEqual({ kind: "chosen", locationId: "2" });
    expect(choose({ states: [stock("2", 3)], quantity: 4, observed: true })).toEqual({ kind: "chosen", locationId: "2" });
    expect(choose({ states: [stock("2", null), stock("10", null, { observedAt: null })], observed: true })).toEqual({ kind: "none" });
  });

  it("is any for what needs no stock", () => {
    expect(choose({ counts: false })).toEqual({ kind: "chosen", locationId: "2" });
  });
});

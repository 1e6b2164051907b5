// Goal: a bundle is never said to be more than its items allow, and never rises on what is not known. Method: examples, then random stocks.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type BundleAtLocation, type ComponentStock, decideBundleStock, wholeSets } from "./bundle-stock.ts";

const part = (over: Partial<ComponentStock> = {}): ComponentStock => ({ quantity: 1, available: 10, stocked: true, tracked: true, taking: 0, overwritten: false, ...over });
const bundle = (over: Partial<BundleAtLocation> = {}): BundleAtLocation => ({ available: 10, tracked: true, native: false, busy: false, unsettled: false, refusedLately: false, components: [part()], ...over });

describe("whole sets", () => {
  it("are as many as the scarcest item allows", () => {
    expect(wholeSets([part({ available: 7, quantity: 2 }), part({ available: 10 })])).toBe(3);
  });
  it("are fewer by what known orders still take", () => {
    expect(wholeSets([part({ available: 7, quantity: 2, taking: 2 })])).toBe(2);
  });
  it("are none, not less than none, where an item is oversold", () => {
    expect(wholeSets([part({ available: -5 }), part()])).toBe(0);
  });
  it("are none of nothing", () => {
    expect(wholeSets([])).toBe(0);
  });

  const parts = fc.array(
    fc.record({ quantity: fc.integer({ min: 1, max: 10_000 }), available: fc.integer({ min: -1_000, max: 1_000_000 }), taking: fc.integer({ min: 0, max: 1_000 }) }),
    { minLength: 1, maxLength: 50 },
  );
  it("can all be made of what is left, and one more cannot", () => {
    fc.assert(
      fc.property(parts, (items) => {
        const sets = wholeSets(items);
        const suffices = (count: number) => items.every(({ quantity, available, taking }) => count * quantity <= available - taking);
        expect(sets).toBeGreaterThanOrEqual(0);
        expect(sets === 0 || suffices(sets)).toBe(true);
        expect(suffices(sets + 1)).toBe(false);
      }),
    );
  });
  it("never grow because an item became fewer, or another order came", () => {
    fc.assert(
      fc.property(parts, fc.nat(100), fc.nat(100), (items, fewer, more) => {
        const worse = items.map((item) => ({ ...item, available: item.available - fewer, taking: item.taking + more }));
        expect(wholeSets(worse)).toBeLessThanOrEqual(wholeSets(items));
      }),
    );
  });
});

describe("a bundle's own number", () => {
  it("is left as it is when it is right", () => {
    expect(decideBundleStock(bundle())).toEqual({ kind: "equal" });
  });
  it("falls from the number that is known, whatever else is open", () => {
    expect(decideBundleStock(bundle({ unsettled: true, components: [part({ available: 4, overwritten: true })] }))).toEqual({ kind: "set", from: 10, delta: -6 });
  });
  it("rises when every order of its last change is known", () => {
    expect(decideBundleStock(bundle({ available: -2 }))).toEqual({ kind: "set", from: -2, delta: 12 });
  });
  it("does not rise while an order may be unknown", () => {
    expect(decideBundleStock(bundle({ available: 9, unsettled: true }))).toEqual({ kind: "wait", why: "unsettled" });
  });
  it("does not rise on a number that another writer put over orders", () => {
    expect(decideBundleStock(bundle({ available: 9, components: [part({ overwritten: true })] }))).toEqual({ kind: "leave", why: "component_overwritten" });
  });
  it("waits for what is on its way to it, and after a refusal", () => {
    expect(decideBundleStock(bundle({ available: 11, busy: true }))).toEqual({ kind: "wait", why: "busy" });
    expect(decideBundleStock(bundle({ available: 11, refusedLately: true }))).toEqual({ kind: "wait", why: "refused_lately" });
  });
  it.each([
    ["native_bundle", { native: true }],
    ["not_tracked", { tracked: false }],
    ["component_not_tracked", { components: [part(), part({ tracked: false, available: 2 })] }],
    ["component_unknown", { components: [part({ available: null }), part({ available: 2 })] }],
    ["component_not_stocked", { components: [part({ available: null, stocked: false }), part({ available: 2 })] }],
  ] as const)("is left alone: %s", (why, over) => {
    expect(decideBundleStock(bundle(over))).toEqual({ kind: "leave", why });
  });
  it("never leads above what its items allow, and an unsettled one never up", () => {
    const any = fc.record({ available: fc.integer({ min: -100, max: 1_000 }), unsettled: fc.boolean(), stocks: fc.array(fc.record({ quantity: fc.integer({ min: 1, max: 9 }), available: fc.integer({ min: -50, max: 2_000 }), taking: fc.nat(60) }), { minLength: 1, maxLength: 6 }) });
    fc.assert(
      fc.property(any, ({ available, unsettled, stocks }) => {
        const components = stocks.map((stock) => part(stock));
        const decision = decideBundleStock(bundle({ available, unsettled, components }));
        if (decision.kind !== "set") return;
        expect(decision.from).toBe(available);
        expect(available + decision.delta).toBe(wholeSets(components));
        expect(unsettled && decision.delta > 0).toBe(false);
      }),
    );
  });
});

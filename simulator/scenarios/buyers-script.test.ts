// The buyers' script: the same for the same seed, and holding everything that a sale is meant to put an app through.
import { describe, expect, it } from "vitest";
import { writeBuyersScript } from "./buyers-script.ts";
import { scenarios } from "./run-scenario.ts";

const size = scenarios["flash-sale"]?.size ?? { orders: 0, bursts: 1, plainProducts: 1, bundles: 1 };
const orders = writeBuyersScript(1, size).bursts.flat();

describe("the buyers' script of a flash sale", () => {
  it("is the same for the same seed and another for another", () => {
    expect(writeBuyersScript(7, size)).toEqual(writeBuyersScript(7, size));
    expect(writeBuyersScript(8, size)).not.toEqual(writeBuyersScript(7, size));
  });

  it("has 3,000 orders in bursts: a third bypassed, a third with own bundles, a third native", () => {
    const count = (kind: string) => orders.filter((order) => order.kind === kind).length;
    expect([orders.length, count("bypassed"), count("own_bundle"), count("native")]).toEqual([3_000, 1_000, 1_000, 1_000]);
    expect(orders.filter(({ kind }) => kind === "own_bundle").every(({ lines }) => lines[0]?.product === "bundle")).toBe(true);
  });

  it("edits lines from 1 to 3", () => {
    const edited = orders.filter(({ later }) => later[0]?.act === "edit");
    expect(edited.length).toBeGreaterThan(300);
    expect(edited.every(({ lines, later }) => lines[0]?.quantity === 1 && later[0]?.act === "edit" && later[0].quantity === 3)).toBe(true);
  });

  it.each([["cancel"], ["refund"], ["refund", "cancel"], ["edit", "cancel"], ["edit", "refund"]])("has orders of every kind with %s %s", (...acts) => {
    const such = orders.filter(({ later }) => later.map(({ act }) => act).join() === acts.join());
    expect(new Set(such.map(({ kind }) => kind)).size).toBe(3);
  });

  it("has orders whose cancellation is told before their creation, in every burst", () => {
    expect(writeBuyersScript(1, size).bursts.every((burst) => burst.some(({ createdLate }) => createdLate))).toBe(true);
  });
});

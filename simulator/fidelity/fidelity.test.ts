import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DEFAULT_ASSUMPTIONS, switchAssumptions } from "./assumptions.ts";
import { FIDELITY_FILE, printFidelity, readFidelity } from "./rules.ts";

const { rules } = readFidelity();

describe("the fidelity list", () => {
  it("names each rule once, with its source and whether it was verified", () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(rules.filter(({ rule, source, status }) => !rule || !source || !["verified", "assumed"].includes(status))).toEqual([]);
  });

  it("lists every switch with the default the simulator starts with, as an assumed rule", () => {
    const switches = rules.filter((rule) => rule.switch !== undefined);
    expect(Object.fromEntries(switches.map((rule) => [rule.switch, rule.default]))).toEqual(DEFAULT_ASSUMPTIONS);
    expect(switches.filter(({ status }) => status !== "assumed")).toEqual([]);
  });

  it("is written as it is read, so that a probe changes the lines it saw and no others", () => {
    expect(printFidelity(readFidelity())).toBe(readFileSync(FIDELITY_FILE, "utf8"));
  });

  it("changes nothing when one of several switches is wrong", () => {
    const assumptions = { ...DEFAULT_ASSUMPTIONS };
    expect(() => switchAssumptions(assumptions, { searchLagMs: 5, throttledStatus: 404 })).toThrow(/throttledStatus/);
    expect(assumptions).toEqual(DEFAULT_ASSUMPTIONS);
  });
});

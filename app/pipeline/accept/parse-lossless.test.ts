// Numbers of a webhook's body: kept to the last digit, wherever in the text they stand.
import { describe, expect, it } from "vitest";

import { parseLossless } from "./parse-lossless.ts";

const LONG = "9007199254740993";

describe("a webhook's body", () => {
  it("keeps the digits of a number that a double would round, at whatever place of the text it begins", () => {
    for (let before = 0; before < 40; before += 1) {
      const text = `{"${"n".repeat(before)}":${LONG},"end":1}`;
      expect(parseLossless(text)).toEqual({ ["n".repeat(before)]: LONG, end: 1 });
    }
  });

  it("keeps them at the very beginning and at the very end", () => {
    expect(parseLossless(LONG)).toBe(LONG);
    expect(parseLossless(`-${LONG}`)).toBe(`-${LONG}`);
    expect(parseLossless(` ${"1".repeat(40)} `)).toBe("1".repeat(40));
  });

  it("leaves numbers that are exact as numbers, and texts as texts, beside one that is not", () => {
    expect(parseLossless(`{"id":${LONG},"quantity":3,"price":1.5,"digits":"${LONG}","none":null}`)).toEqual({ id: LONG, quantity: 3, price: 1.5, digits: LONG, none: null });
    expect(parseLossless(`{"phone":"${LONG}","quantity":3}`)).toEqual({ phone: LONG, quantity: 3 });
  });

  it("is refused when it is not JSON, with long numbers and without", () => {
    expect(() => parseLossless("{")).toThrow(SyntaxError);
    expect(() => parseLossless(`{${LONG}`)).toThrow(SyntaxError);
  });
});

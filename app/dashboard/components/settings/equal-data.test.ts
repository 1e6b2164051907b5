import { describe, expect, it } from "vitest";

import { equalData } from "./equal-data.ts";

describe("the data of a form's part", () => {
  const source = { value: "my-channel" };

  it("are the same although its callbacks were made anew", () => {
    expect(equalData({ source, onChange: () => 1 }, { source, onChange: () => 2 })).toBe(true);
  });

  it.each([
    ["another value", { source: { value: "my-channel" } }],
    ["one more", { source, error: "It is missing" }],
    ["one less", {}],
  ])("are others with %s", (_, after) => {
    expect(equalData<object>({ source }, after)).toBe(false);
  });
});

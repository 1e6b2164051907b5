// Holds that the step before `shopify app dev` never loses or overrides a line that the person wrote into .env.
import { describe, expect, it } from "vitest";

import { ownValues, withBlock, withOwnValue } from "./env-file.ts";

describe("the developer's .env", () => {
  it("gets a key once and keeps it", () => {
    const first = withOwnValue("", "ENCRYPTION_KEY", "abc=");
    expect(first).toBe("ENCRYPTION_KEY=abc=\n");
    expect(withOwnValue(first, "ENCRYPTION_KEY", "other")).toBe(first);
  });

  it("gets a key where .env.example left the place empty", () => {
    expect(withOwnValue("A=1\nENCRYPTION_KEY=\nB=2\n", "ENCRYPTION_KEY", "abc")).toBe("A=1\nENCRYPTION_KEY=abc\nB=2\n");
  });

  it("has one block of ours, replaced at each start, wherever the person writes", () => {
    const first = withBlock("A=1", { REDIS_URL: "redis://one" });
    const second = withBlock(`${first}C=3\n`, { REDIS_URL: "redis://two" });
    expect(second.match(/REDIS_URL/g)).toHaveLength(1);
    expect([...ownValues(second)]).toEqual([
      ["A", "1"],
      ["C", "3"],
    ]);
    expect(second).toContain("REDIS_URL=redis://two\n");
    expect(withBlock(second, {})).toBe("A=1\nC=3\n");
  });

  it("is read as the person meant it", () => {
    const values = ownValues('# no\nexport DATABASE_URL="postgresql://x"\nEMPTY=\n  SPACED = y \n');
    expect([...values]).toEqual([
      ["DATABASE_URL", "postgresql://x"],
      ["SPACED", "y"],
    ]);
  });
});

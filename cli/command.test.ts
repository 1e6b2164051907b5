import { describe, expect, it } from "vitest";

import { unknownOption } from "./command.ts";

const command = { options: "--shop S (--id I … | --all) --applied|--not-applied [--dry-run]" };

describe("a command's words", () => {
  it("are taken where it names them, and --json and --help everywhere", () => {
    expect(unknownOption(command, { shop: "a", id: ["1"], "not-applied": true, "dry-run": true, json: true, help: true })).toBeNull();
  });

  it.each([
    ["dry-run", { options: "--shop S --id I" }, true],
    ["item", command, "7"],
    ["applied", { options: "--not-applied" }, true],
  ])("are refused where it would pass --%s over", (name, taking, value) => {
    expect(unknownOption(taking, { shop: undefined, [name]: value })).toBe(`--${name}`);
  });

  it("count as not given when they are missing, or false by default", () => {
    expect(unknownOption({ options: "" }, { shop: undefined, all: false })).toBeNull();
  });
});

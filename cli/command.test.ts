import { describe, expect, it } from "vitest";

import { printable, unknownOption } from "./command.ts";

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

describe("what a command prints", () => {
  it("moves no cursor, clears no screen and turns no line around, whatever a product is called", () => {
    expect(printable("1  Cup\u001B[2J\u001B]0;owned\u0007\r\u009B31m  \u202Egnp.exe\n2\tTea")).toBe("1  Cup\uFFFD[2J\uFFFD]0;owned\uFFFD\uFFFD\uFFFD31m  \uFFFDgnp.exe\n2\tTea");
  });
});

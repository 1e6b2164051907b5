// The guide to races names a test for each thing it says: here it is held to tests that exist, under the titles it gives.
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, it } from "vitest";

const GUIDE = "docs/reference/races.md";
const TESTS = globSync(["app/**/*.test.ts", "dev/**/*.test.ts", "simulator/**/*.test.ts", "tests/**/*.test.ts"]);

/** A table row or a paragraph, on one line. */
function blocks(): string[] {
  return readFileSync(GUIDE, "utf8")
    .split(/\n\n|\n(?=\|)/)
    .map((block) => block.replaceAll(/\s+/g, " "));
}

const filesOf = (block: string) => [...block.matchAll(/`((?:[\w-]+\/)*[\w.-]+\.test\.ts)`/g)].map((found) => found[1] ?? "");
/** Titles begin in lower case; names of switches do not. */
const titlesOf = (block: string) => [...block.matchAll(/(?<!\*)\*([a-z][^*]+)\*(?!\*)/g)].map((found) => found[1] ?? "");

it("names files of tests that are there", () => {
  const named = new Set(blocks().flatMap(filesOf));
  expect(named.size).toBeGreaterThan(15);
  expect([...named].filter((file) => !TESTS.some((path) => path === file || (!file.includes("/") && basename(path) === file)))).toEqual([]);
});

it("names tests by titles that stand in one of the files it names beside them", () => {
  const wrong = blocks().flatMap((block) => {
    const texts = filesOf(block).flatMap((file) => TESTS.filter((path) => path === file || (!file.includes("/") && basename(path) === file)).map((path) => readFileSync(path, "utf8")));
    return titlesOf(block).filter((title) => !texts.some((text) => text.includes(title)));
  });
  expect(wrong).toEqual([]);
});

// docs/architecture.md promises: every invariant names a test that shows it, everything that breaks the test that breaks it, and the list of tables is the schema's.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { ROOT } from "./read-documents.ts";

const PAGE = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
const INVARIANTS = 10;

function rowsUnder(heading: string): string[] {
  const chapter = new RegExp(`^## ${heading}$(.*?)(?=^## )`, "ms").exec(PAGE)?.[1] ?? "";
  // The first two lines of a table are its head.
  return chapter.split("\n").filter((line) => line.startsWith("| ")).slice(1);
}

describe("the architecture page", () => {
  it("has a test beside each invariant", () => {
    const rows = rowsUnder("Invariants");
    expect(rows.map((row) => /^\| (\d+) \|/.exec(row)?.[1])).toEqual(Array.from({ length: INVARIANTS }, (_, index) => String(index + 1)));
    expect(rows.filter((row) => !row.includes(".test.ts`"))).toEqual([]);
  });

  it("has beside each thing that breaks what a person sees, and the test that breaks it", () => {
    const rows = rowsUnder("What breaks, and what a person sees");
    expect(rows.length).toBeGreaterThan(15);
    expect(rows.filter((row) => !/^\|([^|]+\|){3}[^|]*\.test\.ts`[^|]*\|$/.test(row))).toEqual([]);
  });

  it("draws the idempotency layer, the routing of changes, what is held, and how processes scale", () => {
    const drawn = [...PAGE.matchAll(/^### (.+)\n(?:(?!^#).*\n)*?```mermaid/gm)].map(([, heading]) => heading);
    for (const heading of ["Idempotency: three layers, each with its own key", "Where a change goes", "What is held, and by whom", "Many processes", "Data model", "States"]) expect(drawn).toContain(heading);
  });

  it("names only tables that there are", () => {
    const tables = [...readFileSync(join(ROOT, "prisma/schema.prisma"), "utf8").matchAll(/@@map\("(\w+)"\)/g)].map(([, name = ""]) => name);
    const diagram = /^erDiagram$(.*?)^```/ms.exec(PAGE)?.[1] ?? "";
    const named = [...diagram.matchAll(/^ {2}(\w+) \S+ (\w+) :/gm)].flatMap(([, from = "", to = ""]) => [from, to]);
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => !tables.includes(name))).toEqual([]);
  });
});

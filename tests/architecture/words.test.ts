// One place writes numbers and dates for people, and one place knows the language: a page that did it itself would show another day in another zone, and would be forgotten by a translation.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
/** What writes for people, and what may: `formatting.ts` writes, `time-zone.ts` reckons. */
const ROOMS = ["app/dashboard", "app/extension-api", "app/routes"];
const WRITERS = ["app/dashboard/formatting.ts", "app/dashboard/time-zone.ts"];
const BY_ITSELF = /\btoLocale\w*\(|\bnew Intl\.|\.toFixed\(|\btoDateString\(|\btoTimeString\(|\bgetHours\(|\bgetDate\(/;

async function sourcesOf(rooms: readonly string[]): Promise<string[]> {
  const found = await Promise.all(rooms.map(async (room) => (await readdir(join(ROOT, room), { recursive: true })).map((path) => `${room}/${path}`)));
  return found.flat().filter((path) => /\.tsx?$/.test(path) && !path.includes(".test."));
}

describe("what people read", () => {
  it("has its numbers and dates from one place", async () => {
    const sources = await sourcesOf(ROOMS);
    expect(sources.length).toBeGreaterThan(100);
    const wrong: string[] = [];
    for (const source of sources.filter((path) => !WRITERS.includes(path))) {
      const lines = (await readFile(join(ROOT, source), "utf8")).split("\n");
      lines.forEach((line, index) => {
        if (BY_ITSELF.test(line)) wrong.push(`${source}:${index + 1} writes a number or a date by itself: ${line.trim()}`);
      });
    }
    expect(wrong).toEqual([]);
  });

  it("says in which language it is, once", async () => {
    const root = await readFile(join(ROOT, "app/root.tsx"), "utf8");
    expect(root).toContain('<html lang="en">');
  });
});

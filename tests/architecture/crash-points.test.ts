// Holds the list of crash points complete: every named step that writes durably or reaches the outside is struck at both of its moments,
// by a test, in some process that reaches it, or is said to be told elsewhere; and docs/reference/crash-points.md is that list.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";

import { STEP_NAMES } from "#tests/setup/around-steps.ts";
import { ROOT } from "#tests/setup/e2e/app-process.ts";
import { COMMAND_ROWS, WEB_ROWS, WORKER_ROWS } from "../chaos/crash/crash-points.ts";
import { CHAINS } from "../chaos/crash/chains.ts";
import { TOLD_ELSEWHERE } from "../chaos/crash/told-elsewhere.ts";
import { writeCrashPointList } from "../chaos/crash/list-crash-points.ts";

const ROWS = [...WORKER_ROWS, ...WEB_ROWS, ...COMMAND_ROWS, ...CHAINS.flatMap(({ title, links }) => links.map(({ step }) => ({ process: "worker", step, scenario: title })))];
const LIST = join(ROOT, "docs", "reference", "crash-points.md");

describe("crash points", () => {
  it("name every step that writes durably or reaches the outside", () => {
    const struck = new Set([...ROWS, ...TOLD_ELSEWHERE].map(({ step }) => step));
    expect(STEP_NAMES.filter((step) => !struck.has(step))).toEqual([]);
  });

  it("name no step that there is not", () => {
    const named = new Set(STEP_NAMES);
    expect([...ROWS, ...TOLD_ELSEWHERE].map(({ step }) => step).filter((step) => !named.has(step))).toEqual([]);
  });

  it("name a test that there is, where no process is killed, and only there", async () => {
    const struck = new Set(ROWS.map(({ step }) => step));
    expect(TOLD_ELSEWHERE.filter(({ step }) => struck.has(step))).toEqual([]);
    const texts = await Promise.all(TOLD_ELSEWHERE.map(({ test }) => readFile(join(ROOT, test.file), "utf8")));
    expect(TOLD_ELSEWHERE.filter(({ test }, index) => texts[index]?.includes(`it(${JSON.stringify(test.title)}, `) !== true)).toEqual([]);
  });

  it("of a chain are run by a test of their own", async () => {
    const folder = join(ROOT, "tests", "chaos", "crash");
    const tests = await Promise.all((await readdir(folder)).filter((name) => name.endsWith("-chain.test.ts")).map((name) => readFile(join(folder, name), "utf8")));
    expect(tests.filter((text) => /^strikeChain\([A-Z]+_CHAIN\);$/m.test(text))).toHaveLength(CHAINS.length);
  });

  it("are listed once for each process and situation", () => {
    const keys = ROWS.map(({ process: of, step, scenario }) => `${of} ${step} ${scenario}`);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it("stand in docs/reference/crash-points.md as they are tested (UPDATE_LISTS=1 writes it anew)", async () => {
    const list = writeCrashPointList();
    if (process.env.UPDATE_LISTS === "1") await writeFile(LIST, list);
    expect(await readFile(LIST, "utf8")).toBe(list);
  });
});

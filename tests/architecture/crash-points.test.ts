// Holds the list of crash points complete: every named step that writes durably or reaches the outside is struck at both of its moments,
// by a test, in some process that reaches it; and docs/reference/crash-points.md is that list.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";

import { STEP_NAMES } from "#tests/setup/around-steps.ts";
import { ROOT } from "#tests/setup/e2e/app-process.ts";
import { COMMAND_ROWS, WEB_ROWS, WORKER_ROWS } from "../chaos/crash/crash-points.ts";
import { writeCrashPointList } from "../chaos/crash/list-crash-points.ts";

const ROWS = [...WORKER_ROWS, ...WEB_ROWS, ...COMMAND_ROWS];
const LIST = join(ROOT, "docs", "reference", "crash-points.md");

describe("crash points", () => {
  it("name every step that writes durably or reaches the outside", () => {
    const struck = new Set(ROWS.map(({ step }) => step));
    expect(STEP_NAMES.filter((step) => !struck.has(step))).toEqual([]);
  });

  it("name no step that there is not", () => {
    const named = new Set(STEP_NAMES);
    expect(ROWS.map(({ step }) => step).filter((step) => !named.has(step))).toEqual([]);
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

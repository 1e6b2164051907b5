// Which charts are drawn anew, and which are shown once more.
import { describe, expect, it } from "vitest";

import { CHART_AGE_MS_MAX, CHARTS_MAX, createChartMemory } from "./chart-memory.ts";

const chart = (name: string) => ({ wide: name, medium: name, narrow: name });

describe("the memory of charts", () => {
  it("shows a chart again while it shows the same, however old it is", () => {
    const memory = createChartMemory();
    memory.remembered({ key: "a", content: "1", nowMs: 0 }, () => chart("first"));
    expect(memory.remembered({ key: "a", content: "1", nowMs: 10 * CHART_AGE_MS_MAX }, () => chart("second")).wide).toBe("first");
  });

  it("shows one that is out of date for a short time only, and never one of somebody else", () => {
    const memory = createChartMemory();
    memory.remembered({ key: "a", content: "1", nowMs: 0 }, () => chart("first"));
    expect(memory.remembered({ key: "a", content: "2", nowMs: CHART_AGE_MS_MAX - 1 }, () => chart("second")).wide).toBe("first");
    expect(memory.remembered({ key: "a", content: "2", nowMs: CHART_AGE_MS_MAX }, () => chart("second")).wide).toBe("second");
    expect(memory.remembered({ key: "b", content: "2", nowMs: CHART_AGE_MS_MAX }, () => chart("other")).wide).toBe("other");
    expect(memory.remembered({ key: "a", content: "3", nowMs: 0 }, () => chart("set back")).wide).toBe("set back");
  });

  it("keeps a limited number of charts, those asked for last", () => {
    const memory = createChartMemory();
    const ask = (key: string) => memory.remembered({ key, content: "1", nowMs: 0 }, () => chart("new")).wide;
    memory.remembered({ key: "kept", content: "1", nowMs: 0 }, () => chart("kept"));
    memory.remembered({ key: "left", content: "1", nowMs: 0 }, () => chart("left"));
    for (let index = 0; index < CHARTS_MAX - 1; index += 1) {
      ask(String(index));
      ask("kept");
    }
    expect([ask("kept"), ask("left")]).toEqual(["kept", "new"]);
  });
});

// The colours of charts by WCAG 2.1: what is drawn reaches 3:1 against white, what is written 4.5:1.
import { describe, expect, it } from "vitest";

import { CHART_COLOURS } from "./draw-chart.server.ts";

const DRAWN_MIN = 3;
const WRITTEN_MIN = 4.5;

describe("the colours of charts", () => {
  it.each(["main", "second", "bad", "quiet"] as const)("can be told from the paper: %s", (name) => {
    expect(contrastOnWhite(CHART_COLOURS[name])).toBeGreaterThanOrEqual(DRAWN_MIN);
  });

  it("can be read where they write", () => {
    expect(contrastOnWhite(CHART_COLOURS.text)).toBeGreaterThanOrEqual(WRITTEN_MIN);
    // Grey is for lines: as text it could not be read by everybody.
    expect(contrastOnWhite(CHART_COLOURS.quiet)).toBeLessThan(WRITTEN_MIN);
  });
});

function contrastOnWhite(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255));
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

function linear(part: number): number {
  return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

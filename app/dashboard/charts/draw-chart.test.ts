import { describe, expect, it } from "vitest";

import { countAxis, drawChart, LEGEND, nameAxis } from "./draw-chart.server.ts";

describe("a chart with names that strangers gave", () => {
  it("has them as text: the page takes its markup as it is", () => {
    const hostile = `</text></svg><script>alert(1)</script><img src=x onerror="alert(1)">`;
    const drawn = drawChart(() => ({ legend: LEGEND, xAxis: countAxis(), yAxis: nameAxis([hostile, "Tea & 'cake'"]), series: [{ type: "bar", name: hostile, data: [1, 2] }] }));
    for (const markup of [drawn.wide, drawn.medium, drawn.narrow]) {
      expect(markup).toContain("&lt;script");
      expect(markup).not.toMatch(/<script|<img|<\/svg>./);
    }
  });
});

// Draws Home's chart as SVG on the server, so that it is there with the page and nothing shifts or loads afterwards.

import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

import { formatHour, formatTimeOfDay } from "./formatting.ts";
import type { HourOfActivity } from "./queries/activity-by-hour.server.ts";

use([BarChart, GridComponent, LegendComponent, SVGRenderer]);

export const CHART_HEIGHT = 240;
/** Drawn for desks, tablets and phones, because text that is scaled far from its size would not be readable; dashboard.css shows one. */
export const CHART_WIDTHS = { wide: 880, medium: 620, narrow: 340 } as const;

/** Both reach 3:1 against white and differ in lightness, so that they can be told apart without colour. */
const COLOURS = { changes: "#005bd3", duplicates: "#e3a21a", text: "#303030", line: "#e3e3e3" } as const;

export interface ChartRequest {
  readonly hours: readonly HourOfActivity[];
  readonly timeZone: string;
  readonly mode: "observe" | "enforce";
}

export interface ActivityChart {
  readonly wide: string;
  readonly medium: string;
  readonly narrow: string;
}

export function drawActivityChart(request: ChartRequest): ActivityChart {
  return { wide: draw(request, CHART_WIDTHS.wide), medium: draw(request, CHART_WIDTHS.medium), narrow: draw(request, CHART_WIDTHS.narrow) };
}

function draw(request: ChartRequest, width: number): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height: CHART_HEIGHT });
  try {
    chart.setOption(optionOf(request, width));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function bars(name: string, color: string, data: number[]) {
  return { type: "bar", name, data, itemStyle: { color }, barGap: "10%", barCategoryGap: "25%" };
}

function optionOf({ hours, timeZone, mode }: ChartRequest, width: number): EChartsCoreOption {
  const long = hours.length > 48;
  const label = (hour: HourOfActivity) => (long ? formatHour(hour.startedAt, timeZone).replace(/,.*/, "") : formatTimeOfDay(hour.startedAt, timeZone));
  // About one label per 70 pixels; over a week, one a day.
  const labelEvery = long ? 24 * (width < 500 ? 2 : 1) : Math.max(1, Math.ceil((hours.length * 70) / width));
  return {
    animation: false,
    textStyle: { fontFamily: "Inter, -apple-system, BlinkMacSystemFont, 'San Francisco', 'Segoe UI', Roboto, sans-serif", color: COLOURS.text },
    grid: { left: 8, right: 12, top: 40, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: COLOURS.text, fontSize: 13 } },
    xAxis: {
      type: "category",
      data: hours.map(label),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: COLOURS.line } },
      axisLabel: { color: COLOURS.text, fontSize: 12, interval: (index: number) => index % labelEvery === 0 },
    },
    yAxis: { type: "value", minInterval: 1, min: 0, splitNumber: 4, splitLine: { lineStyle: { color: COLOURS.line } }, axisLabel: { color: COLOURS.text, fontSize: 12 } },
    series: [
      bars(mode === "enforce" ? "Changes applied" : "Would have changed", COLOURS.changes, hours.map((hour) => (mode === "enforce" ? hour.applied : hour.shown))),
      bars("Duplicates stopped", COLOURS.duplicates, hours.map((hour) => hour.duplicatesStopped)),
    ],
  };
}

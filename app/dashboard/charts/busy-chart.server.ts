// The chart of busy items: how many waited in each hour, or each six hours, and how long all but a few of them did at most.

import type { EChartsCoreOption } from "echarts/core";

import { formatHour, formatTimeOfDay } from "../formatting.ts";
import { CHART_COLOURS, countAxis, drawChart, type DrawnChart, LEGEND, nameAxis } from "./draw-chart.server.ts";

export interface BusyChartRequest {
  readonly steps: readonly { readonly startedAt: Date; readonly waits: number; readonly p95Ms: number | null }[];
  readonly timeZone: string;
}

export function drawBusyChart(request: BusyChartRequest): DrawnChart {
  return drawChart((width) => optionFor(request, width));
}

function optionFor({ steps, timeZone }: BusyChartRequest, width: number): EChartsCoreOption {
  const long = steps.length > 24;
  const label = ({ startedAt }: { readonly startedAt: Date }) => (long ? formatHour(startedAt, timeZone).replace(/,.*/, "") : formatTimeOfDay(startedAt, timeZone));
  const labelEvery = long ? 4 * (width < 500 ? 2 : 1) : Math.max(1, Math.ceil((steps.length * 70) / width));
  return {
    legend: LEGEND,
    xAxis: nameAxis(steps.map(label), labelEvery),
    yAxis: [countAxis(), countAxis({ min: 0, position: "right", minInterval: 0, splitLine: { show: false }, axisLabel: { color: CHART_COLOURS.text, fontSize: 12, formatter: "{value} s" } })],
    series: [
      { type: "bar", name: "Waits", data: steps.map(({ waits }) => waits), itemStyle: { color: CHART_COLOURS.main }, barCategoryGap: "25%" },
      {
        type: "line",
        name: "95 of 100 waited less than",
        yAxisIndex: 1,
        // A step in which nobody waited has no such number; the line is broken there and a lone step still shows its point.
        data: steps.map(({ p95Ms }) => (p95Ms === null ? null : Math.round(p95Ms / 10) / 100)),
        connectNulls: false,
        symbol: "circle",
        symbolSize: 6,
        lineStyle: { color: CHART_COLOURS.second, width: 2 },
        itemStyle: { color: CHART_COLOURS.second },
      },
    ],
  };
}

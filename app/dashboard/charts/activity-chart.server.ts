// Home's chart: what happened hour by hour.

import type { EChartsCoreOption } from "echarts/core";

import { formatHour, formatTimeOfDay } from "../formatting.ts";
import type { HourOfActivity } from "../activity-sums.ts";
import { CHART_COLOURS, countAxis, drawChart, type DrawnChart, LEGEND, nameAxis } from "./draw-chart.server.ts";

export interface ActivityChartRequest {
  readonly hours: readonly HourOfActivity[];
  readonly timeZone: string;
  readonly mode: "observe" | "enforce";
}

export function drawActivityChart(request: ActivityChartRequest): DrawnChart {
  return drawChart((width) => optionFor(request, width));
}

function optionFor({ hours, timeZone, mode }: ActivityChartRequest, width: number): EChartsCoreOption {
  const long = hours.length > 48;
  const label = (hour: HourOfActivity) => (long ? formatHour(hour.startedAt, timeZone).replace(/,.*/, "") : formatTimeOfDay(hour.startedAt, timeZone));
  // About one label per 70 pixels; over a week, one a day.
  const labelEvery = long ? 24 * (width < 500 ? 2 : 1) : Math.max(1, Math.ceil((hours.length * 70) / width));
  return {
    legend: LEGEND,
    xAxis: nameAxis(hours.map(label), labelEvery),
    yAxis: countAxis(),
    series: [
      bars(mode === "enforce" ? "Changes applied" : "Would have changed", CHART_COLOURS.main, hours.map((hour) => (mode === "enforce" ? hour.applied : hour.shown))),
      bars("Duplicates stopped", CHART_COLOURS.second, hours.map((hour) => hour.duplicatesStopped)),
    ],
  };
}

function bars(name: string, color: string, data: number[]) {
  return { type: "bar", name, data, itemStyle: { color }, barGap: "10%", barCategoryGap: "25%" };
}

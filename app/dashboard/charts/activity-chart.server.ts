// Home's chart: what happened hour by hour of a day, or by quarters of the days of a week.

import type { EChartsCoreOption } from "echarts/core";

import { formatHour, formatTimeOfDay } from "../formatting.ts";
import type { StepOfActivity } from "../activity-sums.ts";
import { CHART_COLOURS, countAxis, drawChart, type DrawnChart, LEGEND, nameAxis } from "./draw-chart.server.ts";

export interface ActivityChartRequest {
  readonly steps: readonly StepOfActivity[];
  readonly timeZone: string;
  readonly mode: "observe" | "enforce";
  readonly span: "day" | "week";
}

export function drawActivityChart(request: ActivityChartRequest): DrawnChart {
  return drawChart((width) => optionFor(request, width));
}

function optionFor({ steps, timeZone, mode, span }: ActivityChartRequest, width: number): EChartsCoreOption {
  const label = (step: StepOfActivity) => (span === "week" ? formatHour(step.startedAt, timeZone).replace(/,.*/, "") : formatTimeOfDay(step.startedAt, timeZone));
  // About one label per 70 pixels; over a week, one a day.
  const labelEvery = span === "week" ? 4 * (width < 500 ? 2 : 1) : Math.max(1, Math.ceil((steps.length * 70) / width));
  return {
    legend: LEGEND,
    xAxis: nameAxis(steps.map(label), labelEvery),
    yAxis: countAxis(),
    series: [
      bars(mode === "enforce" ? "Changes applied" : "Would have changed", CHART_COLOURS.main, steps.map((step) => (mode === "enforce" ? step.applied : step.shown))),
      bars("Duplicates stopped", CHART_COLOURS.second, steps.map((step) => step.duplicatesStopped)),
    ],
  };
}

function bars(name: string, color: string, data: number[]) {
  return { type: "bar", name, data, itemStyle: { color }, barGap: "10%", barCategoryGap: "25%" };
}

// The picture of one stock over time: its number as steps, moments that matter as upright lines, numbers that matter as level ones.

import type { EChartsCoreOption } from "echarts/core";

import { formatExact, formatHour, formatTimeOfDay } from "../formatting.ts";
import { CHART_COLOURS, countAxis, drawChart, type DrawnChart, LEGEND } from "./draw-chart.server.ts";

const DAY_MS = 24 * 3_600_000;
/** Pixels. */
const LEVEL_LABEL_WIDTH_MIN = 500;
/** In shorter pictures minutes would name several moments alike. */
const SECONDS_SHOWN_MS = 10 * 60_000;

/** A number that held from a moment on, until the next. Null: none was there. */
export interface ChartPoint {
  readonly at: Date;
  readonly value: number | null;
}

export interface ChartMark {
  readonly at: Date;
  /** A word or two, fixed: two marks may stand close to each other. */
  readonly label: string;
  readonly bad?: boolean;
}

export interface StockChartRequest {
  readonly from: Date;
  readonly until: Date;
  readonly timeZone: string;
  /** What the line shows: "Available in Shopify". */
  readonly name: string;
  readonly points: readonly ChartPoint[];
  /** A second line, dashed: what it would have been. */
  readonly second?: { readonly name: string; readonly points: readonly ChartPoint[] };
  readonly marks?: readonly ChartMark[];
  /** Numbers drawn as level lines. Zero has one by itself where the stock goes below it. */
  readonly levels?: readonly { readonly value: number; readonly label: string }[];
}

export function drawStockChart(request: StockChartRequest): DrawnChart {
  return drawChart((width) => optionFor(request, width));
}

function optionFor(request: StockChartRequest, width: number): EChartsCoreOption {
  const { from, until, timeZone, name, points, second, marks = [] } = request;
  return {
    // Moments are given as such; their labels are in the shop's zone whatever this machine's is.
    useUTC: true,
    legend: { ...LEGEND, data: [name, ...(second === undefined ? [] : [second.name])] },
    grid: { left: 8, right: 12, top: marks.length > 1 ? 70 : marks.length === 1 ? 56 : 40, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: "time",
      min: from.getTime(),
      max: until.getTime(),
      // About one label per 110 pixels.
      splitNumber: Math.max(2, Math.floor(width / 110)),
      splitLine: { show: false },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: CHART_COLOURS.line }, onZero: false },
      axisLabel: { color: CHART_COLOURS.text, fontSize: 12, hideOverlap: true, formatter: momentLabel(until.getTime() - from.getTime(), timeZone) },
    },
    yAxis: countAxis({ scale: false, ...rangeOf(request) }),
    series: [
      { ...lineOf(name, CHART_COLOURS.main, points, from, until), markLine: markLine(request, width) },
      ...depthOf(second?.points ?? points, from, until),
      ...(second === undefined ? [] : [{ ...lineOf(second.name, CHART_COLOURS.second, second.points, from, until), lineStyle: { color: CHART_COLOURS.second, width: 2, type: "dashed" } }]),
    ],
  };
}

function momentLabel(spanMs: number, timeZone: string): (ms: number) => string {
  if (spanMs > DAY_MS) return (ms) => formatHour(new Date(ms), timeZone);
  return spanMs > SECONDS_SHOWN_MS ? (ms) => formatTimeOfDay(new Date(ms), timeZone) : (ms) => formatExact(new Date(ms), timeZone).replace(/^.*, /, "");
}

/** What lies below zero is filled: units that were promised and are not there. */
function depthOf(points: readonly ChartPoint[], from: Date, until: Date) {
  if (!points.some(({ value }) => value !== null && value < 0)) return [];
  const below = points.map(({ at, value }) => ({ at, value: value === null ? null : Math.min(0, value) }));
  return [{ ...lineOf("Below zero", CHART_COLOURS.bad, below, from, until), symbol: "none", silent: true, z: 1, lineStyle: { width: 0 }, areaStyle: { color: CHART_COLOURS.bad, opacity: 0.16 } }];
}

/** A step from each number to the next; the last holds to the end of the picture, one from before holds from its beginning. */
function lineOf(name: string, color: string, points: readonly ChartPoint[], from: Date, until: Date) {
  const data = points.map(({ at, value }) => [Math.min(Math.max(at.getTime(), from.getTime()), until.getTime()), value] as const);
  const last = data.at(-1);
  return {
    type: "line",
    name,
    step: "end",
    symbol: data.length <= 60 ? "circle" : "none",
    symbolSize: 5,
    showSymbol: true,
    data: [...data, ...(last === undefined ? [] : [{ value: [until.getTime(), last[1]], symbol: "none" }])],
    itemStyle: { color },
    lineStyle: { color, width: 2 },
  };
}

function markLine({ from, until, marks = [], levels = [], points }: StockChartRequest, width: number) {
  const middle = (from.getTime() + until.getTime()) / 2;
  const below = points.some(({ value }) => value !== null && value < 0);
  return {
    symbol: "none",
    silent: true,
    data: [
      ...(below ? [{ yAxis: 0, label: { show: false }, lineStyle: { color: CHART_COLOURS.text, width: 1, type: "solid" } }] : []),
      ...levels.map(({ value, label }) => ({
        yAxis: value,
        // On a phone it would stand on the labels of moments; the axis has the number.
        label: { show: width >= LEVEL_LABEL_WIDTH_MIN, formatter: label, position: "insideEndBottom", color: CHART_COLOURS.text, fontSize: 12 },
        lineStyle: { color: CHART_COLOURS.quiet, width: 1, type: "dotted" },
      })),
      ...marks.map(({ at, label, bad = false }, index) => ({
        xAxis: at.getTime(),
        // Neighbours stand at different heights; what is near an edge leans to the middle.
        label: { formatter: label, position: "end", distance: 4 + (index % 2) * 15, align: at.getTime() > middle ? "right" : "left", color: bad ? CHART_COLOURS.bad : CHART_COLOURS.text, fontSize: 12 },
        lineStyle: { color: bad ? CHART_COLOURS.bad : CHART_COLOURS.quiet, width: bad ? 2 : 1, type: "solid" },
      })),
    ],
  };
}

/** From zero, unless that would flatten what is to be seen: numbers that all lie far above it begin near the lowest. */
function rangeOf({ points, second, levels = [] }: StockChartRequest): { readonly min?: number; readonly max?: number } {
  const values = [...points, ...(second?.points ?? [])].flatMap(({ value }) => value ?? []).concat(levels.map(({ value }) => value));
  if (values.length === 0) return { min: 0 };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low < 0) return {};
  const spread = Math.max(1, high - low);
  return low > 4 * spread ? { min: Math.max(0, low - Math.ceil(spread / 2)) } : { min: 0 };
}

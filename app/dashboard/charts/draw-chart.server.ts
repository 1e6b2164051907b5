// Draws a chart as SVG on the server, so that it is there with the page, and nothing shifts or loads afterwards.

import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, CustomChart, GridComponent, LegendComponent, MarkLineComponent, SVGRenderer]);

export const CHART_HEIGHT = 240;
/** Drawn for desks, tablets and phones, because text that is scaled far from its size would not be readable; dashboard.css shows one. */
export const CHART_WIDTHS = { wide: 880, medium: 620, narrow: 340 } as const;

/** Each reaches 3:1 against white, and those that stand side by side differ in lightness, so that they can be told apart without colour. */
export const CHART_COLOURS = { main: "#005bd3", second: "#b98900", bad: "#c5280c", quiet: "#8a8a8a", text: "#303030", line: "#e3e3e3" } as const;

/** Markup by the width it is drawn for: numbers and fixed words only, because it goes into the page as it is. */
export interface DrawnChart {
  readonly wide: string;
  readonly medium: string;
  readonly narrow: string;
}

/** @param optionFor what is drawn at this width, in pixels; texts of a shop (titles, names) may stand in it: they are escaped. */
export function drawChart(optionFor: (width: number) => EChartsCoreOption): DrawnChart {
  const draw = (width: number) => drawAt(width, optionFor(width));
  return { wide: draw(CHART_WIDTHS.wide), medium: draw(CHART_WIDTHS.medium), narrow: draw(CHART_WIDTHS.narrow) };
}

function drawAt(width: number, option: EChartsCoreOption): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height: CHART_HEIGHT });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: "Inter, -apple-system, BlinkMacSystemFont, 'San Francisco', 'Segoe UI', Roboto, sans-serif", color: CHART_COLOURS.text },
      grid: { left: 8, right: 12, top: 40, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      ...option,
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** The gap is wide because text is measured here without its font: a wider one in the browser would reach the next colour. */
export const LEGEND = { top: 0, left: 0, itemGap: 24, itemWidth: 12, itemHeight: 12, textStyle: { color: CHART_COLOURS.text, fontSize: 13 } } as const;

/** An axis of names; one label is shown for every `labelEvery` of them. */
export function nameAxis(data: readonly string[], labelEvery = 1) {
  return {
    type: "category",
    data,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: CHART_COLOURS.line } },
    axisLabel: { color: CHART_COLOURS.text, fontSize: 12, interval: (index: number) => index % labelEvery === 0 },
  } as const;
}

/** An axis of whole numbers. */
export function countAxis(more: Readonly<Record<string, unknown>> = { min: 0 }) {
  return { type: "value", minInterval: 1, splitNumber: 4, splitLine: { lineStyle: { color: CHART_COLOURS.line } }, axisLabel: { color: CHART_COLOURS.text, fontSize: 12 }, ...more } as const;
}

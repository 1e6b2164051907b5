// Charts that were drawn a moment ago: drawing one takes tens of milliseconds in which the process does nothing else, and a page that keeps itself up to
// date asks for the same one again and again.

import type { DrawnChart } from "./draw-chart.server.ts";

/** A chart may be this much older than what it shows; the numbers beside it are of the moment. */
export const CHART_AGE_MS_MAX = 30_000;
/** About 45 KB each. */
export const CHARTS_MAX = 200;

export interface ChartMemory {
  /** `key`: what the chart is of; `content`: what it shows, in any form that tells equal from other. */
  remembered(chart: { readonly key: string; readonly content: string; readonly nowMs: number }, draw: () => DrawnChart): DrawnChart;
}

interface Entry {
  readonly content: string;
  readonly drawnMs: number;
  readonly chart: DrawnChart;
}

export function createChartMemory(): ChartMemory {
  const entries = new Map<string, Entry>();
  return {
    remembered({ key, content, nowMs }, draw) {
      const known = entries.get(key);
      entries.delete(key);
      const ageMs = known === undefined ? Number.POSITIVE_INFINITY : nowMs - known.drawnMs;
      // A clock that was set back makes no chart last longer.
      const fresh = known !== undefined && (known.content === content || (ageMs >= 0 && ageMs < CHART_AGE_MS_MAX));
      const entry = fresh ? known : { content, drawnMs: nowMs, chart: draw() };
      // At the end: the first one is the one that was not asked for longest.
      entries.set(key, entry);
      const [oldest] = entries.keys();
      if (entries.size > CHARTS_MAX && oldest !== undefined) entries.delete(oldest);
      return entry.chart;
    },
  };
}

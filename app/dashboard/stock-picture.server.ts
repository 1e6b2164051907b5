// The picture of a stock on the pages of its problems: its numbers around a moment, drawn, and the same numbers for the table.

import { drawStockChart, type StockChartRequest } from "./charts/stock-chart.server.ts";
import type { DrawnChart } from "./charts/draw-chart.server.ts";
import type { StockOverTime } from "./queries/stock-over-time.server.ts";

export interface PictureRow {
  readonly key: string;
  readonly at: Date;
  readonly available: number | null;
  readonly seenBy: string;
  readonly verdict: string | null;
}

export interface StockPicture {
  readonly chart: DrawnChart;
  readonly from: Date;
  readonly until: Date;
  /** Newest first. */
  readonly rows: readonly PictureRow[];
  readonly seenCount: number;
  readonly cut: boolean;
}

/** Null when nothing was seen of it in the span: there is nothing to draw. */
export function drawStockPicture(seen: StockOverTime, request: Pick<StockChartRequest, "timeZone" | "second" | "marks" | "levels">): StockPicture | null {
  const { from, until, points, seenCount, cut } = seen;
  if (points.length === 0) return null;
  const chart = drawStockChart({ ...request, from, until, name: "Available in Shopify", points: points.map(({ at, available }) => ({ at, value: available })) });
  const rows = points.map(({ id, at, available, seenBy, verdict }) => ({ key: String(id), at, available, seenBy, verdict }));
  return { chart, from, until, rows: rows.toReversed(), seenCount, cut };
}

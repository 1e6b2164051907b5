// Read model of one stock (an item at a location) over time: every number that was seen of it in a span, thinned where there are too many to draw.

import type { Database } from "#app/ports/database.ts";

/** Observations read for one picture. The newest of the span are read: a picture is about its end. */
const READ_MAX = 1_000;
/** More points than this cannot be told apart in a picture, nor read in its table. */
export const STOCK_POINTS_MAX = 150;

export interface StockPoint {
  readonly id: bigint;
  /** When the number held. */
  readonly at: Date;
  /** Null: not stocked there from then on. */
  readonly available: number | null;
  /** What it differs by from the number before it, as detection ordered them; null while it is not judged. */
  readonly delta: number | null;
  /** `notification`, `read` or `scan`. */
  readonly seenBy: string;
  /** Who changed it, as detection judged it; null while it is not judged. */
  readonly verdict: string | null;
  /** Of the change, what nothing known explains. */
  readonly foreignDelta: number | null;
}

export interface StockOverTime {
  readonly from: Date;
  readonly until: Date;
  /** Oldest first. The first may be older than `from`: it says what stood there when the span began. */
  readonly points: readonly StockPoint[];
  /** Numbers of the span that were seen; more than `points` holds when it was thinned. */
  readonly seenCount: number;
  /** There were more than are read for one picture: it begins later than `from`. */
  readonly cut: boolean;
}

export interface StockSpan {
  readonly installId: bigint;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly from: Date;
  readonly until: Date;
  /** Observations that stay whatever is thinned out, by their ids. */
  readonly keep?: readonly bigint[];
}

const COLUMNS = `id, at, CASE WHEN connected THEN available END AS available, delta, seen_by AS "seenBy", verdict, foreign_delta AS "foreignDelta"`;
const OF_STOCK = `install_id = $1 AND inventory_item_id = $2 AND location_id = $3`;

export async function readStockOverTime(database: Database, { installId, inventoryItemId, locationId, from, until, keep = [] }: StockSpan): Promise<StockOverTime> {
  const [before, within] = await Promise.all([
    database.query<StockPoint>(
      `SELECT ${COLUMNS} FROM stock_observations WHERE ${OF_STOCK} AND at < $4::timestamptz ORDER BY at DESC, id DESC LIMIT 1`,
      installId,
      inventoryItemId,
      locationId,
      from,
    ),
    database.query<StockPoint>(
      `SELECT ${COLUMNS} FROM stock_observations WHERE ${OF_STOCK} AND at >= $4::timestamptz AND at <= $5::timestamptz ORDER BY at DESC, id DESC LIMIT ${READ_MAX + 1}`,
      installId,
      inventoryItemId,
      locationId,
      from,
      until,
    ),
  ]);
  const cut = within.length > READ_MAX;
  const seen = within.slice(0, READ_MAX).toReversed();
  const points = thinPoints(orderWithinMoments([...(cut ? [] : before), ...seen]), new Set(keep));
  return { from: cut ? (seen[0]?.at ?? from) : from, until, points, seenCount: seen.length, cut };
}

/**
 * Shopify tells moments by the second, and notifications of one second come in any order: among them each follows the number that detection found
 * it to differ from. Those that nothing is known of stay in the order in which they came.
 */
export function orderWithinMoments(points: readonly StockPoint[]): StockPoint[] {
  const ordered: StockPoint[] = [];
  for (let start = 0; start < points.length; ) {
    const atMs = points[start]?.at.getTime();
    let end = start + 1;
    while (points[end]?.at.getTime() === atMs) end += 1;
    const left = points.slice(start, end);
    while (left.length > 0) {
      const standing = ordered.at(-1)?.available ?? null;
      const next = left.findIndex(({ available, delta }) => (standing === null ? delta === null : available !== null && delta !== null && available - delta === standing));
      ordered.push(...left.splice(Math.max(0, next), 1));
    }
    start = end;
  }
  return ordered;
}

/** In each stretch of time its lowest number, its highest and its last stay, so that no dip and no peak is lost. */
export function thinPoints(points: readonly StockPoint[], keep: ReadonlySet<bigint> = new Set(), max = STOCK_POINTS_MAX): readonly StockPoint[] {
  if (points.length <= max) return points;
  const stretch = Math.ceil(points.length / Math.floor(max / 3));
  const kept = new Set<StockPoint>(points.filter(({ id }) => keep.has(id)));
  for (let start = 0; start < points.length; start += stretch) {
    const few = points.slice(start, start + stretch);
    const height = ({ available }: StockPoint) => available ?? 0;
    const last = few.at(-1);
    if (last !== undefined) kept.add(last);
    kept.add(few.reduce((low, point) => (height(point) < height(low) ? point : low)));
    kept.add(few.reduce((high, point) => (height(point) > height(high) ? point : high)));
  }
  return points.filter((point) => kept.has(point));
}

// Hours in which an item was waited for, as the recorder leaves them: what a rush would bring, without one.
import type { SmallShop, StockedItem } from "./small-shop.ts";
import type { WholeApp } from "./whole-app.ts";

export interface BusyHours {
  /** Waits in each of the last hours, the present one first. */
  readonly waits: readonly number[];
  readonly cause?: "orders" | "reservations" | "reconciliation" | "person";
  /** Which of the histogram's buckets most of them fall into; the longest wait of an hour. */
  readonly bucket?: number;
  readonly longestMs?: number;
  readonly holdMs?: number;
  readonly lost?: number;
}

const digits = (gid: string) => gid.split("/").at(-1) ?? "";

/** `/app/busy?…` of the item. */
export function busyAddress(small: SmallShop, item: StockedItem): string {
  return `/app/busy?item=${digits(item.inventoryItemId)}&location=${digits(small.locationId)}`;
}

export async function seedBusyHours(whole: WholeApp, small: SmallShop, item: StockedItem, { waits, cause = "orders", bucket = 4, longestMs = 900, holdMs = 700, lost = 0 }: BusyHours): Promise<void> {
  for (const [inventoryItemId, locationId] of [[digits(item.inventoryItemId), digits(small.locationId)], ["", ""]]) {
    await whole.query(
      `INSERT INTO contention_hours AS h (install_id, hour, inventory_item_id, location_id, cause, waits, wait_ms_max, wait_counts, hold_ms_max, hold_counts, lost)
       SELECT i.id, date_trunc('hour', now()) - (w.place - 1) * interval '1 hour', $2, $3, $4, w.count, $6::int,
         (SELECT array_agg(CASE WHEN n = $5::int THEN w.count - w.count / 4 WHEN n = $5::int - 1 THEN w.count / 4 ELSE 0 END ORDER BY n) FROM generate_series(0, 11) n),
         $7::int, (SELECT array_agg(CASE WHEN n = $5::int THEN 1 ELSE 0 END ORDER BY n) FROM generate_series(0, 11) n), CASE WHEN w.place = 1 THEN $8::int ELSE 0 END
       FROM installs i CROSS JOIN unnest($9::int[]) WITH ORDINALITY AS w(count, place) WHERE i.shop = $1 AND i.state = 'active'
       ON CONFLICT (install_id, hour, inventory_item_id, location_id, cause) DO UPDATE SET waits = h.waits + excluded.waits, wait_ms_max = greatest(h.wait_ms_max, excluded.wait_ms_max),
         wait_counts = (SELECT array_agg(a + b ORDER BY n) FROM unnest(h.wait_counts, excluded.wait_counts) WITH ORDINALITY AS u(a, b, n)),
         hold_ms_max = greatest(h.hold_ms_max, excluded.hold_ms_max), lost = h.lost + excluded.lost`,
      [small.shop, inventoryItemId, locationId, cause, bucket, longestMs, holdMs, lost, waits],
    );
  }
}

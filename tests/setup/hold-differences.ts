// What blocks and hours count of holds against the holds themselves: every unit of a hold is counted while it is promised, and once when that ends.
import type { House, HouseShop } from "./house.ts";

const COUNTED = ["granted", "settling", "granted in all", "committed in all", "released in all", "lapsed in all"] as const;

/** One statement, so that all of it is seen at one moment. A commit that came late was counted as lapsed before. */
const COUNTS = `
WITH holds AS (
  SELECT l.inventory_item_id AS item, l.location_id AS location,
    coalesce(sum(l.quantity) FILTER (WHERE r.state = 'active'), 0) AS granted,
    coalesce(sum(l.quantity) FILTER (WHERE r.settlement <> 'done'), 0) AS settling,
    sum(l.quantity) AS granted_in_all,
    coalesce(sum(l.quantity) FILTER (WHERE r.state = 'committed'), 0) AS committed,
    coalesce(sum(l.quantity) FILTER (WHERE r.state = 'released'), 0) AS released,
    coalesce(sum(l.quantity) FILTER (WHERE r.state = 'expired' OR r.late), 0) AS lapsed
  FROM reservations r JOIN reservation_lines l ON l.reservation_id = r.id AND l.counts WHERE r.install_id = $1 GROUP BY 1, 2),
hours AS (
  SELECT inventory_item_id AS item, location_id AS location, sum(granted_units) AS granted_in_all, sum(committed_units) AS committed, sum(released_units) AS released, sum(lapsed_units) AS lapsed
  FROM reservation_hours WHERE install_id = $1 GROUP BY 1, 2),
blocks AS (SELECT inventory_item_id AS item, location_id AS location, granted, settling FROM stock_blocks WHERE install_id = $1)
SELECT item || '@' || location AS stock,
  ARRAY[coalesce(b.granted, 0), coalesce(b.settling, 0), coalesce(n.granted_in_all, 0), coalesce(n.committed, 0), coalesce(n.released, 0), coalesce(n.lapsed, 0)]::int[] AS counted,
  ARRAY[coalesce(h.granted, 0), coalesce(h.settling, 0), coalesce(h.granted_in_all, 0), coalesce(h.committed, 0), coalesce(h.released, 0), coalesce(h.lapsed, 0)]::int[] AS of_holds
FROM blocks b FULL JOIN holds h USING (item, location) FULL JOIN hours n USING (item, location) ORDER BY 1`;

/** The audit trail tells of every commit once. */
const COMMITS_TOLD = `
SELECT r.id::text AS id, count(a.id)::int AS told
FROM reservations r LEFT JOIN audit_entries a ON a.install_id = r.install_id AND a.kind IN ('reservation_committed', 'reservation_committed_late') AND a.detail ->> 'reservation' = r.id::text
WHERE r.install_id = $1 GROUP BY r.id, r.state HAVING count(a.id) <> CASE WHEN r.state = 'committed' THEN 1 ELSE 0 END ORDER BY 1`;

/** Differences between what is counted of the shop's holds and what they are; empty when they agree. Of hours that are deleted nothing is known. */
export async function holdDifferences({ composed: { database } }: House, { installId }: Pick<HouseShop, "installId">): Promise<string[]> {
  const stocks = await database.query<{ stock: string; counted: readonly number[]; of_holds: readonly number[] }>(COUNTS, installId);
  const commits = await database.query<{ id: string; told: number }>(COMMITS_TOLD, installId);
  return [
    ...stocks.flatMap(({ stock, counted, of_holds: ofHolds }) =>
      COUNTED.flatMap((what, index) => (counted[index] === ofHolds[index] ? [] : [`of ${stock} ${counted[index]} units are counted as ${what}, and holds have ${ofHolds[index]}`])),
    ),
    ...commits.map(({ id, told }) => `the audit trail tells ${told} times that ${id} was committed`),
  ];
}

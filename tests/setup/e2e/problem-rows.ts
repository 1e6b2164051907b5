// An overwrite and a mismatch as detection and a comparison leave them, written straight into the tables: to come about by themselves they take minutes.
import type { SmallShop, StockedItem } from "./small-shop.ts";
import type { WholeApp } from "./whole-app.ts";

const tail = (gid: string) => gid.slice(gid.lastIndexOf("/") + 1);

export interface SeededProblem {
  readonly id: string;
}

/** Ids that the sequences never reach in a test. */
let nextId = 900_000;

/** Somebody wrote back the number from before an order of three. */
export async function overwriteStock({ query }: Pick<WholeApp, "query">, { shop, locationId }: SmallShop, item: StockedItem, orderId: string, available: number): Promise<SeededProblem> {
  const id = (nextId += 1);
  const place = [shop, tail(item.inventoryItemId), tail(locationId)];
  for (const [minutes, number, foreign, verdict] of [[50, available, 0, "first"], [31, available - 3, 0, "shopify_order"], [20, available, 3, "another_writer"], [9, available - 1, 0, "shopify_order"]] as const) {
    await query(
      `INSERT INTO stock_observations (id, install_id, inventory_item_id, location_id, available, at, seen_by, delta, verdict, foreign_delta)
       SELECT $4::bigint, id, $2, $3, $5::int, now() - $6::int * interval '1 minute', 'notification', 0, $7, $8::int FROM installs WHERE shop = $1 AND state = 'active'`,
      [...place, id * 10 + (minutes === 20 ? 0 : minutes % 10 || 5), number, minutes, verdict, foreign],
    );
  }
  await query(
    `INSERT INTO conflicts (id, install_id, shop, observation_id, inventory_item_id, location_id, sku, title, at, value_before, value_written, same_as_at, units_at_risk, unseen, confidence)
     SELECT $4::bigint, id, shop, $4::bigint * 10, $2, $3, $5, $6, now() - interval '20 minutes', $7::int - 3, $7::int, now() - interval '31 minutes', 3,
       jsonb_build_array(jsonb_build_object('orderId', $8::text, 'name', '#1001', 'units', 3)), 'certain' FROM installs WHERE shop = $1 AND state = 'active'`,
    [...place, id, item.sku, item.sku, available, orderId],
  );
  return { id: String(id) };
}

/** A call of one unit whose answer was lost, and which took effect twice; `standing`: Shopify's number. */
export async function doubleCall({ query }: Pick<WholeApp, "query">, { shop, locationId }: SmallShop, item: StockedItem, standing: number): Promise<SeededProblem> {
  const id = (nextId += 1);
  await query(
    `INSERT INTO drifts (id, install_id, shop, inventory_item_id, location_id, sku, title, shopify, known, difference, explanation, evidence, proposed_delta, proposed_because)
     SELECT $4::bigint, id, shop, $2, $3, $5, $6, $7::int, $7::int + 1, -1, 'doubled',
       jsonb_build_object('mutationId', gen_random_uuid(), 'delta', -1, 'firstSentAt', now() - interval '10 minutes', 'lastSentAt', now() - interval '9 minutes',
         'before', $7::int + 2, 'beforeAt', now() - interval '30 minutes', 'after', $7::int, 'afterAt', now() - interval '8 minutes'), 1, 'doubled'
     FROM installs WHERE shop = $1 AND state = 'active'`,
    [shop, tail(item.inventoryItemId), tail(locationId), id, item.sku, item.sku, standing],
  );
  return { id: String(id) };
}

// A notification that Shopify sent three times, written straight into the tables under an id that is known.
import type { SmallShop } from "./small-shop.ts";
import type { WholeApp } from "./whole-app.ts";

/** An id that the sequence never reaches in a test. */
let nextId = 900_000;

export async function receiveThrice({ query }: Pick<WholeApp, "query">, { shop }: SmallShop, orderId: string): Promise<{ readonly deliveryId: string }> {
  const id = (nextId += 1);
  const webhookId = `repeated-${id}`;
  await query(
    `INSERT INTO deliveries (id, install_id, shop, webhook_id, topic, order_id, triggered_at, received_at, processed_at, state, trace_id)
     SELECT $2::bigint, id, shop, $3, 'orders/create', $4, now() - interval '3 minutes', now() - interval '2 minutes', now() - interval '2 minutes', 'processed', 'trace' FROM installs WHERE shop = $1 AND state = 'active'`,
    [shop, id, webhookId, orderId],
  );
  await query(
    "INSERT INTO delivery_duplicates (install_id, shop, webhook_id, topic, received_at) SELECT id, shop, $2, 'orders/create', now() - n * interval '30 seconds' FROM installs, generate_series(1, 2) n WHERE shop = $1 AND state = 'active'",
    [shop, webhookId],
  );
  return { deliveryId: String(id) };
}

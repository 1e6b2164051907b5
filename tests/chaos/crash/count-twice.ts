// A call whose first answer was lost and that counted twice in Shopify, as its notifications tell: what the ledger's own check finds.
import { lookedAt } from "./detection-chain.ts";
import type { Stage } from "./stage.ts";

/** What is seen within two seconds of a call cannot be ordered against it. */
const SEEN_LONG_BEFORE = `UPDATE stock_observations SET at = at - interval '1 minute' WHERE install_id = $1`;
/** Nothing of a call arrives later than a request travels: on a busy machine the test itself may be that slow. */
const SEEN_AT_ONCE = `
UPDATE stock_observations SET at = a.last_sent_at + interval '100 milliseconds'
FROM (SELECT max(sent_at) AS last_sent_at FROM attempts WHERE install_id = $1) AS a WHERE install_id = $1 AND at > a.last_sent_at`;

/** One kettle is ordered, and two are gone. */
export async function countTwice(stage: Stage): Promise<void> {
  const { house, shop, items, sql } = stage;
  await lookedAt(stage);
  await sql(SEEN_LONG_BEFORE);
  stage.fault("after_commit");
  stage.order();
  await house.settle(shop.shop);
  house.simulator.control.adjustLevel(shop.shop, { inventoryItemId: items[0].inventoryItemId, locationId: shop.locationIds[0] ?? "", delta: -1, writer: "other" });
  await house.settle(shop.shop);
  await sql(SEEN_AT_ONCE);
}

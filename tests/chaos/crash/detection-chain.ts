// An order that takes more than there is: looked at, judged, opened as one incident, and its fulfilment held once, whoever dies on the way.
import { detect } from "#app/detection/detect.server.ts";
import type { Chain } from "./chain.ts";
import type { Item, Stage } from "./stage.ts";

const LEASE = "the next look of detection, when the dead one's lease is over";
const AGAIN = "the next look of detection: what is held already is found in Shopify by its handle";
const STANDS_FOR_AN_HOUR = `UPDATE conflicts SET found_at = now() - interval '1 hour' WHERE install_id = $1 AND told_at IS NULL`;
/** More than there is, in one order. */
const RUSH = 102;

/** What the shop began with is looked at, and waits for nobody. */
export async function lookedAt({ house, shop, sql }: Stage): Promise<void> {
  await house.settle(shop.shop);
  for (let round = 0; round < 20; round += 1) {
    await sql(`UPDATE stock_judgements SET due_at = now() WHERE install_id = $1 AND due_at < 'infinity'`);
    const { orderCount, stockCount } = await detect(house.composed.detection, new AbortController().signal);
    if (orderCount + stockCount === 0) return;
  }
  throw new Error("detection finds no end");
}

export const DETECTION_CHAIN: Chain = {
  title: "an order of more than there is, whose fulfilment is to be held",
  scopes: ["write_inventory", "write_merchant_managed_fulfillment_orders"],
  waits: [`UPDATE stock_judgements SET due_at = now() WHERE install_id = $1 AND due_at > now() AND due_at < 'infinity'`],
  leases: [
    `UPDATE orders SET detect_at = now() WHERE install_id = $1 AND detect_at > now()`,
    `UPDATE stock_judgements SET taken_until = now() WHERE install_id = $1 AND taken_until > now()`,
    `UPDATE fulfilment_holds SET at = at - interval '1 hour' WHERE install_id = $1 AND state = 'asked'`,
    `UPDATE oversells SET hold_tries = '{}' WHERE install_id = $1`,
  ],
  async open(stage) {
    const { house, shop, items, settings } = stage;
    await settings((now) => ({ ...now, oversell: { ...now.oversell, holdFulfilment: true } }));
    await lookedAt(stage);
    house.simulator.control.setClock({ advanceMs: 5_000 });
    const sell = ({ variantId }: Item, quantity: number) => {
      const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "web", inventoryBehaviour: "DECREMENT_IGNORING_POLICY", lines: [{ variantId, quantity }] });
      if ("refused" in placed) throw new Error("the order was refused");
      house.simulator.control.setClock({ advanceMs: 5_000 });
      return placed;
    };
    // Of lids another writer puts back the number from before their order.
    sell(items[1], 2);
    house.simulator.control.setLevel(shop.shop, { inventoryItemId: items[1].inventoryItemId, locationId: shop.locationIds[0] ?? "", available: 100, writer: "erp" });
    await lookedAt(stage);
    const placed = sell(items[0], RUSH);
    await house.settle(shop.shop);
    return {
      stage,
      ending: () => ({ moved: [0, 0] }),
      async differences() {
        const [found] = await stage.rows<Record<string, number>>(
          `SELECT (SELECT count(*) FROM oversells WHERE install_id = $1)::int AS oversells, (SELECT count(*) FROM oversells WHERE install_id = $1 AND state = 'open' AND depth = 2)::int AS open,
             (SELECT count(*) FROM alert_events WHERE install_id = $1 AND kind = 'oversell' AND stage = 'opened')::int AS told,
             (SELECT count(*) FROM alert_events WHERE install_id = $1 AND kind = 'conflict' AND stage = 'opened')::int AS "overwrites told",
             (SELECT count(*) FROM fulfilment_holds WHERE install_id = $1 AND state = 'held')::int AS held,
             (SELECT count(*) FROM audit_entries WHERE install_id = $1 AND kind = 'fulfilment_hold_held')::int AS "in the audit trail",
             (SELECT count(*) FROM stock_judgements WHERE install_id = $1 AND (due_at < 'infinity' OR taken_until IS NOT NULL))::int + 1 AS "still to be judged, and one"`,
        );
        const read = await house.composed.shopify.holds.readPlaces({ shop: shop.shop, accessToken: null }, placed.orderId.split("/").at(-1) ?? "");
        const holds = read.kind === "ok" ? read.places.flatMap((place) => place.holds).length : -1;
        return Object.entries({ ...found, "holds in Shopify": holds }).flatMap(([what, count]) => (count === 1 ? [] : [`${count} ${what} instead of 1`]));
      },
      close: () => Promise.resolve(),
    };
  },
  links: [
    { step: "detectionOrders.take", found: LEASE },
    { step: "detectionOrders.record", found: [LEASE, "nobody needs to: what the order wants is written, and its stock is to be judged"] },
    { step: "stockWatch.take", found: LEASE },
    { step: "stockWatch.recordJudgement", found: LEASE },
    { step: "stockWatch.recordReads", found: LEASE },
    { step: "shopifyOrders.readSoldByPlan", found: LEASE },
    { step: "oversells.recordSoldByPlan", found: LEASE },
    { step: "shopifyOrders.readPreorders", found: LEASE },
    { step: "oversells.recordPreorders", found: LEASE },
    // The first time it only asks whether Shopify is to be read before an incident is opened.
    { step: "oversells.settle", nth: 2, found: [LEASE, "the next look finds the incident open, and opens no other"] },
    { step: "stockWatch.finish", found: [LEASE, "nobody needs to: it is judged"] },
    { step: "stockWatch.tellConflicts", found: ["the next look of detection", "nobody needs to: the overwrite and its event are one transaction"], act: ({ stage }) => stage.sql(STANDS_FOR_AN_HOUR) },
    { step: "holdBook.takeAutomatic", found: AGAIN },
    { step: "fulfilmentHolds.readPlaces", found: AGAIN },
    { step: "holdBook.ask", found: AGAIN },
    { step: "fulfilmentHolds.hold", found: AGAIN },
    { step: "holdBook.settle", found: [AGAIN, "nobody needs to: it is held, and written down"] },
  ],
};

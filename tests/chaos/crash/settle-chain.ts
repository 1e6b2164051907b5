// Holds whose orders come, are made, are lost and are looked for: each hold is settled once and each order made once, whoever dies in between.
import { blockOf, commit, hold, type HoldingShop, idOf, stockOf } from "#tests/integration/reservation-orders-fixture.ts";
import type { Reservation } from "#app/ports/reservation-book.ts";
import type { Chain, Play } from "./chain.ts";
import type { Stage } from "./stage.ts";

const ROUND = "the next round, a second later";
const LOOK = "the next look, when the dead one's lease is over";

/** Orders that were made for a hold. */
let made = 0;

/** A hold, and an order that names it: told, and not tied yet. */
async function named({ stage }: Play): Promise<void> {
  const shop = holdingShop(stage);
  const held = await hold(stage.house, shop, 2);
  const placed = stage.house.simulator.control.placeOrder(shop.shop, {
    channel: "api",
    inventoryBehaviour: "DECREMENT_IGNORING_POLICY",
    lines: [{ variantId: shop.variantId, quantity: 2 }],
    attributes: [{ name: "holdfast_reservation", value: held.id }],
  });
  if ("refused" in placed) throw new Error("the order was refused");
  await stage.house.settle(shop.shop);
}

/** Its order was sent by a process that died before it heard the answer; Shopify's notification of it is late. */
async function lost({ stage }: Play): Promise<void> {
  const shop = holdingShop(stage);
  const held = await committed(stage, shop);
  const { control } = stage.house.simulator;
  await stage.house.delivered();
  control.planWebhooks({ loss: { rate: 1 } });
  const request = { installId: shop.installId, reservationId: held.id, lines: [{ variantId: shop.variant, quantity: 1 }], order: {} };
  const answer = await stage.house.composed.reservations.orderMaker.create({ shop: shop.shop }, request);
  if (answer.kind !== "created") throw new Error(`the order was not created: ${answer.kind}`);
  await stage.house.delivered();
  control.planWebhooks({});
  made += 1;
}

/** Its order was never sent: the process died before. */
async function unsent({ stage }: Play): Promise<void> {
  await committed(stage, holdingShop(stage));
}

async function committed(stage: Stage, shop: HoldingShop): Promise<Reservation> {
  const held = await hold(stage.house, shop, 1);
  await commit(stage.house, held, { createOrder: true });
  return held;
}

function holdingShop({ shop, items: [kettle] }: Stage): HoldingShop {
  const [locationId = ""] = shop.locationIds;
  return { ...shop, variantId: kettle.variantId, inventoryItemId: kettle.inventoryItemId, item: idOf(kettle.inventoryItemId), location: idOf(locationId), variant: idOf(kettle.variantId) };
}

async function differences(stage: Stage): Promise<string[]> {
  const shop = holdingShop(stage);
  const { held, ...promised } = await blockOf(stage.house, shop);
  const open = await stage.rows<{ id: string; settlement: string | null; made: string | null }>(
    `SELECT r.id, r.settlement, m.state AS made FROM reservations r LEFT JOIN reservation_orders m ON m.reservation_id = r.id WHERE r.install_id = $1 AND r.settlement <> 'done'`,
  );
  const [trail] = await stage.rows<{ settled: number; holds: number }>(
    `SELECT (SELECT count(*)::int FROM audit_entries WHERE install_id = $1 AND kind = 'reservation_settled') AS settled,
       (SELECT count(*)::int FROM reservations WHERE install_id = $1 AND settlement = 'done') AS holds`,
  );
  // Of those that were never sent a person knows by now; their units are held until somebody decides.
  const asked = open.filter((row) => row.settlement === "person" && row.made === "person").length;
  const expected = { granted: 0, settling: asked, leaving: 0, growing: 0 };
  const counts = JSON.stringify({ granted: promised.granted, settling: promised.settling, leaving: promised.leaving, growing: promised.growing });
  const orders = await stage.rows<{ count: number }>(`SELECT count(*)::int AS count FROM reservation_orders WHERE install_id = $1 AND state = 'created'`);
  return [
    ...(open.length === asked ? [] : [`${open.length - asked} holds are not settled`]),
    ...(counts === JSON.stringify(expected) ? [] : [`the block counts ${counts}`]),
    ...(held === stockOf(stage.house, shop).reserved ? [] : [`the block holds ${held}, Shopify ${stockOf(stage.house, shop).reserved}`]),
    ...(trail?.settled === trail?.holds ? [] : [`${trail?.holds} holds were settled ${trail?.settled} times`]),
    ...(orders[0]?.count === made ? [] : [`${orders[0]?.count} orders are known of ${made} that were made`]),
  ];
}

export const SETTLE_CHAIN: Chain = {
  title: "holds and their orders",
  scopes: ["write_inventory", "write_orders"],
  waits: [`UPDATE reservations SET settle_at = now() WHERE install_id = $1 AND settle_at > now()`, `UPDATE reservation_orders SET look_at = now() WHERE install_id = $1 AND state = 'unknown' AND look_at > now()`],
  leases: [
    `UPDATE orders SET tie_at = now() WHERE install_id = $1 AND tie_at IS NOT NULL`,
    `UPDATE reservation_orders SET look_at = now(), give_up_at = now() WHERE install_id = $1 AND state IN ('sending', 'unknown')`,
  ],
  async open(stage) {
    made = 0;
    const shop = holdingShop(stage);
    const install = await stage.house.composed.installStore.active(shop.shop);
    if (!install) throw new Error("the app is installed");
    await stage.house.composed.reservations.observe(install, [{ inventoryItemId: shop.item, locationId: shop.location }]);
    let isTold = false;
    return {
      stage,
      ending: () => ({ moved: [-stockOf(stage.house, shop).reserved, 0] }),
      async differences() {
        // What Shopify had not told yet is told at last: a change of an order tells the whole of it.
        if (!isTold) for (const { orderId } of stage.house.simulator.control.orders(shop.shop)) stage.house.simulator.control.fulfillOrder(shop.shop, orderId);
        isTold = true;
        return differences(stage);
      },
      close: () => Promise.resolve(),
    };
  },
  links: [
    { step: "settlements.settleDue", found: ROUND, act: named },
    { step: "orderMakings.takeSought", found: [LOOK, LOOK], act: lost },
    { step: "orderMaker.find", found: LOOK, act: lost },
    { step: "orderMakings.record", found: [LOOK, "nobody needs to: the order is known"], act: lost },
    { step: "orderMakings.notFound", found: [LOOK, "a person: nobody else can say that there is no such order"], act: unsent },
  ],
};

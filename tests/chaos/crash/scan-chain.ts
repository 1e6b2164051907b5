// Day one of a shop compared with Shopify: asked for, waited for, read, confirmed; what differs is found once, whoever dies on the way.
import type { Chain } from "./chain.ts";
import { countTwice } from "./count-twice.ts";
import { AHEAD_MS, untold } from "./stage.ts";

const ROUND = "the comparison's next round, when the dead one's lease is over";
const FOUND = "the next round: an operation that was begun is found by the name of its query";
const READ_ON = "the next round: the file is read on from the line that was written down";
const STANDS_STILL = `UPDATE stock_scans SET object_count_at = now() - interval '1 hour' WHERE install_id = $1 AND state = 'running'`;
const DAY_MS = 24 * 3_600_000;

export const SCAN_CHAIN: Chain = {
  title: "day one: stock and orders read in bulk, with a number nobody told of and a call that counted twice",
  clockAheadMs: AHEAD_MS,
  waits: [
    `UPDATE stock_scans SET due_at = now() WHERE install_id = $1 AND due_at > now() AND finished_at IS NULL`,
    `UPDATE stock_scan_candidates SET due_at = now() WHERE install_id = $1 AND due_at > now()`,
  ],
  leases: [`UPDATE stock_scans SET taken_until = now() WHERE install_id = $1 AND taken_until > now()`],
  async open(stage) {
    const { house, shop, items, rows } = stage;
    const { control } = house.simulator;
    const [, lid] = items;
    const locationId = shop.locationIds[0] ?? "";
    control.setBulk({ startAfterMs: 0, cancelAfterMs: 0 });
    // Of kettles one is ordered and two are gone; both were told.
    await countTwice(stage);
    await untold(stage, () => {
      control.adjustLevel(shop.shop, { inventoryItemId: lid.inventoryItemId, locationId, delta: -3, writer: "till" });
      const lines = [{ variantId: lid.variantId, quantity: 1 }];
      control.placeOrder(shop.shop, { channel: "web", sourceName: "web", inventoryBehaviour: "BYPASS", lines, createdAt: new Date(Date.now() - 20 * DAY_MS).toISOString() });
    });
    control.addFault({ boundary: "bulk", kind: "bulk_never_ends", times: 1, shop: shop.shop });
    return {
      stage,
      ending: () => ({ moved: [-1, 0] }),
      async differences() {
        const scans = await rows<{ kind: string; state: string }>(`SELECT kind, state FROM stock_scans WHERE install_id = $1 ORDER BY id`);
        const drifts = await rows<{ explanation: string; difference: number }>(`SELECT explanation, difference FROM drifts WHERE install_id = $1 AND state = 'open' ORDER BY difference`);
        const names = control.bulkOperations(shop.shop).length;
        const found = { scans: scans.map(({ kind, state }) => `${kind} ${state}`), drifts: drifts.map(({ explanation, difference }) => `${explanation} ${difference}`), operations: names };
        // What the till took, and the old order: one number that nobody told of.
        const expected = { scans: ["stock done", "orders done"], drifts: ["another_writer -4", "doubled -1"], operations: 3 };
        return JSON.stringify(found) === JSON.stringify(expected) ? [] : [`${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`];
      },
      close: () => Promise.resolve(),
    };
  },
  links: [
    { step: "stockScans.takeDue", found: ROUND },
    { step: "stockScans.advance", found: FOUND },
    { step: "bulk.start", found: FOUND },
    { step: "bulk.find", found: FOUND },
    { step: "bulk.look", found: ROUND },
    { step: "stockScans.release", found: ROUND },
    // The first operation never ends.
    { step: "bulk.cancel", found: [ROUND, "the next round sees it called off, and begins another"], act: ({ stage }) => stage.sql(STANDS_STILL) },
    { step: "stockScans.compare", found: [READ_ON, "the next round reads on behind it"] },
    { step: "bulk.readStock", found: READ_ON },
    { step: "drifts.record", found: [ROUND, "the next round: the mirror and the mismatch are written in one transaction"] },
    { step: "drifts.recordCall", found: [ROUND, "the next round: a call's mismatch is written once"] },
    { step: "stockScans.storeOrders", found: [READ_ON, "the next round reads on behind it"] },
    { step: "bulk.readOrders", found: READ_ON },
  ],
};

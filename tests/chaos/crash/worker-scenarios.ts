// What can happen in a shop, told so that a worker passes through its steps: each scenario reaches some that the others do not.
import { expect, vi } from "vitest";

import type { Settings } from "#app/domain/settings.ts";
import { orderBody } from "#tests/setup/webhook-request.ts";
import { askOnce, BLOCK_IS_IDLE, hold, HOLD_HAS_LAPSED, observe } from "./checkout-play.ts";
import type { Scenario } from "./scenario.ts";
import { AHEAD_MS, untold, type Item, type Stage } from "./stage.ts";

const KETTLE_AND_TWO_LIDS = ({ items: [kettle, lid] }: Stage) => [{ item: kettle, quantity: 1 }, { item: lid, quantity: 2 }];
/** A bundle of which Shopify will refuse the part, and nothing else of the call. */
const withUnknownPart = ({ variantId }: Item) => (now: Settings): Settings => ({
  ...now,
  bundles: [{ variantId, parentStock: "leave", components: [{ inventoryItemId: "gid://shopify/InventoryItem/999999999", quantity: 1 }] }],
});
/** A bound that only a defect reaches. */
const ROUND_LIMIT_MS = 30_000;
const TOKEN_NEARLY_OVER = `UPDATE "Session" SET expires = now() AT TIME ZONE 'UTC' + interval '1 minute' WHERE shop = (SELECT shop FROM installs WHERE id = $1)`;

export const WORKER_SCENARIOS = {
  order: {
    title: "a first order",
    act: (stage) => void stage.order(KETTLE_AND_TWO_LIDS(stage)),
    ending: { moved: [-1, -2] },
  },

  known_order: {
    title: "an order of which everything is known: nothing has to be read",
    prepare: async (stage) => {
      await stage.settings((now) => ({ ...now, deduct: { ...now.deduct, location: stage.shop.locationIds[0] ?? "" } }));
      stage.order();
    },
    act: (stage) => void stage.order(),
    ending: { moved: [-2, 0] },
  },

  day_old_locations: {
    title: "a turn whose names of locations are a day old",
    async prepare(stage) {
      stage.order();
      // The shop's first turn reads them after its work is done: a read that is under way would make new what is made old below.
      const areRead = async () => expect(await stage.rows(`SELECT 1 FROM locations WHERE install_id = $1 LIMIT 1`)).toHaveLength(1);
      await vi.waitFor(areRead, { timeout: ROUND_LIMIT_MS, interval: 50 });
    },
    async act(stage) {
      await stage.sql(`UPDATE locations SET read_at = now() - interval '25 hours' WHERE install_id = $1`);
      stage.order();
    },
    ending: { moved: [-2, 0] },
  },

  unwoken: {
    title: "an order that no wake tells of: Redis was emptied",
    during: "down",
    async act(stage) {
      stage.order();
      await stage.house.delivered();
      await stage.house.composed.redis.commands.flushdb();
    },
    ending: { moved: [-1, 0] },
  },

  edit_notice: {
    title: "an edit of which only the notice arrives",
    prepare: (stage) => void stage.order(),
    async act(stage) {
      const { house, shop } = stage;
      const { control } = house.simulator;
      const [order] = control.orders(shop.shop);
      if (!order) throw new Error("an order was placed before");
      await untold(stage, () => void control.editOrder(shop.shop, order.orderId, { setQuantities: [{ lineItemId: order.lines[0]?.lineItemId ?? "", quantity: 3 }] }));
      await control.sendWebhook({ shop: shop.shop, topic: "orders/edited", payload: { order_edit: { id: 1, order_id: Number(order.orderId.split("/").at(-1)) } } });
    },
    ending: { moved: [-3, 0] },
  },

  own_bundle: {
    title: "an order of a bundle whose part was never named",
    prepare: ({ settings, items: [kettle, lid] }) =>
      settings((now) => ({ ...now, bundles: [{ variantId: kettle.variantId, parentStock: "leave", components: [{ inventoryItemId: lid.inventoryItemId, quantity: 2 }] }] })),
    act: (stage) => void stage.order(),
    ending: { moved: [0, -2] },
  },

  bundle_follows: {
    title: "an order of a bundle whose own stock follows its part",
    prepare: async (stage) => {
      const [kettle, lid] = stage.items;
      await stage.settings((now) => ({
        ...now,
        deduct: { ...now.deduct, location: stage.shop.locationIds[0] ?? "" },
        bundles: [{ variantId: kettle.variantId, parentStock: "derive", components: [{ inventoryItemId: lid.inventoryItemId, quantity: 2 }] }],
      }));
      stage.order();
    },
    act: (stage) => void stage.order(),
    // Of 96 lids 48 sets can be made.
    ending: { moved: [-52, -4] },
  },

  unknown_variant: {
    title: "an order of a variant that Shopify does not know",
    prepare: ({ settings, shop }) => settings((now) => ({ ...now, deduct: { ...now.deduct, location: shop.locationIds[0] ?? "" } })),
    async act({ house, shop, items: [kettle] }) {
      const line = { sku: "K", name: "Kettle", quantity: 1, current_quantity: 1, variant_inventory_management: "shopify" };
      const lines = [{ ...line, id: 71, variant_id: 123456789 }, { ...line, id: 72, variant_id: Number(kettle.variantId.split("/").at(-1)) }];
      const now = new Date().toISOString();
      const payload = orderBody({ id: 7_000, admin_graphql_api_id: "gid://shopify/Order/7000", name: "#7000", created_at: now, updated_at: now, line_items: lines });
      await house.simulator.control.sendWebhook({ shop: shop.shop, topic: "orders/create", payload });
    },
    ending: { moved: [-1, 0], parked: ["unknown_variant"] },
  },

  netted: {
    title: "a cancellation and an order that outweigh each other",
    prepare: (stage) => void stage.order(),
    during: "asleep",
    act(stage) {
      const { control } = stage.house.simulator;
      const [first] = control.orders(stage.shop.shop);
      control.cancelOrder(stage.shop.shop, first?.orderId ?? "", { restock: true });
      stage.order();
    },
    ending: { moved: [-1, 0] },
  },

  slow_answer: {
    title: "an answer that takes longer than a third of the lease",
    act(stage) {
      stage.fault("slow", { delayMs: 900 });
      stage.order();
    },
    ending: { moved: [-1, 0] },
  },

  throttled: {
    title: "a call that Shopify throttles",
    act(stage) {
      stage.fault("throttled");
      stage.order();
    },
    ending: { moved: [-1, 0] },
  },

  lost_answer: {
    title: "a call that takes effect and whose answer is lost",
    act(stage) {
      stage.fault("after_commit");
      stage.order(KETTLE_AND_TWO_LIDS(stage));
    },
    ending: { moved: [-1, -2] },
  },

  refused_entry: {
    title: "a call of which Shopify refuses one item",
    prepare: ({ settings, items: [kettle] }) => settings(withUnknownPart(kettle)),
    act: (stage) => void stage.order(KETTLE_AND_TWO_LIDS(stage)),
    ending: { moved: [0, -2], parked: ["refused:INVALID_INVENTORY_ITEM"] },
  },

  refused_after_silence: {
    title: "a call that was cut off, and then refused because of one item",
    prepare: ({ settings, items: [kettle] }) => settings(withUnknownPart(kettle)),
    act(stage) {
      stage.fault("cut");
      stage.order(KETTLE_AND_TWO_LIDS(stage));
    },
    ending: { moved: [0, -2], parked: ["refused:INVALID_INVENTORY_ITEM"] },
  },

  refused_whole: {
    title: "a call that Shopify refuses without naming an item: it is split",
    act(stage) {
      stage.fault("user_error", { code: "INTERNAL_ERROR", index: null });
      stage.order(KETTLE_AND_TWO_LIDS(stage));
    },
    ending: { moved: [-1, -2] },
  },

  key_used_up: {
    title: "a call whose key Shopify calls used up: it is sent under a new one",
    act(stage) {
      stage.fault("user_error", { code: "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", index: null });
      stage.order(KETTLE_AND_TWO_LIDS(stage));
    },
    ending: { moved: [-1, -2] },
  },

  key_too_old: {
    title: "a call of unknown outcome, older than Shopify keeps its key",
    during: "asleep",
    async act(stage) {
      const { house, shop } = stage;
      stage.order();
      await house.delivered();
      // Another worker sent it, got no answer, and died; then a day went by.
      const died = house.turn(shop.shop, { shopifyInventory: { ...house.composed.shopify.inventory, adjustQuantities: () => Promise.reject(new Error("died")) } });
      await died.catch(() => undefined);
      await stage.sql(`UPDATE mutations SET first_sent_at = now() - interval '25 hours', resend_at = now() WHERE install_id = $1`);
    },
    ending: { moved: [0, 0], parked: ["outcome_unknown"] },
  },

  token_nearly_over: {
    title: "an access token near its end",
    async act(stage) {
      await stage.sql(TOKEN_NEARLY_OVER);
      stage.order();
    },
    ending: { moved: [-1, 0] },
  },

  token_refused: {
    title: "an access token that Shopify refuses",
    act(stage) {
      stage.fault("token_revoked", { boundary: "graphql" });
      stage.order();
    },
    ending: { moved: [-1, 0] },
  },

  tokens_dead: {
    title: "tokens that Shopify no longer honours, until the merchant comes again",
    async act(stage) {
      stage.fault("user_error", { boundary: "token", code: "invalid_grant" });
      await stage.sql(TOKEN_NEARLY_OVER);
      stage.order();
    },
    afterwards: async ({ house, shop, wake }) => {
      await house.visit(shop.shop);
      await wake();
    },
    ending: { moved: [-1, 0] },
  },

  scope_withdrawn: {
    title: "the permission to change stock withdrawn, and given again later",
    act(stage) {
      const { scopes } = stage.house.environment.shopify;
      stage.house.simulator.control.setScopes(stage.shop.shop, { granted: [...scopes] });
      stage.order();
    },
    async afterwards({ house, shop, settings, wake }) {
      const { scopes } = house.environment.shopify;
      house.simulator.control.setScopes(shop.shop, { granted: [...scopes, "write_inventory"] });
      await settings((now) => ({ ...now, mode: "enforce" }));
      await wake();
    },
    ending: { moved: [-1, 0] },
  },

  source_suspected: {
    title: "an order of a protected source that took its stock in Shopify itself",
    act: (stage) => void stage.order(undefined, { inventoryBehaviour: "DECREMENT_IGNORING_POLICY" }),
    ending: { moved: [-1, 0] },
  },

  suspicion_judged: {
    title: "a suspicion against a source, judged",
    prepare: (stage) => void stage.order(undefined, { inventoryBehaviour: "DECREMENT_IGNORING_POLICY" }),
    async act({ sql, wake }) {
      await sql(`UPDATE source_suspicions SET judge_at = now() WHERE install_id = $1`);
      await wake();
    },
    ending: { moved: [-1, 0] },
  },

  suspicion_unwoken: {
    title: "a suspicion whose time comes after Redis was emptied",
    prepare: (stage) => void stage.order(undefined, { inventoryBehaviour: "DECREMENT_IGNORING_POLICY" }),
    during: "down",
    async act({ sql, house }) {
      await sql(`UPDATE source_suspicions SET judge_at = now() WHERE install_id = $1`);
      await house.composed.redis.commands.flushdb();
    },
    ending: { moved: [-1, 0] },
  },

  uninstalled: {
    title: "the app uninstalled while an order waits",
    prepare: (stage) => void stage.order(),
    during: "asleep",
    async act({ house, shop, order }) {
      order();
      await house.delivered();
      house.simulator.control.uninstall(shop.shop);
    },
    ending: { moved: [-1, 0], isOver: true },
  },

  privacy_request: {
    title: "a customer's privacy request",
    prepare: (stage) => void stage.order(),
    during: "down",
    async act({ house, shop }) {
      house.simulator.control.sendCompliance(shop.shop, { topic: "customers/redact" });
      await house.delivered();
    },
    ending: { moved: [-1, 0] },
  },

  missed_order: {
    title: "an order of which no notification came, looked for by the back-fill",
    during: "down",
    clockAheadMs: AHEAD_MS,
    async act(stage) {
      await untold(stage, () => void stage.order());
      await stage.sql(`DELETE FROM order_scans WHERE install_id = $1`);
    },
    // A dead round's shop is its own for five minutes.
    meanwhile: ({ sql }) => sql(`UPDATE order_scans SET taken_until = NULL, due_at = now() WHERE install_id = $1`),
    ending: { moved: [-1, 0] },
  },

  lost_place: {
    title: "a back-fill that Shopify does not let go on from where it was",
    during: "down",
    clockAheadMs: AHEAD_MS,
    async act(stage) {
      await untold(stage, () => void stage.order());
      await stage.sql(`DELETE FROM order_scans WHERE install_id = $1`);
      // From a whole second, as every pass: the order may be of the same second as the install.
      await stage.sql(
        `INSERT INTO order_scans (install_id, watermark, pass_from, pass_until, pass_cursor)
         SELECT id, installed_at, date_trunc('second', installed_at), now() + interval '5 minutes', 'a place that is no more' FROM installs WHERE id = $1`,
      );
    },
    meanwhile: ({ sql }) => sql(`UPDATE order_scans SET taken_until = NULL, due_at = now() WHERE install_id = $1`),
    // The pass goes on with the shop's next rounds, and each round says at its end when the next one is: here at once, until the pass is done.
    async afterwards({ rows, sql }) {
      const passIsDone = async () => {
        await sql(`UPDATE order_scans SET due_at = now() WHERE install_id = $1 AND taken_until IS NULL AND pass_from IS NOT NULL`);
        expect(await rows(`SELECT 1 FROM order_scans WHERE install_id = $1 AND pass_from IS NOT NULL`)).toEqual([]);
      };
      await vi.waitFor(passIsDone, { timeout: ROUND_LIMIT_MS, interval: 50 });
    },
    ending: { moved: [-1, 0] },
  },

  units_put_aside: {
    title: "units that must be put aside for a hold",
    prepare: observe,
    act: async (stage) => void (await askOnce(stage)),
    // Whoever wanted them asks again; two for the hold, and as many again for the next one.
    afterwards: async (stage) => void (await hold(stage)),
    ending: { moved: [-4, 0], holds: ["active"] },
  },

  lost_move: {
    title: "a move for a hold that takes effect and whose answer is lost",
    prepare: observe,
    async act(stage) {
      stage.fault("after_commit", { boundary: "inventoryMoveQuantities" });
      await askOnce(stage);
    },
    afterwards: async (stage) => void (await hold(stage)),
    ending: { moved: [-4, 0], holds: ["active"] },
  },

  stale_move: {
    title: "a move for a hold that Shopify refuses: somebody else has sold meanwhile",
    prepare: observe,
    async act(stage) {
      const { house, shop, items } = stage;
      await untold(stage, () => void house.simulator.control.adjustLevel(shop.shop, { inventoryItemId: items[0].inventoryItemId, locationId: shop.locationIds[0] ?? "", delta: -1, writer: "other" }));
      await askOnce(stage);
    },
    afterwards: async (stage) => void (await hold(stage)),
    ending: { moved: [-4, 0], holds: ["active"] },
  },

  hold_lapses: {
    title: "a hold whose time has passed",
    prepare: async (stage) => void (await hold(stage)),
    during: "down",
    act: ({ sql }) => sql(HOLD_HAS_LAPSED),
    ending: { moved: [-4, 0], holds: ["expired"] },
  },

  units_given_back: {
    title: "units that were put aside and that nobody wants any more",
    async prepare(stage) {
      const { id, installId } = await hold(stage);
      await stage.house.composed.reservations.book.release(installId, id, "test");
    },
    during: "down",
    act: ({ sql }) => sql(BLOCK_IS_IDLE),
    ending: { moved: [0, 0], holds: ["released"] },
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export type WorkerScenario = keyof typeof WORKER_SCENARIOS;

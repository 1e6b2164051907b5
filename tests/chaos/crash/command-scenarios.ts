// What an operator does by commands that change something; each is given again when it died.
import { expect, vi } from "vitest";

import { holdFulfilment } from "#app/detection/act-on-oversell.server.ts";
import { checkLedger } from "#app/reconcile/confirm-differences.server.ts";
import { SCAN_LIMITS } from "#app/reconcile/reconcile-ports.ts";
import { hold } from "./checkout-play.ts";
import { countTwice } from "./count-twice.ts";
import { lookedAt } from "./detection-chain.ts";
import type { CommandScenario } from "./scenario.ts";
import { AHEAD_MS, untold, type Stage } from "./stage.ts";

const ofShop = ({ shop }: Stage, ...words: string[]) => [...words, "--shop", shop.shop, "--json"];
const actsTold = (kind: string, expected: number) => ({ query: `SELECT count(*)::int AS told FROM audit_entries WHERE install_id = $1 AND kind = '${kind}'`, expected: [{ told: expected }] });

/** A change that Shopify refused for a reason that is gone. */
async function refuseOnce(stage: Stage): Promise<void> {
  stage.fault("user_error", { code: "INVALID_INVENTORY_ITEM", index: 0 });
  stage.order();
}

const OPENED_LIMIT_MS = 30_000;
/** Nothing listens on the port of discarding. */
const NOBODY_THERE = "https://127.0.0.1:9/";

/** One order takes two more than there is. */
async function oversell(stage: Stage): Promise<void> {
  const { house, shop, items } = stage;
  await lookedAt(stage);
  house.simulator.control.setClock({ advanceMs: 5_000 });
  const lines = [{ variantId: items[0].variantId, quantity: 102 }];
  house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "web", inventoryBehaviour: "DECREMENT_IGNORING_POLICY", lines });
  await lookedAt(stage);
}

/** The lane's own worker may be the one that judges it. */
async function oversellId({ rows, sql }: Stage): Promise<string> {
  const [found] = await vi.waitFor(
    async () => {
      await sql(`UPDATE stock_judgements SET due_at = now() WHERE install_id = $1 AND due_at > now() AND due_at < 'infinity'`);
      const incidents = await rows<{ id: bigint }>(`SELECT id FROM oversells WHERE install_id = $1`);
      expect(incidents).toHaveLength(1);
      return incidents;
    },
    { timeout: OPENED_LIMIT_MS, interval: 100 },
  );
  return String(found?.id);
}

export const COMMAND_SCENARIOS = {
  token_made: {
    title: "`token create`",
    words: (stage) => ofShop(stage, "token", "create", "--label", "operator"),
    ending: { moved: [0, 0] },
    also: [{ query: `SELECT count(*)::int AS untold FROM api_tokens t WHERE install_id = $1 AND NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.kind = 'token_created' AND a.detail->>'tokenId' = t.id::text)`, expected: [{ untold: 0 }] }],
  },

  token_revoked: {
    title: "`token revoke`",
    async words(stage) {
      const made = await stage.house.composed.apiTokenStore.create({ installId: stage.shop.installId, label: "lost", actor: "test" });
      return ofShop(stage, "token", "revoke", "--id", made.kind === "created" ? made.id : "");
    },
    ending: { moved: [0, 0] },
    also: [{ query: `SELECT count(*)::int AS good FROM api_tokens WHERE install_id = $1 AND revoked_at IS NULL`, expected: [{ good: 0 }] }, actsTold("token_revoked", 1)],
  },

  retried: {
    title: "`parked retry`",
    prepare: refuseOnce,
    words: (stage) => ofShop(stage, "parked", "retry", "--all", "--reason", "the item is back"),
    ending: { moved: [-1, 0] },
  },

  discarded: {
    title: "`parked discard`",
    prepare: refuseOnce,
    words: (stage) => ofShop(stage, "parked", "discard", "--all", "--reason", "counted by hand"),
    ending: { moved: [0, 0] },
  },

  replayed: {
    title: "`deliveries replay`",
    prepare: (stage) => void stage.order(),
    words: (stage) => ofShop(stage, "deliveries", "replay", "--all"),
    ending: { moved: [-1, 0] },
  },

  looked_through: {
    title: "`backfill` after an order of which no notification came",
    clockAheadMs: AHEAD_MS,
    prepare: (stage) => untold(stage, () => void stage.order()),
    words: (stage) => ofShop(stage, "backfill"),
    ending: { moved: [-1, 0] },
  },
  corrected: {
    title: "`drift correct` of a call that counted twice",
    prepare: countTwice,
    async words(stage) {
      const { composed } = stage.house;
      await checkLedger({ ...composed.reconcile, limits: { ...SCAN_LIMITS, settleMs: 0 } }, { installId: stage.shop.installId, shop: stage.shop.shop, id: null }, new AbortController().signal);
      const [drift] = await stage.rows<{ id: bigint }>(`SELECT id FROM drifts WHERE install_id = $1 AND proposed_delta IS NOT NULL`);
      return ofShop(stage, "drift", "correct", "--id", String(drift?.id), "--reason", "counted by hand");
    },
    // The order, and the correction of what it took too much.
    ending: { moved: [0, 0] },
    also: [{ query: `SELECT count(*)::int AS corrections FROM changes WHERE install_id = $1 AND cause = 'correction'`, expected: [{ corrections: 1 }] }],
  },

  handled: {
    title: "`oversells handled`",
    prepare: oversell,
    words: async (stage) => ofShop(stage, "oversells", "handled", "--id", await oversellId(stage), "--reason", "called the customer"),
    ending: { moved: [0, 0] },
    also: [actsTold("oversell_handled", 1)],
  },

  held_released: {
    title: "`oversells release` of a fulfilment that was held",
    scopes: ["write_inventory", "write_merchant_managed_fulfillment_orders"],
    prepare: oversell,
    async words(stage) {
      const [order] = stage.house.simulator.control.orders(stage.shop.shop);
      const orderId = order?.orderId.split("/").at(-1) ?? "";
      const { installId, shop } = stage.shop;
      const held = await holdFulfilment(stage.house.composed.detection, { installId, shop, oversellId: BigInt(await oversellId(stage)), orderId, actor: "test", accessToken: null });
      if (held.kind !== "done") throw new Error(`nothing was held: ${held.kind}`);
      return ofShop(stage, "oversells", "release", "--id", await oversellId(stage), "--order", orderId);
    },
    ending: { moved: [0, 0] },
    also: [actsTold("fulfilment_hold_released", 1)],
  },

  secret_of_alerts: {
    title: "`alerts secret --all`",
    words: (stage) => ofShop(stage, "alerts", "secret", "--all"),
    ending: { moved: [0, 0] },
  },

  secret_of_pushes: {
    title: "`external secret`",
    words: (stage) => ofShop(stage, "external", "secret"),
    ending: { moved: [0, 0] },
    also: [{ query: `SELECT count(*)::int AS secrets FROM external_systems WHERE install_id = $1 AND secret_sealed IS NOT NULL`, expected: [{ secrets: 1 }] }],
  },

  history_pushed: {
    title: "`external queue` of what was applied before",
    async prepare(stage) {
      stage.order();
      await stage.house.settle(stage.shop.shop);
      await stage.settings((now) => ({ ...now, external: { enabled: true, url: NOBODY_THERE } }));
    },
    words: (stage) => ofShop(stage, "external", "queue", "--from-start"),
    ending: { moved: [-1, 0] },
    also: [{ query: `SELECT count(*)::int AS pushes FROM external_pushes WHERE install_id = $1`, expected: [{ pushes: 1 }] }],
  },

  all_released: {
    title: "`reservations release-all`",
    prepare: async (stage) => void (await hold(stage)),
    words: (stage) => ofShop(stage, "reservations", "release-all"),
    ending: { moved: [0, 0], holds: ["released"] },
  },
} as const satisfies Readonly<Record<string, CommandScenario>>;

export type CommandScenarioName = keyof typeof COMMAND_SCENARIOS;

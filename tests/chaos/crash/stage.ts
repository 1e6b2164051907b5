// A fresh shop on a proving ground, and what happens in it: each point is struck in a shop of its own, so that none disturbs another.
import type { PlacedOrder } from "#simulator/control/order-actions.ts";
import type { Settings } from "#app/domain/settings.ts";
import type { House, HouseShop } from "#tests/setup/house.ts";
import { holdDifferences } from "#tests/setup/hold-differences.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import type { ProvingGround } from "../processes/proving-ground.ts";
import type { StrikableProcess } from "../processes/strikable-process.ts";

export interface Item {
  readonly variantId: string;
  readonly inventoryItemId: string;
}

export interface Stage {
  readonly ground: ProvingGround;
  readonly house: House;
  /** Its present life: `rejoin` finds the newest. */
  shop: HouseShop;
  readonly items: readonly [kettle: Item, lid: Item];
  /** An order of the protected source: one kettle unless said otherwise. */
  order(lines?: readonly { readonly item: Item; readonly quantity: number }[], more?: { readonly inventoryBehaviour?: "BYPASS" | "DECREMENT_IGNORING_POLICY" }): PlacedOrder;
  settings(change: (settings: Settings) => Settings): Promise<void>;
  /** What goes wrong at the shop's inventory call, once. */
  fault(kind: "throttled" | "after_commit" | "before_commit" | "cut" | "slow" | "user_error" | "token_revoked", more?: { code?: string; index?: number | null; delayMs?: number; boundary?: string }): void;
  /** Runs SQL with the shop's install as $1. */
  sql(statement: string): Promise<void>;
  rows<Row>(query: string): Promise<Row[]>;
  wake(): Promise<void>;
  /** The worker that runs is paused while it happens. */
  whileAsleep(work: () => Promise<void>): Promise<void>;
  rejoin(): Promise<void>;
}

/** How the shop must end; protected, as it began. */
export interface Ending {
  /** Units that Holdfast moved in Shopify, of kettle and lid. */
  readonly moved: readonly [kettle: number, lid: number];
  /** What became of each hold, oldest first; left out by who looks at them otherwise. */
  readonly holds?: readonly string[];
  /** Reasons of what a person must look at, whatever was struck. */
  readonly parked?: readonly string[];
  /** The life of the app in the shop is over. */
  readonly isOver?: boolean;
}

/** Its stock stood like this for a while: what an order takes of it is told apart from what was put there. */
const STOCK_AGE_MS = 5_000;

/** @param worker the one that runs at the moment. */
export async function openStage(ground: ProvingGround, name: string, worker: () => StrikableProcess | null, scopes: readonly string[] = ["write_inventory"]): Promise<Stage> {
  const { house } = ground;
  const { control } = house.simulator;
  const { database } = house.composed;
  const shop = await house.openShop({ name, scopes });
  const levels = [{ locationId: shop.locationIds[0] ?? "", available: 100 }];
  // There is a plan that nobody buys by: whether an order that is short is a preorder has to be asked.
  const sellingPlans = [{ name: "Next month", category: "PRE_ORDER" as const }];
  const { variants } = control.createProduct(shop.shop, { title: "Kettle", agoMs: STOCK_AGE_MS, sellingPlans, variants: [{ sku: "KETTLE", levels }, { sku: "LID", levels }] });
  const [kettle, lid] = variants;
  if (!kettle || !lid) throw new Error("the product has two variants");
  await house.protect(shop);
  const stage: Stage = {
    ground,
    house,
    shop,
    items: [kettle, lid],
    order(lines = [{ item: kettle, quantity: 1 }], more = {}) {
      const placed = control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: lines.map(({ item, quantity }) => ({ variantId: item.variantId, quantity })), ...more });
      if ("refused" in placed) throw new Error("the order was refused");
      return placed;
    },
    settings: async (change) => void (await house.settings(stage.shop, change)),
    fault: (kind, { boundary = "inventoryAdjustQuantities", ...more } = {}) => void control.addFault({ boundary, kind, times: 1, shop: shop.shop, ...more }),
    sql: async (statement) => void (await database.execute(statement, stage.shop.installId)),
    rows: (query) => database.query(query, stage.shop.installId),
    wake: async () => void (await house.composed.turnQueue.wake(shop.shop)),
    async whileAsleep(work) {
      worker()?.pause();
      await work();
      worker()?.resume();
    },
    async rejoin() {
      const install = await house.composed.installStore.active(shop.shop);
      if (!install) throw new Error(`the app is not installed in ${shop.shop}`);
      stage.shop = { ...shop, installId: install.installId };
    },
  };
  return stage;
}

/** More than the back-fill leaves to the notifications that may still be on their way. */
export const AHEAD_MS = 10 * 60_000;

/** What happens inside is told by no webhook. */
export async function untold({ house }: Stage, happens: () => void): Promise<void> {
  await house.delivered();
  house.simulator.control.planWebhooks({ loss: { rate: 1 } });
  happens();
  await house.delivered();
  house.simulator.control.planWebhooks({});
}

const WORK_LEFT = `
SELECT (SELECT count(*) FROM deliveries WHERE install_id = $1 AND state = 'pending')::int AS "notifications pending",
  (SELECT count(*) FROM orders WHERE install_id = $1 AND state <> 'settled')::int AS "orders not settled",
  (SELECT count(*) FROM changes WHERE install_id = $1 AND state IN ('waiting', 'claimed'))::int AS "changes unfinished",
  (SELECT count(*) FROM mutations WHERE install_id = $1 AND state = 'open')::int AS "calls open",
  (SELECT count(*) FROM source_suspicions WHERE install_id = $1 AND judge_at <= now())::int AS "suspicions due",
  (SELECT count(*) FROM compliance_requests WHERE shop = (SELECT shop FROM installs WHERE id = $1) AND completed_at IS NULL)::int AS "privacy requests open"`;

/** What is left to do for the shop, in words; empty when the house is at rest. */
export async function readWorkLeft({ house, shop }: Pick<Stage, "house" | "shop">): Promise<string[]> {
  const { pending, inFlight } = house.simulator.control.webhookCounters();
  const { waiting, active } = await house.composed.turnQueue.depth();
  const [ended] = await house.composed.database.query<{ ended: boolean }>(`SELECT state = 'ended' AS ended FROM installs WHERE id = $1`, shop.installId);
  // Of a life that is over nothing is worked on any more.
  const [left] = ended?.ended === true ? [{}] : await house.composed.database.query<Record<string, number>>(WORK_LEFT, shop.installId);
  const counts = { ...left, "webhooks on their way": pending + inFlight, "turns asked for or under way": waiting + active };
  return Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
}

/** What differs from how it must end; empty when ledger, audit trail and Shopify agree and nobody needs to look at anything else. */
export async function readDifferences({ house, shop, items }: Stage, ending: Ending): Promise<string[]> {
  const { database } = house.composed;
  const parked = await database.query<{ reason: string | null }>(`SELECT reason FROM changes WHERE install_id = $1 AND state = 'parked' ORDER BY reason`, shop.installId);
  const twice = await database.query<{ webhook_id: string }>(`SELECT webhook_id FROM deliveries WHERE install_id = $1 GROUP BY webhook_id HAVING count(*) > 1`, shop.installId);
  const refused = await database.query<{ reason: string }>(`SELECT reason FROM deliveries WHERE install_id = $1 AND state = 'rejected'`, shop.installId);
  const [install] = await database.query<{ state: string; mode: string }>(
    `SELECT state, (SELECT document->>'mode' FROM settings_versions WHERE install_id = $1 ORDER BY version DESC LIMIT 1) AS mode FROM installs WHERE id = $1`,
    shop.installId,
  );
  const moved = items.map(({ inventoryItemId }) => unitsMoved(house, shop, inventoryItemId));
  const holds = ending.holds && (await database.query<{ text: string }>(`SELECT state || coalesce(' (' || settlement || ')', '') AS text FROM reservations WHERE install_id = $1 ORDER BY created_at`, shop.installId));
  const expected = { parked: [...(ending.parked ?? [])], moved: [...ending.moved], life: ending.isOver === true ? "over" : "active", mode: "enforce", holds: ending.holds };
  const found = { parked: parked.map(({ reason }) => reason ?? ""), moved, life: install?.state === "active" ? "active" : "over", mode: install?.mode, holds: holds?.map(({ text }) => text) };
  return [
    ...(JSON.stringify(expected) === JSON.stringify(found) ? [] : [`it ended with ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`]),
    ...twice.map(({ webhook_id: webhookId }) => `notification ${webhookId} is stored twice`),
    ...refused.map(({ reason }) => `a notification was rejected: ${reason}`),
    ...(await ledgerDifferences(house, shop)),
    ...(await holdDifferences(house, shop)),
  ];
}

/**
 * What a killed process left of the shop's orders, changes and calls, in a line; each state is told once. Null when the machine was so busy
 * that a lease ran out before the sending: the call then waits for its next attempt, and the point is passed in another state.
 */
export async function readLeftBehind({ house, shop }: Pick<Stage, "house" | "shop">): Promise<string | null> {
  const [row] = await house.composed.database.query<{ hurried: boolean; orders: string; changes: string; calls: string }>(
    `SELECT EXISTS (SELECT 1 FROM attempts WHERE install_id = $1 AND outcome = 'not_sent') AS hurried,
      (SELECT string_agg(DISTINCT state, ', ') FROM orders WHERE install_id = $1) AS orders,
      (SELECT string_agg(DISTINCT state, ', ') FROM changes WHERE install_id = $1) AS changes,
      (SELECT string_agg(DISTINCT m.state || ' (' || (SELECT string_agg(coalesce(a.outcome, 'no answer'), ', ' ORDER BY a.number) FROM attempts a WHERE a.mutation_id = m.id) || ')', ', ')
       FROM mutations m WHERE m.install_id = $1) AS calls`,
    shop.installId,
  );
  if (!row || row.hurried) return null;
  const { hurried: _, ...left } = row;
  return Object.entries(left)
    .flatMap(([what, states]) => (states === null ? [] : [`${what} ${states}`]))
    .join("; ");
}

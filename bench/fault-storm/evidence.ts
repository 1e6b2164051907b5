// Gathers, after a seed, everything that the laws are judged by: the ledger's rows, Shopify's truth and logs, and what gate and processes saw.
import type { Pool } from "pg";
import { formatGid } from "#app/domain/gid.ts";
import type { Simulator } from "#simulator/start.ts";
import type { RecordedOrder } from "#simulator/verdict/effects.ts";
import type { LedgerChange, TruthEntry } from "#simulator/verdict/judge.ts";
import type { ObservedCall } from "./gate.ts";
import type { StormProcess } from "./processes.ts";
import type { StormShop } from "./seed-shops.ts";

export interface ChangeRow {
  readonly id: string;
  readonly install_id: string;
  readonly shop: string;
  readonly order_id: string | null;
  readonly line_id: string | null;
  readonly inventory_item_id: string | null;
  readonly location_id: string | null;
  readonly delta: number;
  readonly state: string;
  readonly reason: string | null;
  readonly outcome_unknown: boolean;
  readonly mutation_id: string | null;
  readonly key: string | null;
}

export interface EntryRow {
  readonly mutation_id: string;
  readonly key: string;
  readonly state: string;
  readonly shop: string;
  readonly inventory_item_id: string;
  readonly location_id: string;
  readonly delta: number;
  readonly open: boolean;
}

export interface SentWebhook {
  readonly webhookId: string;
  readonly topic: string;
  readonly shop: string;
  readonly status: number | string;
}

export interface Decision {
  readonly mutationId: string;
  readonly attempt: number;
  readonly as: string;
  readonly by: string;
}

export interface Evidence {
  readonly shops: readonly StormShop[];
  readonly orders: ReadonlyMap<string, readonly RecordedOrder[]>;
  readonly truth: ReadonlyMap<string, readonly TruthEntry[]>;
  readonly sent: readonly SentWebhook[];
  readonly calls: readonly ObservedCall[];
  readonly processes: readonly StormProcess[];
  readonly redisLosses: readonly number[];
  /** Items whose lock was taken from its holder, by the name of the process. */
  readonly lockLosses: readonly { readonly by: string; readonly atMs: number }[];
  readonly decisions: readonly Decision[];
  readonly changes: readonly ChangeRow[];
  readonly entries: readonly EntryRow[];
  readonly deliveries: readonly { readonly shop: string; readonly webhook_id: string; readonly state: string }[];
  readonly decided: readonly { readonly mutation_id: string; readonly newest_attempt: number; readonly to_state: string }[];
  readonly audit: readonly { readonly change_id: string; readonly kind: string; readonly delta: number | null }[];
  /** Rows that name a shop, and the shop of their install. */
  readonly misplaced: readonly string[];
  /** What is still open; empty when the house came to rest. */
  readonly unfinished: readonly string[];
  readonly redisKeys: readonly string[];
}

export type Unjudged = Pick<Evidence, "shops" | "orders" | "calls" | "processes" | "redisLosses" | "lockLosses" | "decisions" | "unfinished" | "redisKeys">;

export async function gatherEvidence(pool: Pool, simulator: Simulator, seen: Unjudged): Promise<Evidence> {
  const rows = async <Row extends object>(sql: string): Promise<Row[]> => (await pool.query<Row>(sql)).rows;
  return {
    ...seen,
    truth: new Map(seen.shops.map(({ shop }) => [shop, readTruth(simulator, shop)])),
    sent: readSent(simulator),
    changes: await rows<ChangeRow>(
      `SELECT c.id::text, c.install_id::text, c.shop, c.order_id, c.line_id, c.inventory_item_id, c.location_id, c.delta, c.state, c.reason, c.outcome_unknown, c.mutation_id::text, m.key::text
       FROM changes c LEFT JOIN mutations m ON m.id = c.mutation_id`,
    ),
    entries: await rows<EntryRow>(
      `SELECT m.id::text AS mutation_id, m.key::text, m.state, m.shop, e.inventory_item_id, e.location_id, e.delta, e.open FROM mutations m JOIN mutation_entries e ON e.mutation_id = m.id`,
    ),
    deliveries: await rows(`SELECT shop, webhook_id, state FROM deliveries`),
    decided: await rows(`SELECT mutation_id::text, newest_attempt, to_state FROM storm.decisions ORDER BY at`),
    audit: await rows(`SELECT change_id::text, kind, delta FROM audit_entries WHERE change_id IS NOT NULL`),
    misplaced: (await rows<{ place: string }>(MISPLACED)).map(({ place }) => place),
  };
}

const MISPLACED = ["deliveries", "orders", "changes", "mutations", "audit_entries"]
  .map((table) => `SELECT '${table} of ' || t.shop || ' under the install of ' || i.shop AS place FROM ${table} t JOIN installs i ON i.id = t.install_id WHERE i.shop <> t.shop`)
  .concat(
    `SELECT 'an entry of install ' || e.install_id || ' in a call of install ' || m.install_id AS place FROM mutation_entries e JOIN mutations m ON m.id = e.mutation_id WHERE m.install_id <> e.install_id`,
    `SELECT 'a change of install ' || c.install_id || ' in a call of install ' || m.install_id AS place FROM changes c JOIN mutations m ON m.id = c.mutation_id WHERE m.install_id <> c.install_id`,
  )
  .join(" UNION ALL ");

/** In the form in which the verdict compares it. */
export function toLedgerChange(row: ChangeRow): LedgerChange {
  return {
    orderId: row.order_id === null ? null : formatGid("Order", row.order_id),
    lineId: row.line_id === null ? null : formatGid("LineItem", row.line_id),
    inventoryItemId: row.inventory_item_id === null ? null : formatGid("InventoryItem", row.inventory_item_id),
    locationId: row.location_id === null ? null : formatGid("Location", row.location_id),
    delta: row.delta,
    state: row.state,
    mutationKey: row.key,
  };
}

function readTruth(simulator: Simulator, shop: string): TruthEntry[] {
  const all: TruthEntry[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page = simulator.control.truth(shop, { after, limit: 5_000 });
    all.push(...(page.items as TruthEntry[]));
    after = page.next;
  }
  return all;
}

export function readSent(simulator: Simulator) {
  const all: ReturnType<Simulator["control"]["webhookLog"]>["items"] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: ReturnType<Simulator["control"]["webhookLog"]> = simulator.control.webhookLog({ after, limit: 10_000 });
    all.push(...page.items);
    after = page.next;
  }
  return all;
}

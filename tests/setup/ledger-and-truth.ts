// Invariant 5, as a check: every entry of the simulator's truth made by us matches one applied mutation entry, and the other way round; a move
// has two, of `available` and of `reserved`. The audit trail tells of every applied change once, with its units, and blocks count what is held.
import { parseGid } from "#app/domain/gid.ts";
import type { House, HouseShop } from "./house.ts";

interface TruthEntry {
  inventoryItemId: string;
  locationId: string;
  name: string;
  delta: number;
  cause: { kind: string; idempotencyKey?: string };
}

/** Differences between what the ledger and the audit trail say we did and what the simulator saw us do; empty when they agree. */
export async function ledgerDifferences(house: House, shop: HouseShop): Promise<string[]> {
  const applied = await house.composed.database.query<{ key: string; item: string; location: string; delta: number; operation: "adjust" | "move" | "follow" }>(
    `SELECT m.operation, m.key::text, e.inventory_item_id AS item, e.location_id AS location, e.delta
     FROM mutations m JOIN mutation_entries e ON e.mutation_id = m.id WHERE m.install_id = $1 AND m.state = 'applied' AND e.refused IS NULL
     UNION ALL
     -- What counted twice stands in the audit trail as an incident: reported, if not prevented.
     SELECT m.operation, m.key::text, a.inventory_item_id, a.location_id, a.delta FROM audit_entries a JOIN mutations m ON m.id = a.mutation_id
     WHERE a.install_id = $1 AND a.kind = 'applied_twice'
     UNION ALL
     SELECT m.operation, m.key::text, e.inventory_item_id, e.location_id, e.delta FROM audit_entries a JOIN mutations m ON m.id = a.mutation_id
       JOIN mutation_entries e ON e.mutation_id = m.id
     WHERE a.install_id = $1 AND a.kind = 'applied_after_retirement'`,
    shop.installId,
  );
  const entries = truthOf(house, shop.shop);
  const ours = entries.filter((entry) => entry.cause.kind === "app");
  const named = (key: string | undefined, item: string, location: string, name: string, delta: number) => `${key} ${item}@${location} ${name} ${delta}`;
  const ledger = applied.flatMap(({ operation, key, item, location, delta }) =>
    operation !== "move" ? [named(key, item, location, "available", delta)] : [named(key, item, location, "available", -delta), named(key, item, location, "reserved", delta)],
  );
  const truth = ours.map((entry) => named(entry.cause.idempotencyKey, tail(entry.inventoryItemId), tail(entry.locationId), entry.name, entry.delta));
  const changes = await house.composed.database.query<{ mutation_id: string; sum: number; entries: number }>(
    `SELECT m.id::text AS mutation_id, (SELECT coalesce(sum(delta), 0)::int FROM changes WHERE mutation_id = m.id AND state = 'applied') AS sum,
            (SELECT coalesce(sum(delta), 0)::int FROM mutation_entries WHERE mutation_id = m.id AND refused IS NULL) AS entries
     FROM mutations m WHERE m.install_id = $1 AND m.state = 'applied'`,
    shop.installId,
  );
  const audited = await house.composed.database.query<{ change_id: string; told: number; units: boolean }>(
    `SELECT c.id::text AS change_id, count(a.id)::int AS told, coalesce(bool_and(a.delta = c.delta), true) AS units
     FROM changes c LEFT JOIN audit_entries a ON a.change_id = c.id AND a.kind IN ('change_applied', 'change_resolved_applied')
     WHERE c.install_id = $1 GROUP BY c.id HAVING count(a.id) <> CASE WHEN c.state = 'applied' THEN 1 ELSE 0 END OR NOT coalesce(bool_and(a.delta = c.delta), true)`,
    shop.installId,
  );
  const { maxInFlightPerItem } = house.simulator.control.requests({ shop: shop.shop, limit: 10_000 });
  return [
    // Invariant 10: two requests that change the same item and location are never in flight at once.
    ...(maxInFlightPerItem > 1 ? [`${maxInFlightPerItem} requests for one item were in flight at once`] : []),
    ...missing(ledger, truth).map((entry) => `in the ledger, not in Shopify: ${entry}`),
    ...missing(truth, ledger).map((entry) => `in Shopify, not in the ledger: ${entry}`),
    ...(await blockDifferences(house, shop, ours)),
    ...changes.filter((mutation) => mutation.sum !== mutation.entries).map((mutation) => `changes do not add up to mutation ${mutation.mutation_id}`),
    ...audited.map(({ change_id: changeId, told, units }) => `the audit trail tells ${told} times that change ${changeId} was applied${units ? "" : ", with other units"}`),
  ];
}

/** Between what blocks count and what Shopify holds of ours, or the open moves: units on their way are counted, and nothing else is. */
async function blockDifferences(house: House, shop: HouseShop, ours: readonly TruthEntry[]): Promise<string[]> {
  const blocks = await house.composed.database.query<{ item: string; location: string; held: number; growing: number; leaving: number; asked: number; returning: number }>(
    `SELECT b.inventory_item_id AS item, b.location_id AS location, b.held, b.growing, b.leaving, coalesce(sum(greatest(c.delta, 0)), 0)::int AS asked,
       coalesce(sum(greatest(-c.delta, 0)), 0)::int AS returning
     FROM stock_blocks b LEFT JOIN changes c ON c.install_id = b.install_id AND c.inventory_item_id = b.inventory_item_id AND c.location_id = b.location_id
       AND c.quantity_name = 'hold' AND c.state IN ('waiting', 'claimed', 'parked')
     WHERE b.install_id = $1 GROUP BY b.install_id, b.inventory_item_id, b.location_id`,
    shop.installId,
  );
  const reserved = new Map<string, number>();
  for (const entry of ours) {
    const stock = `${tail(entry.inventoryItemId)}@${tail(entry.locationId)}`;
    if (entry.name === "reserved") reserved.set(stock, (reserved.get(stock) ?? 0) + entry.delta);
  }
  const differences = blocks.flatMap(({ item, location, held, growing, leaving, asked, returning }) => {
    const stock = `${item}@${location}`;
    const inShopify = reserved.get(stock) ?? 0;
    reserved.delete(stock);
    return [
      ...(held === inShopify ? [] : [`the block ${stock} counts ${held}, Shopify holds ${inShopify}`]),
      ...(growing === asked && leaving === returning ? [] : [`the block ${stock} counts ${growing} growing and ${leaving} leaving; moves of ${asked} and ${returning} are open`]),
    ];
  });
  return [...differences, ...[...reserved].filter(([, units]) => units !== 0).map(([stock, units]) => `Shopify holds ${units} of ${stock}, and there is no block`)];
}

/** Units that our writes moved in Shopify, by item gid. */
export function unitsMoved(house: House, shop: HouseShop, inventoryItemId: string): number {
  return truthOf(house, shop.shop)
    .filter((entry) => entry.cause.kind === "app" && entry.name === "available" && tail(entry.inventoryItemId) === tail(inventoryItemId))
    .reduce((sum, entry) => sum + entry.delta, 0);
}

function truthOf(house: House, shop: string): TruthEntry[] {
  const all: TruthEntry[] = [];
  for (let after = 0; ; ) {
    const page = house.simulator.control.truth(shop, { after, limit: 5_000 });
    all.push(...(page.items as TruthEntry[]));
    if (page.next === null || page.items.length === 0) return all;
    after = page.next;
  }
}

function missing(from: readonly string[], within: readonly string[]): string[] {
  const left = [...within];
  return from.filter((entry) => {
    const index = left.indexOf(entry);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

function tail(id: string): string {
  return parseGid(id)?.id ?? id;
}

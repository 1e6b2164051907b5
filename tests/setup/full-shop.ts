// A shop that has a row behind every page: orders through the whole house, and what would take hours to come about by itself written into its tables.
import { randomUUID } from "node:crypto";

import type { SqlValue } from "#app/ports/database.ts";
import type { OversellOrder } from "#app/ports/stock-watch.ts";

import type { House, HouseShop } from "./house.ts";

/** Ids of its rows, as addresses and forms carry them. */
export interface FullShop extends HouseShop {
  readonly name: string;
  /** Of its API. */
  readonly token: string;
  readonly tokenId: string;
  readonly itemId: string;
  readonly variantId: string;
  readonly locationId: string;
  readonly orderId: string;
  readonly appliedChangeId: string;
  readonly parkedChangeId: string;
  readonly deliveryId: string;
  readonly holdId: string;
  readonly undecidedHoldId: string;
  readonly oversellId: string;
  readonly conflictId: string;
  readonly driftId: string;
  readonly pushId: string;
  readonly alertId: string;
  /** The newest. */
  readonly settingsVersion: string;
  /** Texts that stand in its rows and in nobody else's. */
  readonly marks: readonly string[];
}

export interface FullShopOptions {
  readonly scopes?: readonly string[];
  /** How often its settings were saved, so that one shop can have versions that another has not. */
  readonly saves?: number;
}

const idOf = (gid: string) => gid.slice(gid.lastIndexOf("/") + 1);

export async function openFullShop(house: House, name: string, { scopes = ["write_inventory"], saves = 1 }: FullShopOptions = {}): Promise<FullShop> {
  const shop = await house.openShop({ name, scopes });
  const locationId = shop.locationIds[0] ?? "";
  const sku = `SKU-OF-${name.toUpperCase()}`;
  const title = `Kettle of ${name}`;
  const [variant] = house.simulator.control.createProduct(shop.shop, { title, variants: [{ sku, levels: [{ locationId, available: 50 }] }] }).variants;
  if (variant === undefined) throw new Error("the product has a variant");
  for (let count = 1; count < saves; count += 1) await house.settings(shop, (settings) => ({ ...settings, retentionDays: settings.retentionDays + 1 }));
  const { version } = await house.protect(shop);
  const buy = () => {
    const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: variant.variantId, quantity: 1 }] });
    if ("refused" in placed) throw new Error("the order was refused");
    return idOf(placed.orderId);
  };
  const orderId = buy();
  await house.settle(shop.shop);
  house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "user_error", code: "INVALID_INVENTORY_ITEM", index: 0, times: 1, shop: shop.shop });
  const secondOrderId = buy();
  await house.settle(shop.shop);

  const token = await house.composed.apiTokenStore.create({ installId: shop.installId, label: `token of ${name}`, actor: "test" });
  if (token.kind !== "created") throw new Error("no token was made");
  const [tokenRow] = await house.composed.apiTokenStore.list(shop.installId);
  const stock = { ...shop, name, sku, title, orderId, item: idOf(variant.inventoryItemId), location: idOf(locationId) };
  const ids = await writeRows(house, stock);
  const { item } = stock;
  return {
    ...shop,
    name,
    token: token.token,
    tokenId: tokenRow?.id ?? "",
    itemId: item,
    variantId: idOf(variant.variantId),
    locationId: idOf(locationId),
    orderId,
    settingsVersion: String(version),
    ...ids,
    marks: [sku, title, orderId, secondOrderId, item, `token of ${name}`, ids.holdId, ids.undecidedHoldId, shop.shop],
  };
}

interface Stock extends HouseShop {
  readonly name: string;
  readonly sku: string;
  readonly title: string;
  readonly orderId: string;
  readonly item: string;
  readonly location: string;
}

async function writeRows({ composed: { database } }: House, { installId, shop, sku, title, orderId, item, location }: Stock) {
  const one = async (sql: string, ...values: SqlValue[]): Promise<string> => {
    const [row] = await database.query<{ id: bigint | string }>(sql, ...values);
    if (row === undefined) throw new Error(`no row for: ${sql}`);
    return String(row.id);
  };
  const stock = [installId, shop, item, location, sku, title] as const;
  const ofOrder: OversellOrder = { orderId, name: `#${orderId}`, lineId: "1", committedAt: new Date().toISOString(), units: 3, unitsShort: 2, paid: true, verdict: "short", exempt: null };
  const hold = (state: string, settlement: string | null) =>
    one(
      `WITH made AS (
         INSERT INTO reservations (id, install_id, shop, idempotency_key, body_hash, state, expires_at, trace_id, finished_at, finished_by, settlement)
         VALUES ($1::uuid, $2, $3, $1, 'hash', $4, now() + interval '1 hour', 'trace', CASE WHEN $4 <> 'active' THEN now() END, CASE WHEN $4 <> 'active' THEN 'token:1' END, $5) RETURNING id),
       line AS (
         INSERT INTO reservation_lines (reservation_id, position, install_id, inventory_item_id, location_id, sku, quantity, counts) SELECT id, 0, $2, $6, $7, $8, 1, true FROM made),
       block AS (
         INSERT INTO stock_blocks AS b (install_id, inventory_item_id, location_id, held, granted, settling) VALUES ($2, $6, $7, 1, CASE WHEN $5::text IS NULL THEN 1 ELSE 0 END, CASE WHEN $5::text IS NULL THEN 0 ELSE 1 END)
         ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE SET held = b.held + 1, granted = b.granted + excluded.granted, settling = b.settling + excluded.settling)
       SELECT id FROM made`,
      randomUUID(), installId, shop, state, settlement, item, location, sku,
    );
  return {
    appliedChangeId: await one(`SELECT id FROM changes WHERE install_id = $1 AND state = 'applied' LIMIT 1`, installId),
    parkedChangeId: await one(`SELECT id FROM changes WHERE install_id = $1 AND state = 'parked' LIMIT 1`, installId),
    deliveryId: await one(`SELECT id FROM deliveries WHERE install_id = $1 AND topic = 'orders/create' ORDER BY id LIMIT 1`, installId),
    holdId: await hold("active", null),
    undecidedHoldId: await hold("committed", "person"),
    oversellId: await one(
      `INSERT INTO oversells (install_id, shop, inventory_item_id, location_id, sku, title, kind, depth, short, orders, policy, cause, confidence, seen_by)
       VALUES ($1, $2, $3, $4, $5, $6, 'oversold', 3, 2, $7::jsonb, 'latest_first', 'two_sales', 'certain', 'notification') RETURNING id`,
      ...stock, JSON.stringify([ofOrder]),
    ),
    conflictId: await one(
      `INSERT INTO conflicts (install_id, shop, inventory_item_id, location_id, sku, title, observation_id, at, value_before, value_written, same_as_at, units_at_risk, unseen, confidence)
       VALUES ($1, $2, $3, $4, $5, $6, 1000000, now(), 7, 10, now() - interval '1 minute', 3, '[]', 'certain') RETURNING id`,
      ...stock,
    ),
    driftId: await one(
      `INSERT INTO drifts (install_id, shop, inventory_item_id, location_id, sku, title, shopify, known, difference, explanation) VALUES ($1, $2, $3, $4, $5, $6, 9, 7, 2, 'unknown') RETURNING id`,
      ...stock,
    ),
    pushId: await one(
      `INSERT INTO external_pushes (install_id, shop, change_id, inventory_item_id, sequence, content, state, reason)
       VALUES ($1, $2, (SELECT id FROM changes WHERE install_id = $1 AND state = 'applied' LIMIT 1), $3, 1, jsonb_build_object('sku', $4::text, 'delta', -1, 'quantityName', 'available', 'traceId', 't'), 'parked', 'answered 422') RETURNING id`,
      installId, shop, item, sku,
    ),
    alertId: await one(
      `WITH event AS (
         INSERT INTO alert_events (install_id, shop, kind, subject, stage, facts) VALUES ($1, $2, 'oversell', 'seeded', 'opened', '{}') RETURNING id)
       INSERT INTO alert_messages (install_id, shop, event_id, channel, channel_kind, target, kind, subject, stage, content, state, attempt_count, ended_at, last_error)
       SELECT $1, $2, id, 'c', 'webhook', $3, 'oversell', 'seeded', 'opened', '{}', 'failed', 3, now(), 'answered 500' FROM event RETURNING id`,
      installId, shop, `https://alerts.${shop}/hook`,
    ),
  };
}

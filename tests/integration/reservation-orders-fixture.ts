// For tests of what ties orders and reservations: a shop whose units can be held, and what Shopify and the block have of them.
import { randomUUID } from "node:crypto";

import { parseGid } from "#app/domain/gid.ts";
import type { Reservation } from "#app/ports/reservation-book.ts";
import { settleHolds } from "#app/reservations/settle-holds.server.ts";
import type { House, HouseShop } from "#tests/setup/house.ts";

export interface HoldingShop extends HouseShop {
  /** gids, and the decimal ids that the book speaks. */
  readonly variantId: string;
  readonly inventoryItemId: string;
  readonly item: string;
  readonly location: string;
  readonly variant: string;
}

/** The n-th request for units is refused as long as the block grows, and turns are taken in between; more than this never helps. */
const ASKED_MAX = 5;

export async function openHoldingShop(house: House, available: number): Promise<HoldingShop> {
  const shop = await house.openShop({ scopes: ["write_inventory", "write_orders"] });
  const [locationId = ""] = shop.locationIds;
  const [made] = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "KETTLE", levels: [{ locationId, available }] }] }).variants;
  if (!made) throw new Error("the product has a variant");
  await house.protect(shop);
  await house.settle(shop.shop);
  const ids = { item: idOf(made.inventoryItemId), location: idOf(locationId), variant: idOf(made.variantId) };
  await house.composed.reservations.observe(await installOf(house, shop), [{ inventoryItemId: ids.item, locationId: ids.location }]);
  return { ...shop, ...ids, variantId: made.variantId, inventoryItemId: made.inventoryItemId };
}

export async function installOf(house: House, { shop }: HouseShop) {
  const install = await house.composed.installStore.active(shop);
  if (!install) throw new Error(`${shop} is installed`);
  return install;
}

export async function hold(house: House, shop: HoldingShop, quantity: number): Promise<Reservation> {
  const { book } = house.composed.reservations;
  const line = { inventoryItemId: shop.item, locationId: shop.location, variantId: shop.variant, sku: "KETTLE", quantity, counts: true };
  const request = {
    installId: shop.installId, shop: shop.shop, idempotencyKey: randomUUID(), bodyHash: "hash", tokenId: null, reference: null, ttlSeconds: 600, lines: [line],
    traceId: randomUUID(), promiseFrom: "block" as const, unitsPerReferenceMax: null, unitsPerTokenMax: null,
  };
  for (let asked = 0; asked < ASKED_MAX; asked += 1) {
    const [outcome] = (await book.reserve([request])).outcomes;
    if (outcome?.kind === "granted") return outcome.reservation;
    await house.settle(shop.shop);
  }
  throw new Error(`${quantity} units cannot be held`);
}

export async function commit(house: House, reservation: Reservation, more: { orderId?: string; createOrder?: boolean; hash?: string } = {}) {
  const { orderId = null, createOrder = false, hash = "commit" } = more;
  const outcome = await house.composed.reservations.book.commit({
    installId: reservation.installId, reservationId: reservation.id, commitHash: hash, orderId, paymentReference: "pay-1",
    createOrder: createOrder ? { bodyHash: hash, giveUpAfterMs: 600_000 } : null, promiseFrom: "block", by: "test",
  });
  return outcome;
}

export async function find(house: House, { installId, id }: Reservation): Promise<Reservation> {
  const found = await house.composed.reservations.book.find(installId, id);
  if (!found) throw new Error(`there is no reservation ${id}`);
  return found;
}

/** As if the seconds had passed for which a tie, a settlement or a look was told to wait. */
export async function makeDue({ composed: { database } }: House): Promise<void> {
  await database.execute(`UPDATE reservations SET settle_at = now() WHERE settle_at > now()`);
  await database.execute(`UPDATE orders SET tie_at = now() WHERE tie_at > now()`);
  await database.execute(`UPDATE reservation_orders SET look_at = now() WHERE look_at > now()`);
}

/** Everything is delivered, worked on and settled, and what goes back has gone. */
export async function settleAll(house: House, shop: HoldingShop): Promise<void> {
  await house.settle(shop.shop);
  await makeDue(house);
  await settleHolds(house.composed.reservations);
  await house.settle(shop.shop);
}

export async function blockOf(house: House, { installId, item, location }: HoldingShop) {
  const [block] = await house.composed.database.query<{ held: number; granted: number; settling: number; leaving: number; growing: number }>(
    `SELECT held, granted, settling, leaving, growing FROM stock_blocks WHERE install_id = $1 AND inventory_item_id = $2 AND location_id = $3`,
    installId,
    item,
    location,
  );
  return block ?? { held: 0, granted: 0, settling: 0, leaving: 0, growing: 0 };
}

export function stockOf(house: House, { shop, inventoryItemId }: HoldingShop): { available: number; reserved: number; committed: number } {
  const level = house.simulator.control.levels(shop).find((each) => each["inventoryItemId"] === inventoryItemId);
  const { available = 0, reserved = 0, committed = 0 } = (level?.["quantities"] ?? {}) as Record<string, number>;
  return { available, reserved, committed };
}

/** What is for sale one way or the other: what nobody was promised, in `available` or free in the block. */
export async function sellable(house: House, shop: HoldingShop): Promise<number> {
  const { held, granted, settling, leaving } = await blockOf(house, shop);
  return stockOf(house, shop).available + held - granted - settling - leaving;
}

export async function auditOf({ composed: { database } }: House, { id }: Reservation): Promise<string[]> {
  const rows = await database.query<{ kind: string }>(`SELECT kind FROM audit_entries WHERE detail ->> 'reservation' = $1 ORDER BY id`, id);
  return rows.map(({ kind }) => kind);
}

export async function makingOf({ composed: { database } }: House, { id }: Reservation) {
  const [row] = await database.query<{ state: string; order_id: string | null; failure: string | null; attempt_count: number }>(`SELECT state, order_id, failure, attempt_count FROM reservation_orders WHERE reservation_id = $1::uuid`, id);
  return row ?? null;
}

export function idOf(gid: string): string {
  return parseGid(gid)?.id ?? "";
}

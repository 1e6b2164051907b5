// What the tests of moves and blocks share: a protected shop with kettles, moves asked for as a grant or a settlement asks, and Shopify's numbers.
import { expect } from "vitest";

import { askForMoves } from "#app/adapters/prisma/hold-moves.ts";
import type { House, HouseShop } from "#tests/setup/house.ts";

export interface Store {
  readonly shop: HouseShop;
  readonly variantId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
}

export const tail = (gid: string) => gid.split("/").at(-1) ?? "";

/** `house`: asked for with each call, because tests open it after their module was read. */
export function movesStage(house: () => House) {
  /** A protected shop with 100 kettles, the level known. */
  async function openStore(available = 100): Promise<Store> {
    const shop = await house().openShop();
    const locationId = shop.locationIds[0] ?? "";
    const { variants } = house().simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "KETTLE", levels: [{ locationId, available }] }] });
    const [variant] = variants;
    if (!variant) throw new Error("the product has a variant");
    await house().protect(shop);
    await house().settle(shop.shop);
    await house().composed.database.execute(
      `INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source) VALUES ($1, $2, $3, $4, now() - interval '1 hour', 'read')
       ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE SET available = excluded.available`,
      shop.installId,
      tail(variant.inventoryItemId),
      tail(locationId),
      available,
    );
    return { shop, variantId: variant.variantId, inventoryItemId: tail(variant.inventoryItemId), locationId: tail(locationId) };
  }

  async function ask({ shop, inventoryItemId, locationId }: Store, ...deltas: number[]): Promise<void> {
    await house().composed.database.transaction(async (tx) => {
      await tx.execute(`INSERT INTO stock_blocks (install_id, inventory_item_id, location_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, shop.installId, inventoryItemId, locationId);
      await tx.query(`SELECT 1 FROM stock_blocks WHERE install_id = $1 FOR UPDATE`, shop.installId);
      await askForMoves(tx, shop.installId, deltas.map((delta) => ({ inventoryItemId, locationId, delta, traceId: "trace" })));
    });
  }

  const block = async ({ shop }: Store) =>
    (await house().composed.database.query(`SELECT held, growing, leaving FROM stock_blocks WHERE install_id = $1`, shop.installId))[0];
  const moves = ({ shop }: Store) =>
    house().composed.database.query<{ state: string; reason: string | null; delta: number; before: number | null; after: number | null }>(
      `SELECT state, reason, delta, before, after FROM changes WHERE install_id = $1 AND quantity_name = 'hold' ORDER BY id`,
      shop.installId,
    );
  const quantities = ({ shop, inventoryItemId, locationId }: Store) => {
    const { items } = house().simulator.control.truth(shop.shop, { after: 0, limit: 5_000 }) as { items: { inventoryItemId: string; locationId: string; name: string; delta: number }[] };
    const of = (name: string) => items.filter((entry) => entry.name === name && tail(entry.inventoryItemId) === inventoryItemId && tail(entry.locationId) === locationId).reduce((sum, { delta }) => sum + delta, 0);
    return { available: of("available"), reserved: of("reserved") };
  };

  const sql = <Row>(statement: string, ...values: Parameters<House["composed"]["database"]["query"]>[1][]) => house().composed.database.query<Row>(statement, ...values);
  const level = async ({ shop, inventoryItemId }: Store) =>
    (await sql<{ available: number | null }>(`SELECT available FROM stock_levels WHERE install_id = $1 AND inventory_item_id = $2`, shop.installId, inventoryItemId))[0]?.available;
  const fault = ({ shop }: Store, of: { kind: "before_commit" | "after_commit" | "cut" | "http_5xx" | "user_error"; code?: string; index?: number }) =>
    house().simulator.control.addFault({ boundary: "inventoryMoveQuantities", times: 1, shop: shop.shop, ...of });
  /** A person's word on what is parked. */
  async function judge({ shop }: Store, act: "retry" | "resolve_applied" | "resolve_not_applied"): Promise<void> {
    const parked = await sql<{ id: bigint }>(`SELECT id FROM changes WHERE install_id = $1 AND state = 'parked'`, shop.installId);
    const result = await house().composed.review.desk.act({ installId: shop.installId, changeIds: parked.map(({ id }) => id), act, actor: "test", note: "counted", dryRun: false });
    expect(result).toMatchObject({ kind: "judged", changedCount: parked.length });
  }

  return { openStore, ask, block, moves, quantities, sql, level, fault, judge };
}

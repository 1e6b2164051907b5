// A shop with a few items whose orders are deducted, and the looks that every test of this folder ends with.
import { expect } from "vitest";

import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import type { House, HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";

export type FaultInput = Parameters<House["simulator"]["control"]["addFault"]>[0];

type PlacedOrder = Exclude<ReturnType<House["simulator"]["control"]["placeOrder"]>, { refused: unknown }>;

export interface StoreUnderTest {
  readonly shop: HouseShop;
  readonly variants: readonly { readonly variantId: string; readonly inventoryItemId: string }[];
  /** An order of one unit through the protected source. */
  buy(index?: number, quantity?: number): PlacedOrder;
  /** Somebody else's app changes the stock. */
  meddle(delta: number, index?: number): void;
  /** What strikes the next calls that change this shop's stock. */
  fault(fault: Omit<FaultInput, "boundary" | "shop"> & { boundary?: string }): void;
  /** `applied`, or `parked:<reason>`, of every change in the order of their making. */
  states(): Promise<string[]>;
  attempts(): Promise<(string | null)[]>;
  keys(): Promise<string[]>;
  moved(index?: number): number;
  /** Delivers the order's webhook and takes one turn. */
  oneTurn(): Promise<void>;
  /** Everything is made due and worked on to the end. */
  settle(ports?: Partial<TurnPorts>): Promise<void>;
  /** Ledger = audit = Shopify, no two requests for one item at once, nothing left open, and parked is what was said. */
  endsWell(parked?: readonly string[]): Promise<void>;
}

export async function openStore(house: House, items = 1): Promise<StoreUnderTest> {
  const shop = await house.openShop();
  const { control } = house.simulator;
  const { database } = house.composed;
  const locationId = shop.locationIds[0] ?? "";
  const product = control.createProduct(shop.shop, {
    title: "Kettle",
    variants: Array.from({ length: items }, (_, index) => ({ sku: `K-${index}`, levels: [{ locationId, available: 100 }] })),
  });
  await house.protect(shop);
  const at = (index: number) => {
    const variant = product.variants[index];
    if (!variant) throw new Error(`there is no variant ${index}`);
    return variant;
  };
  const store: StoreUnderTest = {
    shop,
    variants: product.variants,
    buy(index = 0, quantity = 1) {
      const placed = control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: at(index).variantId, quantity }] });
      if ("refused" in placed) throw new Error("the order was refused");
      return placed;
    },
    meddle: (delta, index = 0) => void control.adjustLevel(shop.shop, { inventoryItemId: at(index).inventoryItemId, locationId, delta, writer: "erp" }),
    fault: (fault) => void control.addFault({ boundary: "HoldfastAdjustQuantities", shop: shop.shop, ...fault }),
    async states() {
      const rows = await database.query<{ state: string; reason: string | null }>(`SELECT state, reason FROM changes WHERE install_id = $1 ORDER BY id`, shop.installId);
      return rows.map(({ state, reason }) => (reason === null ? state : `${state}:${reason}`));
    },
    async attempts() {
      const rows = await database.query<{ outcome: string | null }>(
        `SELECT outcome FROM attempts a JOIN mutations m ON m.id = a.mutation_id WHERE m.install_id = $1 ORDER BY m.claimed_at, a.number`,
        shop.installId,
      );
      return rows.map(({ outcome }) => outcome);
    },
    async keys() {
      return (await database.query<{ key: string }>(`SELECT key::text FROM mutations WHERE install_id = $1 ORDER BY claimed_at`, shop.installId)).map(({ key }) => key);
    },
    moved: (index = 0) => unitsMoved(house, shop, at(index).inventoryItemId),
    async oneTurn() {
      await house.delivered();
      await house.turn(shop.shop);
    },
    settle: (ports) => house.settle(shop.shop, ports),
    async endsWell(parked = []) {
      expect((await store.states()).filter((state) => state.startsWith("parked")).toSorted()).toEqual([...parked].toSorted());
      expect((await store.states()).filter((state) => ["waiting", "claimed"].includes(state))).toEqual([]);
      expect(await database.query(`SELECT id FROM mutations WHERE install_id = $1 AND state = 'open'`, shop.installId)).toEqual([]);
      expect(await ledgerDifferences(house, shop)).toEqual([]);
    },
  };
  return store;
}

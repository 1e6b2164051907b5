// A shop in which one item was sold once more often than it is there: three orders of one for two mugs, through a channel whose orders Shopify counts down whatever there is.
import { vi } from "vitest";
import { callApi } from "./settings-by-api.ts";
import { openSmallShop } from "./small-shop.ts";
import type { PlacedOrder, SmallShop, SmallShopOptions } from "./small-shop.ts";
import type { WholeApp } from "./whole-app.ts";

/** Generous, because a test machine may be busy. */
const WAIT_LIMIT_MS = 60_000;

export interface OversoldShop {
  readonly small: SmallShop;
  /** In the order they were sold; the last is short. */
  readonly orders: readonly PlacedOrder[];
  readonly last: PlacedOrder;
  readonly oversellId: string;
}

export async function openOversoldShop(whole: WholeApp, name: string, options: SmallShopOptions = {}): Promise<OversoldShop> {
  const small = openSmallShop(whole, name, options);
  await whole.firstVisit(small.shop);
  return { small, ...(await sellTooMany(whole, small)) };
}

/** In a shop whose first page was opened. Answers when detection has found it. */
export async function sellTooMany(whole: WholeApp, { shop, locationId }: SmallShop): Promise<Omit<OversoldShop, "small">> {
  const { control } = whole.simulator;
  const [mug] = control.createProduct(shop, { title: "Blue mug", variants: [{ sku: "BLUE-MUG", levels: [{ locationId, available: 2 }] }] }).variants;
  if (mug === undefined) throw new Error("the product has a variant");
  const orders = [1, 2, 3].map((): PlacedOrder => {
    const placed = control.placeOrder(shop, { channel: "api", sourceName: "web", inventoryBehaviour: "DECREMENT_IGNORING_POLICY", lines: [{ variantId: mug.variantId, quantity: 1 }] });
    if ("refused" in placed) throw new Error("the order was refused");
    return placed;
  });
  const last = orders.at(-1);
  if (last === undefined) throw new Error("three orders were placed");
  const token = await whole.createToken(shop);
  const oversellId = await vi.waitFor(
    async () => {
      const response = await callApi(whole, token, "/oversells");
      const { items } = (await response.json()) as { items: { id: string; sku: string; depth: number }[] };
      const found = items.find(({ sku, depth }) => sku === "BLUE-MUG" && depth === 1);
      if (found === undefined) throw new Error("the oversell has not been found yet");
      return found.id;
    },
    { timeout: WAIT_LIMIT_MS, interval: 200 },
  );
  return { orders, last, oversellId };
}

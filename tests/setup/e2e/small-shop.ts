// A small shop for the merchant's journeys: three products at one location, and an outside channel whose orders leave stock alone.
import type { Simulator } from "#simulator/start.ts";
import type { WholeApp } from "./whole-app.ts";

/** Orders of this source bypass Shopify's own decrement. */
export const CHANNEL = "my-channel";

export interface StockedItem {
  readonly sku: string;
  readonly variantId: string;
  readonly inventoryItemId: string;
}

export interface SmallShop {
  readonly shop: string;
  readonly locationId: string;
  readonly candle: StockedItem;
  readonly mug: StockedItem;
  /** Sold as one variant; made of a candle and a mug by the merchant's own rule. */
  readonly giftSet: StockedItem;
  /** An order through the channel. */
  order(item: StockedItem, quantity?: number): PlacedOrder;
  /** Shopify's own number. */
  available(item: StockedItem): number;
  /** Changes of `available` that the app made, as Shopify recorded them. */
  changesByApp(): ReturnType<Simulator["control"]["truth"]>["items"];
}

export interface PlacedOrder {
  readonly orderId: string;
  readonly name: string;
}

export interface SmallShopOptions {
  /** Optional scopes granted with the installation; null: the app is not installed yet. */
  readonly scopes?: readonly string[] | null;
}

export function openSmallShop({ simulator }: Pick<WholeApp, "simulator">, name: string, options: SmallShopOptions = {}): SmallShop {
  const { control } = simulator;
  const shop = `${name}.myshopify.com`;
  const locationId = control.createShop({ shop, plan: "plus", locations: [{ name: "Main warehouse" }] }).locations[0]?.id ?? "";
  const stock = (title: string, sku: string, available: number): StockedItem => {
    const [variant] = control.createProduct(shop, { title, variants: [{ sku, levels: [{ locationId, available }] }] }).variants;
    if (variant === undefined) throw new Error(`${sku} was made without a variant`);
    return variant;
  };
  const [candle, mug, giftSet] = [stock("Beeswax candle", "CANDLE", 400), stock("Stoneware mug", "MUG", 250), stock("Cosy evening set", "COSY-SET", 120)];
  if (options.scopes !== null) control.install(shop, { scopes: [...(options.scopes ?? [])] });
  return {
    shop,
    locationId,
    candle,
    mug,
    giftSet,
    order({ variantId }, quantity = 1) {
      const placed = control.placeOrder(shop, { channel: "api", sourceName: CHANNEL, inventoryBehaviour: "BYPASS", lines: [{ variantId, quantity }] });
      if ("refused" in placed) throw new Error(`an order that bypasses stock was refused: ${placed.refused}`);
      return placed;
    },
    available(item) {
      const level = control.levels(shop).find((one) => one["inventoryItemId"] === item.inventoryItemId);
      if (level === undefined) throw new Error(`${item.sku} has no level`);
      return Number(level["available"]);
    },
    changesByApp: () => control.truth(shop, { limit: 10_000 }).items.filter(({ cause, name: quantity }) => cause.kind === "app" && quantity === "available"),
  };
}

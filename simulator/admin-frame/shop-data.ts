// What the admin page shows of a shop, read straight from the simulated world: products with stock, recent orders, writers.
import { gid } from "../world/ids.ts";
import { levelKey } from "../world/inventory.ts";
import { currentQuantity } from "../world/order-lines.ts";
import type { Product, ShopState, Variant } from "../world/state.ts";

const recentOrders = 12;
const recentTruth = 14;

/** Products in the shape App Bridge's resource picker hands to an app. */
export function pickerProducts(shop: ShopState): unknown[] {
  return [...shop.products.values()].map((product) => ({
    id: gid("Product", product.id),
    title: product.title,
    handle: product.handle,
    status: "ACTIVE",
    images: [],
    options: [],
    hasOnlyDefaultVariant: product.variantIds.length === 1,
    totalVariants: product.variantIds.length,
    variants: variantsOf(shop, product).map((variant) => pickerVariant(shop, product, variant)),
  }));
}

function pickerVariant(shop: ShopState, product: Product, variant: Variant) {
  const levels = shop.levelsByItem.get(variant.itemId) ?? [];
  return {
    id: gid("ProductVariant", variant.id),
    title: variant.title,
    displayName: variant.title === "Default Title" ? product.title : `${product.title} - ${variant.title}`,
    sku: variant.sku,
    price: variant.price,
    inventoryPolicy: variant.inventoryPolicy,
    inventoryManagement: shop.items.get(variant.itemId)?.tracked === false ? "NOT_MANAGED" : "SHOPIFY",
    inventoryQuantity: levels.reduce((sum, level) => sum + level.quantities.available.value, 0),
    inventoryItem: { id: gid("InventoryItem", variant.itemId) },
    requiresComponents: variant.requiresComponents,
    product: { id: gid("Product", product.id), title: product.title },
    selectedOptions: [],
  };
}

export type StockRow = {
  productId: string;
  variantId: string;
  inventoryItemId: string;
  locationId: string;
  title: string;
  sku: string;
  location: string;
  available: number;
  committed: number;
};

export type OrderRow = {
  orderId: string;
  name: string;
  source: string;
  cancelled: boolean;
  lines: { lineItemId: string; title: string; quantity: number }[];
};

export type PanelData = { stock: StockRow[]; orders: OrderRow[]; orderCount: number; truth: TruthRow[] };
export type TruthRow = { seq: number; sku: string; delta: number; after: number; by: string };

export function panelData(shop: ShopState): PanelData {
  const orders = [...shop.orders.values()].slice(-recentOrders).toReversed();
  return {
    stock: stockRows(shop),
    orderCount: shop.orders.size,
    orders: orders.map((order) => ({
      orderId: gid("Order", order.id),
      name: order.name,
      source: order.sourceName,
      cancelled: order.cancelledAtMs !== null,
      lines: order.lines.map((line) => ({ lineItemId: gid("LineItem", line.id), title: line.title, quantity: currentQuantity(line) })),
    })),
    truth: truthRows(shop),
  };
}

function truthRows(shop: ShopState): TruthRow[] {
  const rows: TruthRow[] = [];
  for (let index = shop.truth.length - 1; index >= 0 && rows.length < recentTruth; index -= 1) {
    const entry = shop.truth[index];
    if (entry === undefined || entry.name !== "available") continue;
    const itemId = entry.inventoryItemId.split("/").at(-1) ?? "";
    const order = entry.cause.orderId === undefined ? undefined : shop.orders.get(entry.cause.orderId.split("/").at(-1) ?? "");
    const by = entry.cause.kind === "app" ? "the app" : entry.cause.kind === "writer" ? (entry.cause.writer ?? "another writer") : `Shopify${order ? `, ${order.name}` : ""}`;
    rows.push({ seq: entry.seq, sku: shop.items.get(itemId)?.sku ?? itemId, delta: entry.delta, after: entry.after, by });
  }
  return rows;
}

function stockRows(shop: ShopState): StockRow[] {
  return [...shop.products.values()].flatMap((product) =>
    variantsOf(shop, product).flatMap((variant) =>
      [...shop.locations.values()].flatMap((location): StockRow[] => {
        const level = shop.levels.get(levelKey(variant.itemId, location.id));
        if (level === undefined || !level.active) return [];
        return [
          {
            productId: gid("Product", product.id),
            variantId: gid("ProductVariant", variant.id),
            inventoryItemId: gid("InventoryItem", variant.itemId),
            locationId: gid("Location", location.id),
            title: variant.title === "Default Title" ? product.title : `${product.title}, ${variant.title}`,
            sku: variant.sku,
            location: location.name,
            available: level.quantities.available.value,
            committed: level.quantities.committed.value,
          },
        ];
      }),
    ),
  );
}

function variantsOf(shop: ShopState, product: Product): Variant[] {
  return product.variantIds.flatMap((id) => shop.variants.get(id) ?? []);
}

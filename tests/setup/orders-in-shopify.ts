// What the simulated Shopify has of each order, and what that means for stock by the merchant's rules: worked out without the app.
import type { House, HouseShop } from "./house.ts";

export interface ShopifyOrder {
  readonly id: number;
  readonly source_name: string;
  readonly cancelled_at: string | null;
  readonly financial_status: string;
  readonly line_items: readonly { readonly id: number; readonly variant_id: number; readonly quantity: number; readonly current_quantity: number }[];
  readonly refunds: readonly { readonly id: number; readonly refund_line_items: readonly { readonly line_item_id: number; readonly quantity: number; readonly restock_type: string }[] }[];
}

export function ordersInShopify(house: House, shop: Pick<HouseShop, "shop">): ShopifyOrder[] {
  const { control } = house.simulator;
  return control.orders(shop.shop).map(({ orderId }) => JSON.parse(JSON.stringify(control.order(shop.shop, orderId))) as ShopifyOrder);
}

/** Units of each variant that the orders have out of stock: ordered, less what was restocked; of a cancelled order what nobody restocked. */
export function unitsOut(orders: readonly ShopifyOrder[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const order of orders) {
    for (const line of order.line_items) {
      const refunded = order.refunds.flatMap((refund) => refund.refund_line_items).filter((entry) => entry.line_item_id === line.id);
      const sum = (restocked: boolean) => refunded.filter((entry) => (entry.restock_type !== "no_restock") === restocked).reduce((total, entry) => total + entry.quantity, 0);
      const units = order.cancelled_at === null ? line.quantity - sum(true) : sum(false);
      out.set(String(line.variant_id), (out.get(String(line.variant_id)) ?? 0) + units);
    }
  }
  return out;
}

/** Everything of an order that bears on stock, as text to compare with `asBooked`. */
export function asInShopify(order: ShopifyOrder): string {
  const lines = order.line_items.map((line) => `${line.id}:${line.quantity}:${line.current_quantity}`).toSorted();
  const refunds = order.refunds.flatMap((refund) => refund.refund_line_items.map((entry) => `${refund.id}:${entry.line_item_id}:${entry.quantity}:${entry.restock_type}`)).toSorted();
  const paid = ["paid", "partially_refunded", "refunded"].includes(order.financial_status);
  return JSON.stringify({ lines, refunds, cancelled: order.cancelled_at !== null, paid });
}

interface BookedOrder {
  readonly version: { readonly lines: readonly { readonly id: string; readonly quantity: number; readonly currentQuantity: number | null }[] } | null;
  readonly refunds: readonly { readonly id: string; readonly lines: readonly { readonly lineId: string; readonly quantity: number; readonly restockType: string }[] }[];
  readonly cancelledAt: string | null;
  readonly paid: boolean;
}

/** What Holdfast knows of each order of the shop, by order id. */
export async function ordersBooked(house: House, shop: HouseShop): Promise<Map<string, string>> {
  const rows = await house.composed.database.query<{ order_id: string; snapshot: BookedOrder }>(`SELECT order_id, snapshot FROM orders WHERE install_id = $1`, shop.installId);
  return new Map(
    rows.map(({ order_id, snapshot }) => {
      const lines = (snapshot.version?.lines ?? []).map((line) => `${line.id}:${line.quantity}:${line.currentQuantity}`).toSorted();
      const refunds = snapshot.refunds.flatMap((refund) => refund.lines.map((line) => `${refund.id}:${line.lineId}:${line.quantity}:${line.restockType}`)).toSorted();
      return [order_id, JSON.stringify({ lines, refunds, cancelled: snapshot.cancelledAt !== null, paid: snapshot.paid })];
    }),
  );
}

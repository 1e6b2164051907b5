// An order as Shopify's webhook tells of it, made by the benchmark: what the app reads of it, and nothing of a customer.

/** Orders of this source take their stock through Holdfast. */
export const SOURCE = "my-channel";

const FIRST_ORDER_ID = 5_000_000_000_000;

export interface OrderLineInput {
  readonly item: { readonly variantId: string };
  readonly quantity: number;
}

/** An order's webhook body with what the app reads of it, in Shopify's shape. */
export function orderBody(number: number, lines: readonly OrderLineInput[], at = new Date()): { orderId: string; body: Record<string, unknown> } {
  const orderId = String(FIRST_ORDER_ID + number);
  const time = at.toISOString();
  const body = {
    id: Number(orderId),
    admin_graphql_api_id: `gid://shopify/Order/${orderId}`,
    name: `#${number}`,
    source_name: SOURCE,
    test: false,
    created_at: time,
    updated_at: time,
    processed_at: time,
    cancelled_at: null,
    financial_status: "paid",
    fulfillment_status: null,
    location_id: null,
    refunds: [],
    line_items: lines.map(({ item, quantity }, index) => ({
      id: Number(orderId) * 10 + index,
      variant_id: Number(item.variantId),
      sku: `S-${item.variantId}`,
      name: "Product",
      quantity,
      current_quantity: quantity,
      fulfillable_quantity: quantity,
      gift_card: false,
      variant_inventory_management: "shopify",
    })),
  };
  return { orderId, body };
}

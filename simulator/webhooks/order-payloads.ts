// The bodies of order webhooks in REST shape, customer included: an app that must not take it has to leave it out itself.
import { currentQuantity, returnableQuantity, unfulfilledQuantity } from "../world/order-lines.ts";
import { zonedSeconds } from "../world/dates.ts";
import { gid } from "../world/ids.ts";
import { rawNumber, rawNumberOrNull } from "../world/raw-number.ts";
import type { LineDelta } from "../world/change-order.ts";
import type { Order, OrderLine, Refund, RefundLine, ShopState } from "../world/state.ts";

export function orderPayload(shop: ShopState, order: Order): Record<string, unknown> {
  const at = (ms: number | null) => (ms === null ? null : zonedSeconds(ms, shop.timezone));
  const total = order.lines.reduce((sum, line) => sum + Number(line.price) * line.quantity, 0).toFixed(2);
  const current = order.lines.reduce((sum, line) => sum + Number(line.price) * currentQuantity(line), 0).toFixed(2);
  return {
    id: rawNumber(order.id),
    admin_graphql_api_id: gid("Order", order.id),
    app_id: rawNumberOrNull(order.appId),
    ...SAMPLE_BUYER,
    ...(order.notes.email === null ? {} : { email: order.notes.email, contact_email: order.notes.email }),
    cancel_reason: order.cancelledAtMs === null ? null : "other",
    cancelled_at: at(order.cancelledAtMs),
    closed_at: null,
    confirmed: true,
    created_at: at(order.createdAtMs),
    currency: shop.currency,
    current_subtotal_price: current,
    current_subtotal_price_set: moneySet(current, shop.currency),
    current_total_price: current,
    current_total_price_set: moneySet(current, shop.currency),
    financial_status: financialStatus(order),
    fulfillment_status: fulfilmentStatus(order),
    location_id: rawNumberOrNull(order.locationId),
    name: order.name,
    note: order.notes.note,
    note_attributes: order.notes.attributes,
    number: order.number - 1000,
    order_number: order.number,
    presentment_currency: shop.currency,
    processed_at: at(order.processedAtMs),
    source_identifier: null,
    source_name: order.sourceName,
    source_url: null,
    subtotal_price: total,
    subtotal_price_set: moneySet(total, shop.currency),
    tags: order.notes.tags.join(", "),
    tax_lines: [],
    taxes_included: false,
    test: order.test,
    total_discounts: "0.00",
    total_discounts_set: moneySet("0.00", shop.currency),
    total_line_items_price: total,
    total_line_items_price_set: moneySet(total, shop.currency),
    total_price: total,
    total_price_set: moneySet(total, shop.currency),
    total_weight: 0,
    updated_at: at(order.updatedAtMs),
    user_id: null,
    fulfillments: [],
    line_items: order.lines.map((line) => linePayload(shop, line)),
    refunds: order.refunds.map((refund) => refundPayload(shop, order, refund)),
    shipping_lines: [],
  };
}

export function refundPayload(shop: ShopState, order: Order, refund: Refund): Record<string, unknown> {
  const at = zonedSeconds(refund.createdAtMs, shop.timezone);
  return {
    id: rawNumber(refund.id),
    admin_graphql_api_id: gid("Refund", refund.id),
    order_id: rawNumber(order.id),
    created_at: at,
    note: null,
    user_id: null,
    processed_at: at,
    duties: [],
    return: null,
    restock: refund.lines.some((line) => line.restockType !== "no_restock"),
    refund_shipping_lines: [],
    order_adjustments: [],
    refund_line_items: refund.lines.map((line) => refundLinePayload(shop, order, line)),
    transactions: [],
  };
}

/** Not the order: only what the edit added to or took from each line. */
export function orderEditedPayload(shop: ShopState, order: Order, deltas: readonly LineDelta[], atMs: number): Record<string, unknown> {
  return {
    order_edit: {
      id: rawNumber(order.id),
      app_id: null,
      created_at: zonedSeconds(atMs, shop.timezone),
      notify_customer: false,
      order_id: rawNumber(order.id),
      staff_note: "",
      user_id: null,
      line_items: {
        additions: deltas.filter(({ delta }) => delta > 0).map(lineDeltaPayload),
        removals: deltas.filter(({ delta }) => delta < 0).map(lineDeltaPayload),
      },
      discounts: { line_item: { additions: [], removals: [] } },
      shipping_lines: { additions: [], removals: [] },
    },
  };
}

function lineDeltaPayload({ lineItemId, delta }: LineDelta): Record<string, unknown> {
  return { id: rawNumber(lineItemId), delta };
}

export function financialStatus(order: Order): "pending" | "paid" | "partially_refunded" | "refunded" | "voided" {
  const refunded = order.refunds.length > 0;
  const nothingLeft = order.lines.every((line) => currentQuantity(line) === 0);
  if (order.paidAtMs === null) return order.cancelledAtMs !== null ? "voided" : "pending";
  if (refunded && nothingLeft) return "refunded";
  return refunded ? "partially_refunded" : "paid";
}

export function fulfilmentStatus(order: Order): "fulfilled" | "partial" | null {
  const sent = order.lines.some((line) => line.fulfilled > 0);
  const rest = order.lines.some((line) => unfulfilledQuantity(line) > 0);
  if (!sent) return null;
  return rest ? "partial" : "fulfilled";
}

function linePayload(shop: ShopState, line: OrderLine): Record<string, unknown> {
  return {
    id: rawNumber(line.id),
    admin_graphql_api_id: gid("LineItem", line.id),
    attributed_staffs: [],
    current_quantity: currentQuantity(line),
    fulfillable_quantity: unfulfilledQuantity(line),
    fulfillment_service: "manual",
    fulfillment_status: lineStatus(line),
    gift_card: line.giftCard,
    grams: 200,
    name: line.variantTitle === "Default Title" ? line.title : `${line.title} - ${line.variantTitle}`,
    price: line.price,
    price_set: moneySet(line.price, shop.currency),
    product_exists: true,
    product_id: rawNumber(line.productId),
    properties: line.properties,
    quantity: line.quantity,
    requires_shipping: line.requiresShipping,
    sales_line_item_group_id: rawNumberOrNull(line.group?.id ?? null),
    sku: line.sku,
    taxable: true,
    title: line.title,
    total_discount: "0.00",
    total_discount_set: moneySet("0.00", shop.currency),
    variant_id: rawNumber(line.variantId),
    variant_inventory_management: line.tracked ? "shopify" : null,
    variant_title: line.variantTitle,
    vendor: null,
    tax_lines: [],
    duties: [],
    discount_allocations: [],
  };
}

function lineStatus(line: OrderLine): "fulfilled" | "partial" | null {
  if (returnableQuantity(line) + line.removedFulfilled === 0) return null;
  return unfulfilledQuantity(line) === 0 ? "fulfilled" : "partial";
}

function refundLinePayload(shop: ShopState, order: Order, refunded: RefundLine): Record<string, unknown> {
  const line = order.lines.find((candidate) => candidate.id === refunded.lineItemId);
  const subtotal = line ? Number(line.price) * refunded.quantity : 0;
  return {
    id: rawNumber(refunded.id),
    line_item_id: rawNumber(refunded.lineItemId),
    location_id: rawNumberOrNull(refunded.locationId),
    quantity: refunded.quantity,
    restock_type: refunded.restockType,
    subtotal,
    total_tax: 0,
    subtotal_set: moneySet(subtotal.toFixed(2), shop.currency),
    total_tax_set: moneySet("0.00", shop.currency),
    line_item: line ? linePayload(shop, line) : null,
  };
}

function moneySet(amount: string, currency: string): Record<string, unknown> {
  const money = { amount, currency_code: currency };
  return { shop_money: money, presentment_money: money };
}

const SAMPLE_ADDRESS = {
  first_name: "Bob",
  last_name: "Norman",
  name: "Bob Norman",
  company: null,
  address1: "Chestnut Street 92",
  address2: "",
  city: "Louisville",
  province: "Kentucky",
  province_code: "KY",
  country: "United States",
  country_code: "US",
  zip: "40202",
  phone: "555-625-1199",
  latitude: 45.41634,
  longitude: -75.6868,
};

/** The buyer of Shopify's own sample payloads stands in every order. */
const SAMPLE_BUYER = {
  browser_ip: "0.0.0.0",
  buyer_accepts_marketing: false,
  cart_token: "68778783ad298f1c80c3bafcddeea02f",
  checkout_id: 901414060,
  checkout_token: "bd5a8aa1ecd019dd3520ff791ee3a24c",
  client_details: { accept_language: "en", browser_height: null, browser_ip: "0.0.0.0", browser_width: null, session_hash: null, user_agent: "Mozilla/5.0" },
  contact_email: "bob.norman@mail.example.com",
  customer_locale: "en",
  discount_codes: [],
  email: "bob.norman@mail.example.com",
  landing_site: "http://www.example.com?source=abc",
  order_status_url: "https://jsmith.myshopify.com/548380009/orders/b1946ac92492d2347c6235b4d2611184/authenticate?key=imasecretipod",
  payment_gateway_names: ["bogus"],
  phone: "+557734881234",
  referring_site: "http://www.otherexample.com",
  token: "b1946ac92492d2347c6235b4d2611184",
  billing_address: SAMPLE_ADDRESS,
  shipping_address: SAMPLE_ADDRESS,
  customer: {
    id: 207119551,
    email: "bob.norman@mail.example.com",
    first_name: "Bob",
    last_name: "Norman",
    state: "disabled",
    note: null,
    verified_email: true,
    phone: "+16136120707",
    tags: "Léon, Noël",
    currency: "USD",
    admin_graphql_api_id: "gid://shopify/Customer/207119551",
    default_address: SAMPLE_ADDRESS,
  },
};

// Webhook requests as Shopify sends them: an order of a given size, signed, ready to be written to a socket.
import { createHmac } from "node:crypto";

export interface SignedOrdersOptions {
  readonly host: string;
  readonly path: string;
  readonly shop: string;
  readonly secret: string;
  readonly topic?: string;
  /** The body is filled up to this; 5 KB is an order of three lines. */
  readonly bodyBytes: number;
  /** Told apart in webhook ids, so that two senders never send the same. */
  readonly sender: string;
  readonly sourceName?: string;
  readonly appId?: string;
  /** A line each. */
  readonly variantIds?: readonly string[];
}

export interface SignedOrders {
  /** The whole request of order `number`, under a webhook id of its own. */
  write(number: number): Buffer;
  /** The same order notified of once more: only the id of the webhook is another, which the signature does not cover. */
  renew(request: Buffer, number: number): void;
}

/** Thirteen digits, as Shopify's ids have them now. */
const ORDER_ID_FIRST = 5_000_000_000_000;
const LINE_ID_FIRST = 7_000_000_000_000;
const LINES_MAX = 10;
const NAME_WIDTH = 10;
/** Eight hexadecimal digits and twelve decimal ones: the shape of a UUID's ends. */
const COUNTER_WIDTH = 12;
const DEFAULT_VARIANTS = ["44000000000001", "44000000000002", "44000000000003"];

/** The text is made once; of each order only the digits that differ are written, and the signature. */
export function createSignedOrders(options: SignedOrdersOptions): SignedOrders {
  const variants = options.variantIds ?? DEFAULT_VARIANTS;
  const body = Buffer.from(filledUp(orderText(options, variants), options.bodyBytes));
  const orderAt = placesOf(body, String(ORDER_ID_FIRST));
  const nameAt = placesOf(body, "#".padEnd(NAME_WIDTH, "0"));
  const linesAt = variants.map((_, line) => placesOf(body, String(LINE_ID_FIRST + line)));
  const head = Buffer.from(headText(options, body.byteLength));
  const signatureAt = head.indexOf("SIGNATURE");
  const counterAt = head.indexOf("0".repeat(COUNTER_WIDTH));
  const signatureWidth = createHmac("sha256", "").digest("base64").length;

  return {
    write(number) {
      put(body, orderAt, String(ORDER_ID_FIRST + number));
      put(body, nameAt, `#${String(number).padStart(NAME_WIDTH - 1, "0")}`);
      linesAt.forEach((places, line) => put(body, places, String(LINE_ID_FIRST + number * LINES_MAX + line)));
      const request = Buffer.concat([head, body]);
      request.write(createHmac("sha256", options.secret).update(body).digest("base64").padEnd(signatureWidth), signatureAt, "latin1");
      this.renew(request, number);
      return request;
    },
    renew(request, number) {
      request.write(String(number).padStart(COUNTER_WIDTH, "0"), counterAt, "latin1");
    },
  };
}

function put(buffer: Buffer, places: readonly number[], digits: string): void {
  for (const place of places) buffer.write(digits, place, "latin1");
}

function placesOf(buffer: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let place = buffer.indexOf(text); place >= 0; place = buffer.indexOf(text, place + 1)) places.push(place);
  return places;
}

function headText({ host, path, shop, sender, topic = "orders/create" }: SignedOrdersOptions, bodyBytes: number): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Accept: */*",
    "Content-Type: application/json",
    "User-Agent: Shopify-Captain-Hook",
    `X-Shopify-Topic: ${topic}`,
    `X-Shopify-Shop-Domain: ${shop}`,
    "X-Shopify-Api-Version: 2026-10",
    `X-Shopify-Hmac-Sha256: SIGNATURE${" ".repeat(35)}`,
    `X-Shopify-Webhook-Id: ${sender}-0000-4000-8000-${"0".repeat(COUNTER_WIDTH)}`,
    `X-Shopify-Event-Id: ${sender}-0000-4000-9000-000000000001`,
    `X-Shopify-Triggered-At: ${new Date().toISOString().replace("Z", "000000Z")}`,
    "X-Shopify-Test: false",
    `Content-Length: ${bodyBytes}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The fields that shopify.app.toml subscribes to, lines as the REST resource has them. */
function orderText({ sourceName = "bench-channel", appId }: SignedOrdersOptions, variantIds: readonly string[]): string {
  const at = new Date().toISOString();
  return JSON.stringify({
    id: ORDER_ID_FIRST,
    admin_graphql_api_id: `gid://shopify/Order/${ORDER_ID_FIRST}`,
    app_id: appId === undefined ? null : Number(appId),
    cancelled_at: null,
    created_at: at,
    financial_status: "paid",
    fulfillment_status: null,
    location_id: null,
    name: "#".padEnd(NAME_WIDTH, "0"),
    note_attributes: [{ name: "filling", value: "FILLING" }],
    processed_at: at,
    source_name: sourceName,
    test: false,
    updated_at: at,
    line_items: variantIds.map((variantId, line) => lineOf(LINE_ID_FIRST + line, variantId)),
    refunds: [],
  });
}

function lineOf(id: number, variantId: string) {
  const money = { shop_money: { amount: "24.90", currency_code: "USD" }, presentment_money: { amount: "24.90", currency_code: "USD" } };
  return {
    id,
    admin_graphql_api_id: `gid://shopify/LineItem/${id}`,
    current_quantity: 1,
    fulfillable_quantity: 1,
    fulfillment_service: "manual",
    fulfillment_status: null,
    gift_card: false,
    grams: 400,
    name: "Beeswax candle - large",
    price: "24.90",
    price_set: money,
    product_exists: true,
    product_id: 8_000_000_000_001,
    properties: [],
    quantity: 1,
    requires_shipping: true,
    sku: "CANDLE-L",
    taxable: true,
    title: "Beeswax candle",
    total_discount: "0.00",
    total_discount_set: money,
    variant_id: Number(variantId),
    variant_inventory_management: "shopify",
    variant_title: "large",
    vendor: "Bench",
    tax_lines: [{ channel_liable: false, price: "1.99", price_set: money, rate: 0.08, title: "State tax" }],
    duties: [],
    discount_allocations: [],
  };
}

/** An order's attributes are free text: nothing else of it has a length of its own. */
function filledUp(text: string, bytes: number): string {
  const missing = bytes - (text.length - "FILLING".length);
  if (missing < 0) throw new RangeError(`an order of ${text.length} bytes does not fit into ${bytes}`);
  return text.replace("FILLING", "x".repeat(missing));
}

// k6 run load/k6/webhook-burst.ts: signed order webhooks, each sent three times at once. Every one is answered in time, and each counts once.
import { check } from "k6";
import crypto from "k6/crypto";
import exec from "k6/execution";
import http from "k6/http";
import type { RefinedResponse } from "k6/http";
import { Counter } from "k6/metrics";
import type { Options } from "k6/options";
import { address, count, newRunId, optional, required } from "./settings.ts";

const HOLDFAST_URL = address("HOLDFAST_URL", "Holdfast's web process");
const SHOP = required("SHOP", "a shop in which Holdfast is installed: <name>.myshopify.com");
const SECRET = required("SHOPIFY_API_SECRET", "the app's secret, with which webhooks are signed");
/** Left out: receipts are not looked at afterwards. */
const TOKEN = optional("HOLDFAST_TOKEN", "");
/** A source that no rule names: its orders move no stock. */
const SOURCE_NAME = optional("SOURCE_NAME", "k6-load");
const COPIES = 3;
const RECEIPTS = 20;

export const options: Options = {
  scenarios: { burst: { executor: "constant-vus", vus: count("VUS", 100), duration: optional("DURATION", "10s") } },
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate==0"],
    // Shopify hangs up after 5 s in all.
    "http_req_duration{step:webhook}": ["p(95)<1000", "max<5000"],
    counted_twice: ["count==0"],
  },
};

const deliveries = new Counter("webhooks_accepted");
const countedTwice = new Counter("counted_twice");

interface Start {
  runId: string;
  /** Order ids of this run begin with it. */
  firstOrderId: number;
}

export function setup(): Start {
  return { runId: newRunId(), firstOrderId: (Math.floor(Date.now() / 1_000) % 1_000_000_000) * 1_000_000 };
}

export default function burst({ runId, firstOrderId }: Start): void {
  const number = exec.vu.idInTest * 10_000 + exec.vu.iterationInInstance;
  const body = orderOf(firstOrderId + number);
  const params = {
    headers: {
      "Content-Type": "application/json",
      "X-Shopify-Topic": "orders/create",
      "X-Shopify-Shop-Domain": SHOP,
      "X-Shopify-API-Version": "2026-10",
      "X-Shopify-Webhook-Id": `k6-${runId}-${number}`,
      "X-Shopify-Event-Id": `k6-${runId}-${number}-event`,
      "X-Shopify-Triggered-At": new Date().toISOString(),
      "X-Shopify-Hmac-Sha256": crypto.hmac("sha256", SECRET, body, "base64"),
    },
    tags: { step: "webhook" },
  };
  const answers = http.batch(Array.from({ length: COPIES }, () => ["POST", `${HOLDFAST_URL}/webhooks`, body, params] as const).map((request) => [...request]) as Parameters<typeof http.batch>[0]) as RefinedResponse<"text">[];
  check(answers, { "each copy was answered 200": (all) => all.every(({ status }) => status === 200) });
  deliveries.add(1);
}

/** The first orders of the first buyers: one notification each, however often it came. */
export function teardown({ firstOrderId }: Start): void {
  if (TOKEN === "") return;
  for (let vu = 1; vu <= RECEIPTS; vu += 1) {
    const answer = http.get(`${HOLDFAST_URL}/api/v1/orders/${firstOrderId + vu * 10_000}/receipt`, { headers: { Authorization: `Bearer ${TOKEN}` }, responseCallback: http.expectedStatuses(200, 404) });
    if (answer.status !== 200) continue;
    const { deliveries: listed } = JSON.parse(String(answer.body)) as { deliveries: unknown[] };
    if (listed.length !== 1) countedTwice.add(1);
    check(listed, { "three copies are one notification": (all) => all.length === 1 });
  }
}

function orderOf(id: number): string {
  const now = new Date().toISOString();
  return JSON.stringify({
    id,
    admin_graphql_api_id: `gid://shopify/Order/${id}`,
    name: `#K6-${id % 1_000_000}`,
    created_at: now,
    updated_at: now,
    processed_at: now,
    cancelled_at: null,
    financial_status: "paid",
    fulfillment_status: null,
    source_name: SOURCE_NAME,
    test: false,
    app_id: null,
    location_id: null,
    line_items: [{ id: id + 500_000_000_000_000, variant_id: null, product_id: null, sku: "K6", quantity: 1, current_quantity: 1, fulfillable_quantity: 1, requires_shipping: true, gift_card: false }],
    refunds: [],
  });
}

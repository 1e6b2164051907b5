// k6 run load/k6/checkout.ts: 100 buyers at a checkout for 10 seconds, each clicking twice. Nobody may buy twice, and no unit may be sold twice.
import { check, sleep } from "k6";
import exec from "k6/execution";
import http from "k6/http";
import { Counter } from "k6/metrics";
import type { Options } from "k6/options";
import { address, count, newRunId, optional } from "./settings.ts";

const CHECKOUT_URL = address("CHECKOUT_URL", "the checkout, which answers POST /checkout");

export const options: Options = {
  scenarios: { checkout: { executor: "constant-vus", vus: count("VUS", 100), duration: optional("DURATION", "10s"), gracefulStop: "30s" } },
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate<0.01"],
    // A charge of the demo takes 1.5 s by itself.
    "http_req_duration{step:checkout}": ["p(95)<5000"],
    sold_beyond_stock: ["count==0"],
    told_two_things: ["count==0"],
  },
};

const sold = new Counter("purchases_sold");
const soldOut = new Counter("purchases_sold_out");
const soldBeyondStock = new Counter("sold_beyond_stock");
const toldTwoThings = new Counter("told_two_things");

interface Start {
  runId: string;
  variantId: string;
  /** Units at the start; null where the checkout does not say. */
  units: number | null;
}

interface Outcome {
  kind?: string;
}

/** The demo's checkout says what it sells and how much of it there is, and takes a delivery of more. */
export function setup(): Start {
  const given = optional("VARIANT_ID", "");
  for (let delivered = 0; delivered < count("DELIVER", 0); delivered += 1) http.post(`${CHECKOUT_URL}/deliver`, "");
  const variantId = given === "" ? read<{ variantId: string }>(http.get(`${CHECKOUT_URL}/product`).body).variantId : given;
  const stock = http.get(`${CHECKOUT_URL}/stock`, { responseCallback: http.expectedStatuses(200, 404) });
  const units = stock.status === 200 ? (read<{ units?: number }>(stock.body).units ?? null) : null;
  return { runId: newRunId(), variantId, units };
}

export default function buy({ runId, variantId }: Start): void {
  const buyer = `${runId}-${exec.vu.idInTest}-${exec.vu.iterationInInstance}`;
  const purchase = JSON.stringify({ clientToken: buyer, buyer, items: [{ variantId, quantity: 1 }], card: "good" });
  const params = { headers: { "Content-Type": "application/json" }, tags: { step: "checkout" }, timeout: "60s" };
  // A nervous buyer: the same purchase twice at once.
  const clicks = http.batch([
    ["POST", `${CHECKOUT_URL}/checkout`, purchase, params],
    ["POST", `${CHECKOUT_URL}/checkout`, purchase, params],
  ]);
  const outcomes = clicks.map(({ body }) => read<Outcome>(body).kind);
  check(clicks, { "each click was answered": (answers) => answers.every(({ status }) => status === 200) });
  if (outcomes[0] !== outcomes[1]) toldTwoThings.add(1);
  if (outcomes[0] === "sold") sold.add(1);
  if (outcomes[0] === "sold_out") soldOut.add(1);
  sleep(0.1);
}

/** Purchases of this run that ended with a unit, against the units there were. */
export function teardown({ runId, units }: Start): void {
  if (units === null) return;
  const { items } = read<{ items: { purchase: { clientToken: string; items: { quantity: number }[] }; outcome?: Outcome }[] }>(http.get(`${CHECKOUT_URL}/purchases`).body);
  const ours = items.filter(({ purchase, outcome }) => purchase.clientToken.startsWith(`${runId}-`) && outcome?.kind === "sold");
  const unitsSold = ours.reduce((sum, { purchase }) => sum + purchase.items.reduce((lines, { quantity }) => lines + quantity, 0), 0);
  soldBeyondStock.add(Math.max(0, unitsSold - units));
  check(unitsSold, { "no more was sold than there was": (total) => total <= units });
}

function read<Body>(body: string | ArrayBuffer | null): Body {
  return JSON.parse(typeof body === "string" && body !== "" ? body : "{}") as Body;
}

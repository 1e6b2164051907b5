// k6 run load/k6/reservations.ts: checkouts hold a unit, ask again under the same key, and commit or release it. A hold is granted once, and all units add up.
import { check, sleep } from "k6";
import exec from "k6/execution";
import http from "k6/http";
import type { RefinedResponse } from "k6/http";
import { Counter } from "k6/metrics";
import type { Options } from "k6/options";
import { address, count, newRunId, optional, required } from "./settings.ts";

const HOLDFAST_URL = address("HOLDFAST_URL", "Holdfast's web process");
const TOKEN = required("HOLDFAST_TOKEN", "npm run holdfast -- token create --shop <shop>");
const INVENTORY_ITEM_ID = required("INVENTORY_ITEM_ID", "an inventory item with stock");
const LOCATION_ID = optional("LOCATION_ID", "");
/** Of a hundred holds so many are committed, the rest is released. */
const COMMIT_PERCENT = count("COMMIT_PERCENT", 0);

export const options: Options = {
  scenarios: { reservations: { executor: "constant-vus", vus: count("VUS", 50), duration: optional("DURATION", "10s") } },
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate<0.01"],
    "http_req_duration{step:reserve}": ["p(95)<1000"],
    "http_req_duration{step:end}": ["p(95)<1000"],
  },
};

const granted = new Counter("holds_granted");
const refused = new Counter("holds_refused");

interface Start {
  runId: string;
  before: Stock;
}

interface Stock {
  available: number;
  reserved: number;
  promisable: number;
}

const headers = { "Content-Type": "application/json", Authorization: `Bearer ${TOKEN}` };
/** 409: there is not enough; 503: Shopify did not confirm in time, or too many wait; 429: too many requests of this token. All are answers. */
const answered = http.expectedStatuses(200, 201, 409, 429, 503);
/** Asked again under the same key, a request is the same request. */
const TRIES_MAX = 5;

export function setup(): Start {
  return { runId: newRunId(), before: readStock() };
}

export default function hold({ runId }: Start): void {
  const key = `${runId}-${exec.vu.idInTest}-${exec.vu.iterationInInstance}`;
  const line = { inventoryItemId: INVENTORY_ITEM_ID, quantity: 1, ...(LOCATION_ID === "" ? {} : { locationId: LOCATION_ID }) };
  const wanted = JSON.stringify({ idempotencyKey: key, lines: [line], ttlSeconds: 60, reference: key });
  const params = { headers, tags: { step: "reserve" }, responseCallback: answered };
  const first = patiently(() => http.post(`${HOLDFAST_URL}/api/v1/reservations`, wanted, params));
  if (first.status === 409) {
    refused.add(1);
    check(first, { "a refusal says what is missing": ({ body }) => String(body).includes("insufficient_stock") });
    sleep(0.1);
    return;
  }
  const reservation = JSON.parse(String(first.body)) as { id: string; state: string };
  const again = patiently(() => http.post(`${HOLDFAST_URL}/api/v1/reservations`, wanted, params));
  check(again, { "the same key is the same hold": ({ status, body }) => status === 200 && (JSON.parse(String(body)) as { id: string }).id === reservation.id });
  // 200: it was held when an earlier try was not answered.
  const granting = check(first, { "a hold is granted": ({ status }) => status === 201 || status === 200 });
  if (granting) granted.add(1);
  const end = (exec.vu.iterationInInstance * 37) % 100 < COMMIT_PERCENT ? "commit" : "release";
  const ended = patiently(() => http.post(`${HOLDFAST_URL}/api/v1/reservations/${reservation.id}/${end}`, "{}", { headers, tags: { step: "end" }, responseCallback: answered }));
  check(ended, { "it ended as it was asked to": ({ status, body }) => status === 200 && (JSON.parse(String(body)) as { state: string }).state === (end === "commit" ? "committed" : "released") });
}

/** As the tutorial tells checkouts to: what cannot be answered now is asked again when the answer says so. */
function patiently(ask: () => RefinedResponse<"text">): RefinedResponse<"text"> {
  let answer = ask();
  for (let tries = 1; tries < TRIES_MAX && (answer.status === 503 || answer.status === 429); tries += 1) {
    sleep(Number(answer.headers["Retry-After"] ?? 1));
    answer = ask();
  }
  return answer;
}

/** When everything was released, the stock is what it was. */
export function teardown({ before }: Start): void {
  if (COMMIT_PERCENT > 0) return;
  const after = readStock();
  check(after, { "everything is promisable again": ({ promisable }) => promisable === before.promisable });
}

function readStock(): Stock {
  const query = `inventoryItemId=${encodeURIComponent(INVENTORY_ITEM_ID)}${LOCATION_ID === "" ? "" : `&locationId=${encodeURIComponent(LOCATION_ID)}`}`;
  return JSON.parse(String(http.get(`${HOLDFAST_URL}/api/v1/stock?${query}`, { headers }).body)) as Stock;
}

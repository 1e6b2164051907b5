// Sends recorded webhooks once more: the same ids, topics and bytes, signed anew with the secret of the app that receives them.
import { createHmac } from "node:crypto";
import type { Engine } from "../engine.ts";
import { RequestError } from "../http/router.ts";
import { createRandom } from "../world/random.ts";
import type { PostOutcome } from "./post.ts";
import { bytesOf, headerOf } from "./recording.ts";
import type { RecordedRequest } from "./recording.ts";

export type ReplayOrder = "recorded" | "triggered" | "reversed" | "shuffled";

export interface ReplayOptions {
  /** `triggered`: by X-Shopify-Triggered-At, as they happened rather than as they came. */
  order: ReplayOrder;
  /** 1: with the gaps of the recording; 10: ten times as fast; 0: without any. Gaps are those between neighbours of the order they are sent in. */
  speed: number;
  /** Requests under way at once. */
  concurrency: number;
  /** How many times each is sent: repeats follow one another. */
  copies: number;
  /** For `shuffled`. */
  seed: number;
  /** Sent in this shop's name instead of the recorded one. Ids in bodies stay what they were. */
  shop?: string | undefined;
  /** Instead of the subscription's. */
  path?: string | undefined;
  secret?: string | undefined;
}

export interface ReplayedRequest {
  webhookId: string | null;
  topic: string;
  shop: string;
  status: number | null;
  failure?: string;
}

/** A recording's long silences are of no interest to whoever replays it. */
const GAP_MS_MAX = 60_000;
const TIMEOUTS = { connectMs: 1_000, totalMs: 5_000 };
/** Of the transport, or made anew. */
const NOT_SENT_ON = new Set(["host", "connection", "content-length", "transfer-encoding", "accept-encoding", "x-shopify-hmac-sha256", "shopify-hmac-sha256"]);

/** Ends when every request was answered or failed; nothing is tried again. */
export async function replayWebhooks(engine: Engine, recorded: readonly RecordedRequest[], options: ReplayOptions): Promise<ReplayedRequest[]> {
  const parcels = inOrder(recorded, options).flatMap((request) => Array.from({ length: options.copies }, () => ({ request, parcel: addressed(engine, request, options) })));
  const results: ReplayedRequest[] = [];
  const underWay = new Set<Promise<void>>();
  let previous: RecordedRequest | undefined;
  for (const { request, parcel } of parcels) {
    const waitMs = gapMs(previous, request, options.speed);
    if (waitMs > 0) await engine.sleep(waitMs);
    while (underWay.size >= options.concurrency) await Promise.race(underWay);
    const index = results.push({ webhookId: headerOf(request, "x-shopify-webhook-id") ?? null, topic: headerOf(request, "x-shopify-topic") ?? "", shop: parcel.headers["X-Shopify-Shop-Domain"] ?? "", status: null }) - 1;
    const sending = engine.poster.post({ ...parcel, method: "POST" }, TIMEOUTS).then((outcome) => {
      results[index] = { ...(results[index] as ReplayedRequest), ...endOf(outcome) };
    });
    const done: Promise<void> = sending.finally(() => underWay.delete(done));
    underWay.add(done);
    previous = request;
  }
  await Promise.all(underWay);
  return results;
}

function endOf(outcome: PostOutcome): Pick<ReplayedRequest, "status" | "failure"> {
  return outcome.kind === "answered" ? { status: outcome.status } : { status: null, failure: outcome.reason };
}

function inOrder(recorded: readonly RecordedRequest[], { order, seed }: ReplayOptions): RecordedRequest[] {
  switch (order) {
    case "recorded":
      return [...recorded];
    case "reversed":
      return recorded.toReversed();
    case "triggered":
      return recorded.toSorted((a, b) => compare(headerOf(a, "x-shopify-triggered-at") ?? "", headerOf(b, "x-shopify-triggered-at") ?? ""));
    case "shuffled": {
      const random = createRandom(seed);
      const drawn = recorded.map((request) => ({ request, place: random.next() }));
      return drawn.toSorted((a, b) => a.place - b.place).map(({ request }) => request);
    }
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function gapMs(previous: RecordedRequest | undefined, next: RecordedRequest, speed: number): number {
  if (speed === 0 || !previous?.receivedAt || !next.receivedAt) return 0;
  const gap = Math.abs(Date.parse(next.receivedAt) - Date.parse(previous.receivedAt)) / speed;
  return Math.min(GAP_MS_MAX, gap);
}

function addressed(engine: Engine, request: RecordedRequest, options: ReplayOptions): { url: string; headers: Record<string, string>; body: Buffer } {
  const topic = headerOf(request, "x-shopify-topic");
  const shop = options.shop ?? headerOf(request, "x-shopify-shop-domain");
  if (!topic || !shop) throw new RequestError(422, "invalid_recording", "every recorded request needs X-Shopify-Topic and X-Shopify-Shop-Domain");
  if (engine.appUrl === null) throw new RequestError(409, "no_app_url", "The app's URL is not known yet.");
  const body = bytesOf(request);
  const kept = Object.entries(request.headers).filter(([name]) => !NOT_SENT_ON.has(name.toLowerCase()) && name.toLowerCase() !== "x-shopify-shop-domain");
  const subscribed = engine.options.subscriptions?.find((subscription) => subscription.topic === topic);
  const path = options.path ?? subscribed?.uri ?? "/webhooks";
  return {
    url: /^https?:/.test(path) ? path : `${(engine.webhookUrl ?? engine.appUrl).replace(/\/$/, "")}${path}`,
    headers: {
      ...Object.fromEntries(kept),
      "X-Shopify-Shop-Domain": shop,
      "X-Shopify-Hmac-Sha256": createHmac("sha256", options.secret ?? engine.options.apiSecret).update(body).digest("base64"),
    },
    body,
  };
}

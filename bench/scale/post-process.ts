// The load of the scale benchmark, in a process of its own: posts signed orders to web processes in turn, so many at a time, and ends when all are answered.
import { createHmac, randomUUID } from "node:crypto";
import process from "node:process";
import { setTimeout as passed } from "node:timers/promises";
import { Pool } from "undici";
import { orderBody } from "../work/order-body.ts";

export interface PostInput {
  readonly origins: readonly string[];
  readonly secret: string;
  readonly shops: readonly { readonly shop: string; readonly variantIds: readonly string[] }[];
  readonly orders: number;
  /** Ids of orders go on from here. */
  readonly after: number;
  readonly connections: number;
  /** Orders a second by a timetable; 0: each connection sends its next when it is answered. */
  readonly perSecond: number;
}

const input = JSON.parse(process.argv[2] ?? "{}") as PostInput;
const pools = input.origins.map((origin) => new Pool(origin, { connections: input.connections, pipelining: 1 }));
const began = performance.now();
let next = 0;

async function sender(): Promise<void> {
  while (next < input.orders) {
    const number = (next += 1);
    const aheadMs = input.perSecond > 0 ? began + (number * 1_000) / input.perSecond - performance.now() : 0;
    if (aheadMs > 0) await passed(aheadMs);
    const { shop, variantIds } = input.shops[number % input.shops.length] ?? { shop: "", variantIds: [] };
    const variantId = variantIds[Math.floor(number / input.shops.length) % variantIds.length] ?? "";
    const body = JSON.stringify(orderBody(input.after + number, [{ item: { variantId }, quantity: 1 }]).body);
    const headers = {
      "content-type": "application/json",
      "x-shopify-topic": "orders/create",
      "x-shopify-shop-domain": shop,
      "x-shopify-webhook-id": randomUUID(),
      "x-shopify-event-id": randomUUID(),
      "x-shopify-api-version": "2026-10",
      "x-shopify-triggered-at": new Date().toISOString(),
      "x-shopify-hmac-sha256": createHmac("sha256", input.secret).update(body).digest("base64"),
    };
    const answer = await pools[number % pools.length]?.request({ path: "/webhooks", method: "POST", headers, body });
    await answer?.body.dump();
    if (answer?.statusCode !== 200) throw new Error(`a webhook was answered ${answer?.statusCode}`);
  }
}

await Promise.all(Array.from({ length: input.connections }, sender));
await Promise.all(pools.map((pool) => pool.close()));

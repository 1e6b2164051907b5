// The handler that most apps have, to compare with: find the webhook id, then create it; read a quantity, subtract, set it.
//
// It is a fair version: it verifies signatures, remembers webhook ids, knows the bundles, edits and refunds, waits when it is throttled
// and asks again. What it lacks is what Holdfast is about: nothing keeps two of its requests from doing the same work at the same time.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { EffectRules } from "../verdict/effects.ts";
import type { LedgerChange } from "../verdict/judge.ts";
import type { AppUnderTest } from "./app-under-test.ts";
import type { Catalogue } from "./catalogue.ts";
import type { ControlClient } from "./control-client.ts";
import { naiveShopify } from "./naive-shopify.ts";
import type { NaiveShopify } from "./naive-shopify.ts";
import { isSigned, readBody } from "./signed-body.ts";

export type NaiveOptions = { control: ControlClient; apiKey: string; apiSecret: string; apiVersion: string; port?: number };
export type NaiveApp = AppUnderTest & { close(): Promise<void> };

type Work = { catalogue: Catalogue; rules: EffectRules; shopify: NaiveShopify };

/** A database on the same machine answers in about this time; the gap between find and create is one such answer. */
const databaseMs = 2;

const id = z.union([z.number(), z.string()]).transform(String);
const orderBody = z.object({ id, source_name: z.string(), line_items: z.array(z.object({ id, variant_id: id, quantity: z.number() })) });
const editBody = z.object({ order_edit: z.object({ order_id: id, line_items: z.object({ additions: z.array(z.object({ id, delta: z.number() })) }) }) });
const refundBody = z.object({
  order_id: id,
  refund_line_items: z.array(z.object({ quantity: z.number(), restock_type: z.string(), line_item: z.object({ id, variant_id: id }) })),
});

export async function startNaiveApp(options: NaiveOptions): Promise<NaiveApp> {
  const webhookIds = new Set<string>();
  const ledger: LedgerChange[] = [];
  let work: Work | undefined;
  let inFlight = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request);
    const header = (name: string) => String(request.headers[name] ?? "");
    if (!isSigned(body, header("x-shopify-hmac-sha256"), options.apiSecret)) return void response.writeHead(401).end();
    const webhookId = header("x-shopify-webhook-id");
    // The usual recipe: look whether it is there, then write it down. Two copies that arrive together both find nothing.
    if (await found(webhookIds, webhookId)) return void response.writeHead(200).end();
    await created(webhookIds, webhookId);
    if (work !== undefined) await process(work, header("x-shopify-topic"), JSON.parse(body.toString("utf8")), ledger);
    response.writeHead(200).end();
  };
  const server = createServer((request, response) => {
    inFlight += 1;
    void handle(request, response)
      .catch(() => response.writeHead(500).end())
      .finally(() => (inFlight -= 1));
  });
  await new Promise<void>((listening) => server.listen(options.port ?? 0, "127.0.0.1", listening));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async prepare(catalogue, rules) {
      await options.control.install(catalogue.shop, ["write_inventory"]);
      work = { catalogue, rules, shopify: await naiveShopify(options, catalogue.shop) };
    },
    unfinished: async () => ({ notifications: inFlight, changes: 0 }),
    ledger: async () => ledger,
    contradictions: async () => [],
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function process(work: Work, topic: string, payload: unknown, ledger: LedgerChange[]): Promise<void> {
  switch (topic) {
    case "orders/create": {
      const order = orderBody.parse(payload);
      for (const line of order.line_items) await takeLine(work, { orderId: order.id, lineId: line.id, variantId: line.variant_id, source: order.source_name, units: -line.quantity }, ledger);
      return;
    }
    case "orders/edited": {
      const { order_id: orderId, line_items: lines } = editBody.parse(payload).order_edit;
      if (lines.additions.length === 0) return;
      const order = await work.shopify.readOrder(orderId);
      for (const { id: lineId, delta } of lines.additions) {
        await takeLine(work, { orderId, lineId, variantId: order.variantOf.get(lineId) ?? "", source: order.source, units: -delta }, ledger);
      }
      return;
    }
    case "refunds/create": {
      const refund = refundBody.parse(payload);
      const back = refund.refund_line_items.filter(({ restock_type: type }) => type !== "no_restock");
      if (back.length === 0) return;
      const { source } = await work.shopify.readOrder(refund.order_id);
      for (const { line_item: line, quantity } of back) await takeLine(work, { orderId: refund.order_id, lineId: line.id, variantId: line.variant_id, source, units: quantity }, ledger);
    }
  }
}

type LineChange = { orderId: string; lineId: string; variantId: string; source: string; units: number };

async function takeLine({ catalogue, rules, shopify }: Work, change: LineChange, ledger: LedgerChange[]): Promise<void> {
  const variantId = `gid://shopify/ProductVariant/${change.variantId}`;
  const locationId = catalogue.locationOf.get(variantId) ?? "";
  const own = [...catalogue.plain, ...catalogue.bundles].find((item) => item.variantId === variantId);
  const bundle = rules.bundles.find((rule) => rule.variantId === variantId);
  const deducted = rules.deductSources.includes(change.source) && own !== undefined ? [{ inventoryItemId: own.inventoryItemId, quantity: 1 }] : [];
  for (const { inventoryItemId, quantity } of bundle?.components ?? deducted) {
    const delta = change.units * quantity;
    const mutationKey = randomUUID();
    const available = await shopify.readAvailable(inventoryItemId, locationId);
    await shopify.setAvailable(inventoryItemId, locationId, available + delta, mutationKey);
    const [orderId, lineId] = [`gid://shopify/Order/${change.orderId}`, `gid://shopify/LineItem/${change.lineId}`];
    ledger.push({ orderId, lineId, inventoryItemId, locationId, delta, state: "applied", mutationKey });
  }
}

async function found(ids: ReadonlySet<string>, webhookId: string): Promise<boolean> {
  const answer = ids.has(webhookId);
  await databaseRoundTrip();
  return answer;
}

async function created(ids: Set<string>, webhookId: string): Promise<void> {
  await databaseRoundTrip();
  ids.add(webhookId);
}

async function databaseRoundTrip(): Promise<void> {
  await new Promise((answered) => setTimeout(answered, databaseMs));
}

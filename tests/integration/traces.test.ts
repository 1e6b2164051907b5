// Goal: one connected trace per order, from the webhook through queue and worker to the call to Shopify, and the same id in the logs.
// Method: the real way through Redis; spans are kept in memory as they end, log lines as they are written.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { InMemorySpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openTracing } from "#app/adapters/telemetry/open-telemetry.server.ts";
import { startTurns } from "../../worker/turns.ts";
import { acceptWebhook } from "#app/pipeline/accept/accept-webhook.server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences } from "#tests/setup/ledger-and-truth.ts";
import { orderBody, webhookRequest } from "#tests/setup/webhook-request.ts";

const exporter = new InMemorySpanExporter();
const lines: Record<string, unknown>[] = [];
let house: House;
beforeAll(async () => {
  const tracing = openTracing({ serviceName: null, sampledRatio: 1 }, { service: "worker", exporter });
  house = await openHouse({ tracing, logLevel: "debug", logTo: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) } });
});
afterAll(() => house.close());

async function shopWithKettle(): Promise<{ shop: HouseShop; variantId: string }> {
  const shop = await house.openShop();
  const product = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "KETTLE", levels: [{ locationId: shop.locationIds[0] ?? "", available: 100 }] }] });
  await house.protect(shop);
  // What the product itself was told about is worked on first: a wake that waits would be the one that the order's are folded into.
  await house.delivered();
  const turns = await startTurns(house.composed);
  await expect.poll(async () => Object.values(await house.composed.waker.depth())).toEqual([0, 0, 0]);
  await turns.stop();
  return { shop, variantId: product.variants[0]?.variantId ?? "" };
}

function order(shop: HouseShop, variantId: string): string {
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity: 1 }] });
  if ("refused" in placed) throw new Error("the order was refused");
  return placed.orderId;
}

/** Everything is told before the worker's own service takes the turns, until every change is applied. */
async function workedThrough(shop: HouseShop, changeCount: number): Promise<{ trace_id: string; id: bigint }[]> {
  await house.delivered();
  const turns = await startTurns(house.composed);
  await expect
    .poll(async () => (await house.composed.database.query(`SELECT 1 FROM changes WHERE install_id = $1 AND state = 'applied'`, shop.installId)).length)
    .toBe(changeCount);
  await turns.stop();
  return house.composed.database.query(`SELECT id, trace_id FROM changes WHERE install_id = $1 ORDER BY id`, shop.installId);
}

const spansOf = (traceId: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);

function named(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const found = spans.find((span) => span.name === name);
  if (!found) throw new Error(`no span "${name}" among ${spans.map((span) => span.name).join(", ")}`);
  return found;
}

/** The names from the span up to the one that has no parent. */
function wayUp(spans: readonly ReadableSpan[], span: ReadableSpan): string[] {
  const parent = spans.find((candidate) => candidate.spanContext().spanId === span.parentSpanContext?.spanId);
  if (span.parentSpanContext && !parent) throw new Error(`${span.name} hangs below a span that is not in its trace`);
  return parent ? [span.name, ...wayUp(spans, parent)] : [span.name];
}

describe("the trace of an order", () => {
  it("leads from the webhook through the queue and every stage to the call to Shopify, under the id that is stored with the delivery", async () => {
    const { shop, variantId } = await shopWithKettle();
    exporter.reset();
    // One notification and no other: an order's further ones are traces of their own, and any of them may be the one that wakes the shop.
    house.simulator.control.planWebhooks({ loss: { rate: 1 } });
    const orderId = order(shop, variantId);
    house.simulator.control.planWebhooks({});
    const id = Number(orderId.split("/").at(-1));
    const body = orderBody({ id, admin_graphql_api_id: orderId, line_items: [{ id: 1, variant_id: Number(variantId.split("/").at(-1)), sku: "KETTLE", quantity: 1, current_quantity: 1, variant_inventory_management: "shopify" }] });
    await acceptWebhook(webhookRequest(body, { shop: shop.shop }), house.composed.accept);
    const [change] = await workedThrough(shop, 1);
    const [delivery] = await house.composed.database.query<{ trace_id: string; order_id: string }>(`SELECT trace_id, order_id FROM deliveries WHERE trace_id = $1`, change?.trace_id ?? "");
    expect(delivery?.order_id).toBe(orderId.split("/").at(-1));

    const spans = spansOf(delivery?.trace_id ?? "");
    expect(spans.filter((span) => !span.parentSpanContext).map((span) => span.name)).toEqual(["accept webhook"]);
    for (const span of spans) expect(wayUp(spans, span).at(-1)).toBe("accept webhook");
    const call = named(spans, "Shopify HoldfastAdjustQuantities");
    expect(wayUp(spans, call)).toEqual(["Shopify HoldfastAdjustQuantities", "shopifyInventory.adjustQuantities", "turn.take", "accept webhook"]);
    expect(call.attributes).toMatchObject({ "holdfast.outcome": "ok", "holdfast.shop": shop.shop, "holdfast.cost.available": expect.any(Number) as number, "holdfast.request_id": delivery?.trace_id });
    const stages = new Set(spans.map((span) => span.attributes["holdfast.stage"]).filter((stage) => stage !== undefined));
    expect([...stages].sort()).toEqual(["absorb", "accept", "budget", "claim", "derive", "gather", "lock", "mutate", "record", "release"]);
    expect(named(spans, "lock wait").attributes).toMatchObject({ "holdfast.purpose": "turn", "holdfast.outcome": "acquired" });
  });

  it("is connected for each order of a flood that one turn and one call serve together", async () => {
    const { shop, variantId } = await shopWithKettle();
    exporter.reset();
    for (let count = 0; count < 12; count += 1) order(shop, variantId);
    const changes = await workedThrough(shop, 12);
    const traceIds = [...new Set(changes.map((change) => change.trace_id))];
    expect(traceIds).toHaveLength(12);
    const calls = exporter.getFinishedSpans().filter((span) => span.name === "Shopify HoldfastAdjustQuantities");
    expect(calls.length).toBeLessThan(12);
    for (const traceId of traceIds) {
      const spans = spansOf(traceId);
      expect(spans.filter((span) => !span.parentSpanContext).map((span) => span.name)).toEqual(["accept webhook"]);
      for (const span of spans) expect(wayUp(spans, span).at(-1)).toBe("accept webhook");
      const applied = spans.filter((span) => span.name === "Shopify HoldfastAdjustQuantities" || span.name === "change applied");
      expect(applied.length).toBeGreaterThan(0);
      // The view of a call that ran in another order's trace names the step that made it.
      for (const view of applied.filter((span) => span.name === "change applied")) {
        const linked = exporter.getFinishedSpans().find((span) => span.spanContext().spanId === view.links[0]?.context.spanId);
        expect(linked?.name).toBe("shopifyInventory.adjustQuantities");
      }
    }
    expect(await ledgerDifferences(house, shop)).toEqual([]);
  });

  it("is the one that the log lines of web and worker name", async () => {
    const { shop, variantId } = await shopWithKettle();
    lines.length = 0;
    order(shop, variantId);
    const [change] = await workedThrough(shop, 1);
    const line = lines.find(({ msg }) => msg === "change applied");
    expect(line).toMatchObject({ traceId: change?.trace_id, mutationTraceId: change?.trace_id });
    // And the span in which it was written: that of the turn, which runs in the trace of the notification that woke the shop.
    const turn = exporter.getFinishedSpans().findLast((span) => span.name === "turn.take" && span.spanContext().traceId === line?.["trace_id"]);
    expect(turn?.attributes["holdfast.shop"]).toBe(shop.shop);
  });

  it("carries ids, codes and counts, and nothing that a customer or a merchant wrote", () => {
    const keys = new Set(exporter.getFinishedSpans().flatMap((span) => Object.keys(span.attributes)));
    const known = ["stage", "shop", "trace_id", "request_id", "webhook_id", "outcome", "topic", "change_count", "delivery_count", "order_count", "shop_count", "entry_count", "mutation_key", "mutation_id", "change_id", "order_id", "delta", "purpose", "cost.requested", "cost.actual", "cost.available"];
    expect([...keys].filter((key) => !known.some((name) => key === `holdfast.${name}`)).sort()).toEqual(["http.response.status_code"]);
  });
});

describe("traces that are switched on by the environment", () => {
  it("are sent by OTLP to the collector that it names, when the process ends at the latest", async () => {
    const received: { url: string | undefined; body: Buffer }[] = [];
    const collector = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
        received.push({ url: incoming.url, body: Buffer.concat(chunks) });
        outgoing.writeHead(200, { "Content-Type": "application/x-protobuf" }).end();
      });
    });
    await new Promise<void>((listening) => collector.listen(0, "127.0.0.1", listening));
    process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    try {
      const tracing = openTracing({ serviceName: "stock-keeper", sampledRatio: 1 }, { service: "web" });
      await tracing.span("accept webhook", { begins: "0af7651916cd43dd8448eb211c80319c" }, () => Promise.resolve());
      await tracing.close();
    } finally {
      delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
      await new Promise((closed) => collector.close(closed));
    }
    expect(received.map(({ url }) => url)).toEqual(["/v1/traces"]);
    const body = received[0]?.body ?? Buffer.alloc(0);
    expect(body.includes(Buffer.from("0af7651916cd43dd8448eb211c80319c", "hex"))).toBe(true);
    expect(body.includes("accept webhook")).toBe(true);
    expect(body.includes("stock-keeper")).toBe(true);
  });
});

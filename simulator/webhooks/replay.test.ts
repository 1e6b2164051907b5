// Recording and replaying: what an app received once, it receives again with the same ids and bytes, signed with its own secret.
import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { API_SECRET, SHOP, addVariant, startTestApp } from "../testing/running-simulator.ts";
import type { TestApp } from "../testing/running-simulator.ts";
import { startRecorder } from "./recorder.ts";
import { readRecording } from "./recording.ts";

interface Received {
  webhookId: string;
  topic: string;
  shop: string;
  signed: boolean;
  body: string;
}

let server: Server;
let received: Received[];
let app: TestApp;
let waits: number[];
let folder: string;

const header = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join() : (value ?? ""));
const record = (index: number, more: Record<string, unknown> = {}) => ({
  receivedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, index * 2)).toISOString(),
  headers: {
    "X-Shopify-Topic": "orders/create",
    "X-Shopify-Shop-Domain": "recorded.myshopify.com",
    "X-Shopify-Webhook-Id": `w-${index}`,
    "X-Shopify-Triggered-At": `2026-01-01T00:00:0${9 - index}.000Z`,
    "X-Shopify-Hmac-Sha256": "of another app",
  },
  body: `{"id":900719925474099300${index}}`,
  ...more,
});

beforeEach(async () => {
  received = [];
  waits = [];
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      const signature = createHmac("sha256", API_SECRET).update(body).digest("base64");
      const of = (name: string) => header(request.headers[name]);
      received.push({ webhookId: of("x-shopify-webhook-id"), topic: of("x-shopify-topic"), shop: of("x-shopify-shop-domain"), signed: of("x-shopify-hmac-sha256") === signature, body });
      response.end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  app = await startTestApp({
    subscriptions: [{ topic: "orders/create", uri: "/webhooks/orders" }],
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  app.simulator.setAppUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  folder = await mkdtemp(join(tmpdir(), "replay-"));
});
afterEach(async () => {
  await app.simulator.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

describe("replaying a recording", () => {
  it("keeps ids and bytes and signs anew", async () => {
    const replayed = await app.simulator.control.replayWebhooks({ requests: [record(0), record(1)], concurrency: 1 });
    expect(replayed).toMatchObject({ sent: 2, accepted: 2, refused: 0 });
    expect(received).toEqual([
      { webhookId: "w-0", topic: "orders/create", shop: "recorded.myshopify.com", signed: true, body: '{"id":9007199254740993000}' },
      { webhookId: "w-1", topic: "orders/create", shop: "recorded.myshopify.com", signed: true, body: '{"id":9007199254740993001}' },
    ]);
    expect(waits).toEqual([]);
  });

  it.each([
    ["recorded", ["w-0", "w-1", "w-2"]],
    ["reversed", ["w-2", "w-1", "w-0"]],
    ["triggered", ["w-2", "w-1", "w-0"]],
  ] as const)("sends them in the order %s", async (order, expected) => {
    await app.simulator.control.replayWebhooks({ requests: [record(0), record(1), record(2)], concurrency: 1, order });
    expect(received.map(({ webhookId }) => webhookId)).toEqual(expected);
  });

  it("waits as long as the recording did, divided by the speed", async () => {
    await app.simulator.control.replayWebhooks({ requests: [record(0), record(1), record(4)], speed: 4 });
    expect(waits).toEqual([500, 1_500]);
  });

  it("sends each several times and in another shop's name when it is asked to", async () => {
    await app.simulator.control.replayWebhooks({ requests: [record(0)], copies: 3, shop: SHOP });
    expect(received.map(({ webhookId, shop }) => [webhookId, shop])).toEqual(Array.from({ length: 3 }, () => ["w-0", SHOP]));
  });

  it("names the line that it cannot read, and sends nothing", async () => {
    const recording = `${JSON.stringify(record(0))}\n\n{"headers":{}}\n`;
    await expect(app.simulator.control.replayWebhooks({ recording })).rejects.toMatchObject({ code: "invalid_recording", message: expect.stringContaining("line 3") as string });
    expect(received).toEqual([]);
  });

  it("is asked for over HTTP, too", async () => {
    const answer = await fetch(`${app.simulator.origin}/sim/webhooks/replay`, { method: "POST", body: JSON.stringify({ recording: `${JSON.stringify(record(3))}\n` }) });
    expect(await answer.json()).toMatchObject({ sent: 1, accepted: 1, items: [{ webhookId: "w-3", status: 200 }] });
  });
});

describe("recording", () => {
  it("hands webhooks on as they are and keeps them without people, ids of any size intact", async () => {
    const file = join(folder, "webhooks.jsonl");
    const recorder = await startRecorder({ to: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, file });
    app.simulator.control.routeWebhooks({ url: recorder.origin });
    const { variantId } = addVariant(app, 5);
    app.simulator.control.placeOrder(SHOP, { channel: "web", lines: [{ variantId, quantity: 1 }] });
    await app.simulator.control.drainWebhooks();
    await fetch(`${recorder.origin}/elsewhere`);
    await recorder.close();
    expect(received.map(({ signed, topic }) => [signed, topic])).toEqual([[true, "orders/create"], [false, ""]]);
    expect(received[0]?.body).toContain("Norman");
    const recording = await readFile(file, "utf8");
    expect(recording).not.toContain("Norman");
    const [kept] = readRecording(recording);
    expect(kept?.headers["x-shopify-webhook-id"]).toBe(received[0]?.webhookId);
    expect(kept?.body).toContain(`"line_items":[`);
    app.simulator.control.routeWebhooks({ url: null });
    await app.simulator.control.replayWebhooks({ recording });
    expect(received.at(-1)).toMatchObject({ signed: true, webhookId: received[0]?.webhookId });
  });
});

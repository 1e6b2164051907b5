// A webhook as the web server hands it to its action: whole, or not at all.
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { BODY_BYTES_MAX, type ReceivedWebhook } from "#app/pipeline/accept/received-webhook.ts";
import { isWebhook, receiveByAction, sendBare } from "./receive-webhook.ts";

const received: ReceivedWebhook[] = [];
let onGone: () => void = () => undefined;
let port = 0;

const server = createServer((incoming, outgoing) => {
  if (!isWebhook(incoming)) return void outgoing.writeHead(404).end();
  void receiveByAction(incoming, async (_request, context) => {
    if (context?.webhook) received.push(context.webhook);
    return new Response(null, { status: context?.webhook?.body === null ? 413 : 200 });
  }, "http://127.0.0.1/webhooks").then((response) => (response === null ? onGone() : sendBare(response, incoming, outgoing, { "X-Content-Type-Options": "nosniff" })));
});

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => new Promise<void>((closed) => {
  server.close(() => closed());
  server.closeAllConnections();
}));

const post = (body: BodyInit, headers: Record<string, string> = {}, path = "/webhooks") => fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body, headers });

describe("a webhook on its way to its action", () => {
  it("keeps its body to the last byte and its headers, and is answered with ours", async () => {
    const answer = await post("{\"id\":1}", { "X-Shopify-Topic": "orders/create" });
    const webhook = received.at(-1);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(new TextDecoder().decode(webhook?.body ?? new Uint8Array())).toBe("{\"id\":1}");
    expect(webhook?.header("x-shopify-topic")).toBe("orders/create");
    expect(webhook?.header("x-shopify-shop-domain")).toBeNull();
  });

  it("that is too large has no body, whether or not it says its length, and ends its connection", async () => {
    const large = "x".repeat(BODY_BYTES_MAX + 1);
    const declared = await post(large).catch(() => null);
    expect([413, undefined]).toContain(declared?.status);
    expect(received.at(-1)?.body).toBeNull();
    received.length = 0;
    const stream = new ReadableStream({ start(controller) { controller.enqueue(new TextEncoder().encode(large)); controller.close(); } });
    await fetch(`http://127.0.0.1:${port}/webhooks`, { method: "POST", body: stream, duplex: "half" } as RequestInit).catch(() => null);
    expect(received.at(-1)?.body).toBeNull();
  });

  it("whose sender goes before it is whole reaches no action", async () => {
    received.length = 0;
    const gone = new Promise<void>((resolve) => (onGone = resolve));
    const socket = connect(port, "127.0.0.1", () => {
      socket.write("POST /webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf of it");
      socket.end();
      socket.destroySoon();
    });
    await gone;
    expect(received).toEqual([]);
  });

  it("is one only at its own address", async () => {
    expect((await post("{}", {}, "/webhooks?shop=a")).status).toBe(404);
  });
});

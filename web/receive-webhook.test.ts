// A webhook as the web server hands it to its action: whole, or not at all.
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { type BareAnswer, BODY_BYTES_MAX, type ReceivedWebhook } from "#app/pipeline/accept/received-webhook.ts";
import { isWebhook, receiveByAction, sendBare } from "./receive-webhook.ts";

const received: ReceivedWebhook[] = [];
/** What the action asks to be waited for; null: its own answer counts. */
let later: (() => Promise<BareAnswer>) | null = null;
let onGone: () => void = () => undefined;
let port = 0;

const server = createServer((incoming, outgoing) => {
  if (!isWebhook(incoming)) return void outgoing.writeHead(404).end();
  void receiveByAction(incoming, async (_request, context) => {
    if (context?.webhook) received.push(context.webhook);
    if (later !== null) {
      context?.answerLater?.(later());
      // As long as Remix takes with what the action answered, what is waited for may fail without anybody there.
      await new Promise((taken) => setImmediate(taken));
    }
    return new Response(null, { status: context?.webhook?.body === null ? 413 : 200 });
  }, "http://127.0.0.1/webhooks")
    .then((answer) => (answer === null ? onGone() : sendBare(answer, incoming, outgoing, { "X-Content-Type-Options": "nosniff" })))
    .catch(() => outgoing.writeHead(500).end());
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

  it("is answered with what its action asked to be waited for, once that is there, and with 500 when it fails", async () => {
    let commit: (answer: BareAnswer) => void = () => undefined;
    const committed = new Promise<BareAnswer>((resolve) => (commit = resolve));
    later = () => committed;
    received.length = 0;
    let isAnswered = false;
    const answering = post("{}").then((answer) => {
      isAnswered = true;
      return answer;
    });
    await vi.waitFor(() => expect(received).toHaveLength(1));
    expect(isAnswered).toBe(false);
    commit({ status: 503, headers: { Allow: "POST" } });
    const answer = await answering;
    expect([answer.status, answer.headers.get("allow"), answer.headers.get("x-content-type-options")]).toEqual([503, "POST", "nosniff"]);
    later = () => Promise.reject(new Error("the disk is full"));
    expect((await post("{}")).status).toBe(500);
    later = null;
  });

  it("is one only at its own address", async () => {
    expect((await post("{}", {}, "/webhooks?shop=a")).status).toBe(404);
  });
});

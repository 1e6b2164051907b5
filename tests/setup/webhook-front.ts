// Stands between the simulated Shopify and the accept path, and treats each request as it is told: passes, refuses, or lets it wait too long.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * `pass`: on to the app, its answer back. `refuse`: 503, the app never sees it. `answer_late`: the app takes it, the answer comes when
 * Shopify has long hung up. `arrive_late`: the app takes it only after Shopify hung up.
 */
export type Treatment = "pass" | "refuse" | "answer_late" | "arrive_late";

export interface WebhookFront {
  readonly origin: string;
  /** How the requests to come are treated. `count` counts from 1 and goes over all requests of one webhook id. */
  treat(how: (request: { readonly webhookId: string; readonly topic: string; readonly count: number }) => Treatment): void;
  /** Requests that came, by webhook id. */
  readonly counts: ReadonlyMap<string, number>;
  /** Resolves when everything that came has reached the app. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function startWebhookFront(appOrigin: string): Promise<WebhookFront> {
  const counts = new Map<string, number>();
  const underWay = new Set<Promise<unknown>>();
  let treatment: Parameters<WebhookFront["treat"]>[0] = () => "pass";

  async function take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    const webhookId = headerOf(incoming, "x-shopify-webhook-id");
    const count = (counts.get(webhookId) ?? 0) + 1;
    counts.set(webhookId, count);
    const forward = () => fetch(`${appOrigin}${incoming.url ?? "/"}`, { method: "POST", headers: shopifyHeaders(incoming), body: new Uint8Array(body) });
    const hungUp = new Promise<void>((resolve) => outgoing.once("close", () => resolve()));
    switch (treatment({ webhookId, topic: headerOf(incoming, "x-shopify-topic"), count })) {
      case "pass":
        outgoing.writeHead((await forward()).status).end();
        return;
      case "refuse":
        outgoing.writeHead(503).end();
        return;
      case "answer_late":
        await forward();
        await hungUp;
        return;
      case "arrive_late":
        await hungUp;
        await forward();
    }
  }

  const server = createServer((incoming, outgoing) => {
    const taken = take(incoming, outgoing).finally(() => underWay.delete(taken));
    underWay.add(taken);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    treat(how) {
      treatment = how;
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function headerOf(incoming: IncomingMessage, name: string): string {
  const value = incoming.headers[name];
  return typeof value === "string" ? value : "";
}

function shopifyHeaders(incoming: IncomingMessage): Headers {
  const kept = Object.entries(incoming.headers).filter((entry): entry is [string, string] => typeof entry[1] === "string" && (entry[0].startsWith("x-shopify-") || entry[0] === "content-type"));
  return new Headers(kept);
}

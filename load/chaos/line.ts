// The line between Shopify and Holdfast, made bad on purpose: requests are held up, answers are lost, and everything is counted by webhook id.
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * `pass`: on to the app, its answer back. `slow`: the app has it at once, its answer is kept back until Shopify has hung up and sends
 * again. `drop`: the app has it, and the connection is cut instead of the answer.
 */
export type Treatment = "pass" | "slow" | "drop";

export interface BadLine {
  readonly origin: string;
  readonly counts: Record<Treatment, number>;
  /** Webhook ids that came more than once. */
  repeated(): number;
  /** From now on everything passes. */
  recover(): void;
  close(): Promise<void>;
}

export interface BadLineOptions {
  to: string;
  /** How the nth request of a webhook is treated, counted from 1. */
  treat(webhookId: string, nth: number): Treatment;
  /** Longer than Shopify waits. */
  slowMs: number;
  sleep(ms: number): Promise<void>;
}

const NOT_HANDED_ON = new Set(["host", "connection", "content-length", "transfer-encoding"]);

export async function startBadLine({ to, treat, slowMs, sleep }: BadLineOptions): Promise<BadLine> {
  const seen = new Map<string, number>();
  const counts: Record<Treatment, number> = { pass: 0, slow: 0, drop: 0 };
  let recovered = false;

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await readBody(incoming);
    const webhookId = String(incoming.headers["x-shopify-webhook-id"] ?? "");
    const nth = (seen.get(webhookId) ?? 0) + 1;
    seen.set(webhookId, nth);
    const treatment = recovered ? "pass" : treat(webhookId, nth);
    counts[treatment] += 1;
    const gone = new Promise<void>((resolve) => outgoing.once("close", () => resolve()));
    const answer = await fetch(new URL(incoming.url ?? "/", to), { method: incoming.method ?? "POST", headers: headersOf(incoming), body: new Uint8Array(body) });
    if (treatment === "drop") return void outgoing.destroy();
    if (treatment === "slow") await Promise.race([sleep(slowMs), gone]);
    outgoing.writeHead(answer.status).end();
  };

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    repeated: () => [...seen.values()].filter((count) => count > 1).length,
    recover: () => {
      recovered = true;
    },
    async close() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) if (typeof value === "string" && !NOT_HANDED_ON.has(name)) headers.set(name, value);
  return headers;
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

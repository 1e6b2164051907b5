// Turns node:http requests into SimRequests, finds their handler and writes its answer, faults of the wire included.
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RouteTable, SimRequest, SimResponse } from "./router.ts";
import { RequestError, json } from "./router.ts";

/** Larger than any GraphQL request Shopify takes; bulk control calls (thousands of orders) need the room. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const SHOP_HOST = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/i;

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

export type Log = (line: string) => void;

export async function listen(routes: RouteTable, host: string, port: number, log: Log): Promise<HttpServer> {
  const server = createServer((incoming, outgoing) => {
    void serve(routes, incoming, outgoing, log);
  });
  // Longer than any client's own idle time, so that a pooled connection is never closed under a request.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
  const address = server.address() as AddressInfo;
  return { port: address.port, close: () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeAllConnections();
  await closed;
}

async function serve(routes: RouteTable, incoming: IncomingMessage, outgoing: ServerResponse, log: Log): Promise<void> {
  let answer: SimResponse;
  try {
    answer = await answerTo(routes, incoming, outgoing);
  } catch (error) {
    answer = answerError(error, log);
  }
  write(outgoing, answer);
}

async function answerTo(routes: RouteTable, incoming: IncomingMessage, outgoing: ServerResponse): Promise<SimResponse> {
  const url = new URL(incoming.url ?? "/", "http://simulator");
  const method = incoming.method ?? "GET";
  // From the first byte on: a client that goes while its body is read is gone all the same.
  const closed = new Promise<void>((resolve) => {
    outgoing.once("close", () => resolve());
  });
  const match = routes.match(method === "HEAD" ? "GET" : method, url.pathname);
  const body = await readBody(incoming);
  if (!match) return json({ error: { code: "not_found", message: `Nothing answers ${method} ${url.pathname} here.` } }, 404);
  const request: SimRequest = {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    params: match.params,
    shop: shopOf(incoming),
    body,
    closed,
    json: () => parseJson(body),
  };
  return match.handler(request);
}

function answerError(error: unknown, log: Log): SimResponse {
  if (error instanceof RequestError) return json({ error: { code: error.code, message: error.message } }, error.status);
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log(`simulator: a handler failed: ${message}`);
  return json({ error: { code: "simulator_failed", message } }, 500);
}

function shopOf(incoming: IncomingMessage): string | null {
  const forwarded = incoming.headers["x-forwarded-host"];
  const host = (Array.isArray(forwarded) ? forwarded[0] : forwarded) ?? incoming.headers.host ?? "";
  return SHOP_HOST.test(host) ? host.toLowerCase() : null;
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new RequestError(400, "invalid_json", "The body is not valid JSON.");
  }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw new RequestError(413, "body_too_large", `Bodies are limited to ${MAX_BODY_BYTES} bytes.`);
    chunks.push(bytes);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function write(outgoing: ServerResponse, answer: SimResponse): void {
  if (outgoing.destroyed) return;
  if (answer.cut === "before_answer") {
    outgoing.destroy();
    return;
  }
  const body = typeof answer.body === "string" ? Buffer.from(answer.body) : (answer.body ?? Buffer.alloc(0));
  outgoing.writeHead(answer.status, { ...answer.headers, "content-length": String(body.length) });
  if (answer.cut === "half_body") {
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => outgoing.destroy());
    return;
  }
  outgoing.end(body);
}

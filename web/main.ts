// The web process: Node's HTTP server in front of the Remix build; static files, embedded pages, webhooks, API, health.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { resolve } from "node:path";
import process from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

import { createRequestHandler, type ServerBuild } from "@remix-run/node";

import { environment } from "#app/config/environment.server.ts";

import { chooseEncoding, createCompressor, type Encoding, isWorthCompressing } from "./compress.ts";
import { protectiveHeaders } from "./protective-headers.ts";
import { ALLOWED_METHODS, readRequest } from "./read-request.ts";
import { createAssetSender } from "./send-asset.ts";

/** The build is made by `npm run build`; importing it wires the composition once. */
const BUILD = resolve(import.meta.dirname, "../build/server/index.js");
const CLIENT = resolve(import.meta.dirname, "../build/client");
/** Connections are kept longer than any proxy in front keeps them, so that none is closed under a webhook. */
const KEEP_ALIVE_MS = 75_000;
/** From a request's first byte to its last: who sends slower holds a connection for nothing. */
const REQUEST_LIMIT_MS = 60_000;
/** Requests under way at a stop are answered, within this. */
const STOP_LIMIT_MS = 10_000;

type Handle = (request: Request) => Promise<Response>;

const config = environment();
const origin = config.shopify.appUrl;
const protection = { isHttps: origin.startsWith("https:") };
const build = (await import(BUILD)) as ServerBuild;
const handle: Handle = createRequestHandler(build, config.production ? "production" : "development");
const sendAsset = createAssetSender(CLIENT);
const server = createServer((incoming, outgoing) => void answer(incoming, outgoing, handle));
server.keepAliveTimeout = KEEP_ALIVE_MS;
server.headersTimeout = KEEP_ALIVE_MS + 1_000;
server.requestTimeout = REQUEST_LIMIT_MS;
server.listen(config.port, () => process.stdout.write(`${JSON.stringify({ level: "info", service: "web", port: config.port, msg: "listening" })}\n`));
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop(server));

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, handleRequest: Handle): Promise<void> {
  try {
    if (await sendAsset(incoming, outgoing)) return;
    const controller = new AbortController();
    outgoing.once("close", () => controller.abort());
    const reading = readRequest(incoming, { origin, controller });
    if (reading.kind === "refused") return refuse(outgoing, reading.status);
    const response = await handleRequest(reading.request).catch((error: unknown) => {
      if (reading.isTooLarge()) return null;
      throw error;
    });
    if (response === null || reading.isTooLarge()) return refuse(outgoing, 413);
    await sendResponse(response, incoming, outgoing);
  } catch (error) {
    process.stderr.write(`${JSON.stringify({ level: "error", service: "web", msg: "request failed", error: error instanceof Error ? error.stack : String(error) })}\n`);
    if (!outgoing.headersSent) outgoing.writeHead(500);
    outgoing.end();
  }
}

/** Nothing of such a request is read on: its connection ends with the answer. */
function refuse(outgoing: ServerResponse, status: 400 | 405 | 413): void {
  const allow = status === 405 ? { Allow: ALLOWED_METHODS } : {};
  outgoing.writeHead(status, { ...protectiveHeaders(new Headers(), null, protection), ...allow, Connection: "close" }).end();
}

async function sendResponse(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  for (const [name, value] of response.headers) {
    if (name === "set-cookie") outgoing.appendHeader(name, value);
    else outgoing.setHeader(name, value);
  }
  const missing = protectiveHeaders(response.headers, response.headers.get("content-type"), protection);
  for (const [name, value] of Object.entries(missing)) outgoing.setHeader(name, value);
  const isCompressible = response.body !== null && !response.headers.has("content-encoding") && isWorthCompressing(response.headers.get("content-type"), response.headers.get("content-length"));
  if (isCompressible) outgoing.appendHeader("vary", "Accept-Encoding");
  const encoding = isCompressible ? chooseEncoding(incoming.headers["accept-encoding"]) : null;
  if (encoding !== null) {
    outgoing.setHeader("content-encoding", encoding);
    outgoing.removeHeader("content-length");
  }
  outgoing.writeHead(response.status, response.statusText);
  if (response.body && incoming.method !== "HEAD") await sendBody(response.body, outgoing, encoding);
  else outgoing.end();
}

/**
 * As fast as the browser takes it: Remix's own writer does not wait, so that a long export to a slow browser would lie in memory whole.
 * A browser that goes away ends the reading.
 */
async function sendBody(body: ReadableStream<Uint8Array>, outgoing: ServerResponse, encoding: Encoding | null): Promise<void> {
  // It went away while the answer was made: nothing can be piped into what is closed.
  if (outgoing.destroyed) return body.cancel();
  const source = Readable.fromWeb(body as NodeReadableStream<Uint8Array>);
  try {
    await (encoding === null ? pipeline(source, outgoing) : pipeline(source, createCompressor(encoding), outgoing));
  } catch (error) {
    const browserLeft = error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
    if (!browserLeft) throw error;
  }
}

async function stop(listening: Server): Promise<void> {
  const limit = setTimeout(() => process.exit(1), STOP_LIMIT_MS);
  limit.unref();
  await new Promise<void>((closed) => {
    listening.close(() => closed());
    listening.closeIdleConnections();
  });
  // What the requests composed lies in the built bundle's global; its last traces leave with it.
  await (globalThis as { holdfast?: { close(): Promise<void> } }).holdfast?.close();
  process.exit(0);
}

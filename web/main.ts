// The web process: Node's HTTP server in front of the Remix build; static files, embedded pages, webhooks, API, health.

import { createServer, type Server } from "node:http";
import { resolve } from "node:path";
import process from "node:process";

import type { ServerBuild } from "@remix-run/node";

import { environment } from "#app/config/environment.server.ts";

import { createAnswer } from "./answer-request.ts";

/** The build is made by `npm run build`; importing it wires the composition once. */
const BUILD = resolve(import.meta.dirname, "../build/server/index.js");
const CLIENT = resolve(import.meta.dirname, "../build/client");
/** Connections are kept longer than any proxy in front keeps them, so that none is closed under a webhook. */
const KEEP_ALIVE_MS = 75_000;
/** From a request's first byte to its last: who sends slower holds a connection for nothing. */
const REQUEST_LIMIT_MS = 60_000;
/** Requests under way at a stop are answered, within this. */
const STOP_LIMIT_MS = 10_000;

const config = environment();
const build = (await import(BUILD)) as ServerBuild;
const answer = createAnswer({ build, mode: config.production ? "production" : "development", origin: config.shopify.appUrl, assetFolder: CLIENT });
const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
server.keepAliveTimeout = KEEP_ALIVE_MS;
server.headersTimeout = KEEP_ALIVE_MS + 1_000;
server.requestTimeout = REQUEST_LIMIT_MS;
server.listen(config.port, () => process.stdout.write(`${JSON.stringify({ level: "info", service: "web", port: config.port, msg: "listening" })}\n`));
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop(server));

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

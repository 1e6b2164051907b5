// The web process: Node's HTTP server in front of the Remix build; static files, embedded pages, webhooks, API, health.

import { resolve } from "node:path";
import process from "node:process";

import type { ServerBuild } from "@remix-run/node";

import { systemClock } from "#app/adapters/system/system-clock.ts";
import { environment } from "#app/config/environment.server.ts";

import { createAnswer } from "./answer-request.ts";
import { createBoundedServer } from "./bounded-server.ts";
import { createDrain } from "./drain.ts";

/** The build is made by `npm run build`; importing it wires the composition once. */
const BUILD = resolve(import.meta.dirname, "../build/server/index.js");
const CLIENT = resolve(import.meta.dirname, "../build/client");
/** Requests under way at a stop are answered, within this after the process no longer listens. */
const STOP_LIMIT_MS = 10_000;
/** Telling the last traces, and closing what the requests used. */
const CLOSE_LIMIT_MS = 4_000;

const config = environment();
const build = (await import(BUILD)) as ServerBuild;
const answer = createAnswer({ build, mode: config.production ? "production" : "development", origin: config.shopify.appUrl, assetFolder: CLIENT });
const server = createBoundedServer((incoming, outgoing) => {
  drain.take(outgoing);
  // It works and is about to go: whoever spreads requests shall send them elsewhere.
  if (drain.isStopping() && incoming.url === "/readyz") return void outgoing.writeHead(503, { "Content-Type": "application/json" }).end(JSON.stringify({ status: "stopping" }));
  return void answer(incoming, outgoing);
});
const drain = createDrain(server, systemClock);
server.listen(config.port, () => process.stdout.write(`${JSON.stringify({ level: "info", service: "web", port: config.port, msg: "listening" })}\n`));
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop(signal));

async function stop(signal: string): Promise<void> {
  process.stdout.write(`${JSON.stringify({ level: "info", service: "web", signal, msg: "web stops" })}\n`);
  const how = await drain.stop({ delayMs: config.drainMs, limitMs: STOP_LIMIT_MS });
  systemClock.setTimer(CLOSE_LIMIT_MS, () => process.exit(1));
  // What the requests composed lies in the built bundle's global; its last traces leave with it.
  await (globalThis as { holdfast?: { close(): Promise<void> } }).holdfast?.close();
  process.exit(how === "answered" ? 0 : 1);
}

// Baseline: the least that a Remix action can do and still answer after the commit: our own web server and gathering of requests, the signature's
// check, and as many bytes as Holdfast stores of an order in one prepared insert straight over the driver. No parsing, no allow-list, no columns,
// one index, no log line, no metric, no wake. Whoever stores webhooks behind a Remix action in one thread comes below this.
import { createServer } from "node:http";
import { resolve } from "node:path";
import process from "node:process";

import type { ActionFunctionArgs, ServerBuild } from "@remix-run/node";
import { Pool } from "pg";

import { systemClock } from "#app/adapters/system/system-clock.ts";
import { BATCH_LIMITS } from "#app/pipeline/accept/delivery-batcher.server.ts";
import { isSignedBy } from "#app/pipeline/accept/verify-signature.server.ts";
import { gatherBatches } from "#app/pipeline/gather-batches.server.ts";

import { createAnswer } from "../../../web/answer-request.ts";

const ROUTE = "routes/webhooks";
/** What the projection of an order of three lines takes. */
const STORED_BYTES = 971;
const CONNECTIONS = 4;
const OK = 200;
const UNAUTHORIZED = 401;
const UNAVAILABLE = 503;
const INSERT = { name: "floor", text: "INSERT INTO bench_floor (webhook_id, body) SELECT * FROM unnest($1::text[], $2::text[])" };

interface Stored {
  readonly webhookId: string;
  readonly body: string;
}

const secrets = [process.env["SHOPIFY_API_SECRET"] ?? ""];
const pool = new Pool({ connectionString: process.env["DATABASE_URL"] ?? "", max: CONNECTIONS });
await pool.query("CREATE TABLE IF NOT EXISTS bench_floor (webhook_id text PRIMARY KEY, body text NOT NULL)");
const batches = gatherBatches<Stored, "stored">(store, { limits: BATCH_LIMITS, clock: systemClock, cutWhenFailed: false });

async function store(entries: readonly Stored[]): Promise<"stored"[]> {
  await pool.query({ ...INSERT, values: [entries.map(({ webhookId }) => webhookId), entries.map(({ body }) => body)] });
  return entries.map(() => "stored");
}

async function action({ context }: ActionFunctionArgs): Promise<Response> {
  const { webhook } = context;
  if (!webhook?.body || !isSignedBy(webhook.body, webhook.header("x-shopify-hmac-sha256") ?? "", secrets)) return new Response(null, { status: UNAUTHORIZED });
  const body = Buffer.from(webhook.body.buffer, webhook.body.byteOffset, Math.min(STORED_BYTES, webhook.body.byteLength)).toString("latin1");
  const outcome = await batches.submit({ webhookId: webhook.header("x-shopify-webhook-id") ?? "", body });
  return new Response(null, { status: outcome === "stored" ? OK : UNAVAILABLE });
}

const build = (await import(resolve("build/server/index.js"))) as ServerBuild;
const route = build.routes[ROUTE];
if (route === undefined) throw new Error(`the build has no ${ROUTE}`);
const module: ServerBuild["routes"][string]["module"] = { default: undefined, action };
const floor: ServerBuild = { ...build, routes: { ...build.routes, [ROUTE]: { ...route, module } } };
const answer = createAnswer({ build: floor, mode: "production", origin: process.env["SHOPIFY_APP_URL"] ?? "", assetFolder: resolve("build/client") });
createServer((incoming, outgoing) => void answer(incoming, outgoing)).listen(Number(process.env["PORT"]), "127.0.0.1");

// Baseline: our own web server with our own build, of which one action is taken out and an empty one put in its place.
import { createServer } from "node:http";
import { resolve } from "node:path";
import process from "node:process";

import type { ServerBuild } from "@remix-run/node";

import { createAnswer } from "../../../web/answer-request.ts";

const ROUTE = "routes/webhooks";

const build = (await import(resolve("build/server/index.js"))) as ServerBuild;
const route = build.routes[ROUTE];
if (route === undefined) throw new Error(`the build has no ${ROUTE}`);
/** Without a page of its own, as every route that only answers programs. */
const module: ServerBuild["routes"][string]["module"] = { default: undefined, action: () => new Response(null) };
const empty: ServerBuild = { ...build, routes: { ...build.routes, [ROUTE]: { ...route, module } } };
const answer = createAnswer({ build: empty, mode: "production", origin: process.env["SHOPIFY_APP_URL"] ?? "", assetFolder: resolve("build/client") });
createServer((incoming, outgoing) => void answer(incoming, outgoing)).listen(Number(process.env["PORT"]), "127.0.0.1");

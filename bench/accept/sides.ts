// The sides of `accept`: each one process that answers webhooks at the same address, on a database of its own state.
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { findFreePort } from "#dev/services/free-port.ts";
import { nodeArgs } from "#dev/services/node-args.ts";

import type { MeasureScope } from "../measure/measure-scope.ts";
import { type Program, startProgram } from "../measure/start-program.ts";
import type { MeasuredServices } from "../measure/start-services.ts";

export const SHOP = "bench.myshopify.com";
export const SECRET = "bench-secret";
const BASELINES = join("bench", "accept", "baselines");

export type SideName = "holdfast" | "empty action" | "floor" | "usual recipe" | "bare node:http";

interface Side {
  readonly name: SideName;
  readonly args: readonly string[];
  readonly readyPath: string;
}

/** What is hosted like our own web process is started like it. */
const WEB_FLAGS = nodeArgs("web").slice(0, -1);

export const SIDES: readonly Side[] = [
  { name: "bare node:http", args: [join(BASELINES, "bare-http.ts")], readyPath: "/" },
  { name: "usual recipe", args: [join("node_modules", "@remix-run", "serve", "dist", "cli.js"), join(BASELINES, "usual-recipe.ts")], readyPath: "/webhooks" },
  { name: "empty action", args: [...WEB_FLAGS, join(BASELINES, "empty-action.ts")], readyPath: "/healthz" },
  { name: "floor", args: [...WEB_FLAGS, join(BASELINES, "floor-action.ts")], readyPath: "/healthz" },
  { name: "holdfast", args: nodeArgs("web"), readyPath: "/readyz" },
];

export interface RunningSide extends Program {
  readonly webhookUrl: string;
}

/** @param profileArgs before the program's own, for profiles. */
export async function startSide(scope: MeasureScope, services: Pick<MeasuredServices, "databaseUrl" | "redisUrl">, { name, args, readyPath }: Side, profileArgs: readonly string[] = []): Promise<RunningSide> {
  const port = await findFreePort();
  const origin = `http://127.0.0.1:${port}`;
  const env = {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: String(port),
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    SHOPIFY_API_KEY: "bench",
    SHOPIFY_API_SECRET: SECRET,
    SHOPIFY_APP_URL: origin,
    SCOPES: "read_orders,read_products,read_inventory,read_locations",
    ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  };
  const program = await startProgram(scope, { name: name.replaceAll(/\W+/g, "-"), args: [...profileArgs, ...args], env, readyUrl: `${origin}${readyPath}` });
  return { ...program, webhookUrl: `${origin}/webhooks` };
}

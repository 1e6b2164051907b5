// What one run of the demo is told and draws: its arguments, the app's identity, its scopes and webhook subscriptions.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "smol-toml";
import { z } from "zod";
import { SetupProblem } from "../services/say.ts";

export type DemoArguments = { headless: boolean; scenario: string; seed: number; naive: boolean; out: string | undefined; json: boolean };

export function readArguments(args: string[]): DemoArguments {
  const options = {
    headless: { type: "boolean", default: false },
    scenario: { type: "string", default: "flash-sale" },
    seed: { type: "string", default: "1" },
    naive: { type: "boolean", default: false },
    out: { type: "string" },
    json: { type: "boolean", default: false },
    // Read where something may have to be installed.
    yes: { type: "boolean", default: false },
  } as const;
  try {
    const { values } = parseArgs({ args, options });
    const seed = Number(values.seed);
    if (!Number.isSafeInteger(seed) || seed < 0) throw new Error("--seed takes a whole number");
    if (!values.headless && (values.naive || values.json || values.out !== undefined)) throw new Error("--naive, --json and --out go with --headless");
    const { headless, scenario, naive, out, json } = values;
    return { headless, scenario, seed, naive, out, json };
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new SetupProblem(`${what}\nusage: npm run demo [-- --headless --scenario flash-sale|flash-sale-under-fire|smoke|checkout-rush [--seed N] [--naive] [--out DIR] [--json]] [--yes]`);
  }
}

export type Manifest = { scopes: string[]; optionalScopes: string[]; subscriptions: { topic: string; uri: string; includeFields?: string[] }[]; apiVersion: string };

const manifestFile = z.object({
  access_scopes: z.object({ scopes: z.string(), optional_scopes: z.array(z.string()).default([]) }),
  webhooks: z.object({
    api_version: z.string(),
    subscriptions: z.array(
      z.object({
        topics: z.array(z.string()).default([]),
        compliance_topics: z.array(z.string()).default([]),
        uri: z.string(),
        include_fields: z.array(z.string()).optional(),
      }),
    ),
  }),
});

/** The simulated Shopify sends what shopify.app.toml subscribes to, fields left out included. */
export async function readManifest(root: string): Promise<Manifest> {
  const { access_scopes: access, webhooks } = manifestFile.parse(parse(await readFile(join(root, "shopify.app.toml"), "utf8")));
  return {
    scopes: access.scopes.split(",").map((scope) => scope.trim()),
    optionalScopes: access.optional_scopes,
    apiVersion: webhooks.api_version,
    subscriptions: webhooks.subscriptions.flatMap(({ topics, compliance_topics: compliance, uri, include_fields: includeFields }) =>
      [...topics, ...compliance].map((topic) => ({ topic, uri, ...(includeFields === undefined ? {} : { includeFields }) })),
    ),
  };
}

export type Identity = { apiKey: string; apiSecret: string; encryptionKey: string };

/** Secrets of one run: nothing outside it ever trusts them. */
export function newIdentity(): Identity {
  return { apiKey: randomBytes(16).toString("hex"), apiSecret: randomBytes(24).toString("hex"), encryptionKey: randomBytes(32).toString("base64") };
}

// The simulator as a process of its own: settings from flags and the environment, one line with its origin, and a quiet end.
import { readFileSync } from "node:fs";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { startSimulator } from "./start.ts";
import type { WebhookSubscription } from "./start.ts";

const READ_SCOPES = [
  "read_orders",
  "read_products",
  "read_inventory",
  "read_locations",
  "read_merchant_managed_fulfillment_orders",
  "read_third_party_fulfillment_orders",
];
const WRITE_SCOPES = ["write_inventory", "write_merchant_managed_fulfillment_orders", "write_third_party_fulfillment_orders", "write_orders"];

const USAGE = `usage: npm run simulator -- [--port N] [--app-url URL] [--schema FILE] [--seed N] [--subscriptions FILE] [--flow-triggers HANDLE,HANDLE] [--link TITLE=ADDRESS]
simulator/README.md tells what each is for, and which variables of the environment are read.
`;

const { values } = readOptions({
  options: {
    help: { type: "boolean" },
    port: { type: "string" },
    "app-url": { type: "string" },
    schema: { type: "string" },
    seed: { type: "string" },
    /** A JSON file: `[{ "topic", "uri", "includeFields"? }]`. */
    subscriptions: { type: "string" },
    /** Handles, with commas between. */
    "flow-triggers": { type: "string" },
    /** `Title=address`: a link on the admin page; may be given several times. */
    link: { type: "string", multiple: true },
  },
});
const env = process.env;
if (values.help === true) {
  process.stdout.write(USAGE);
  process.exit(0);
}

const appUrl = values["app-url"] ?? env["APP_URL"];
const subscriptions = values.subscriptions === undefined ? undefined : (JSON.parse(readFileSync(values.subscriptions, "utf8")) as WebhookSubscription[]);
const simulator = await startSimulator({
  port: Number(values.port ?? env["SIM_PORT"] ?? 0),
  apiKey: env["SHOPIFY_API_KEY"] ?? "simulated-api-key",
  apiSecret: env["SHOPIFY_API_SECRET"] ?? "simulated-api-secret",
  scopes: splitScopes(env["SCOPES"]) ?? READ_SCOPES,
  optionalScopes: splitScopes(env["OPTIONAL_SCOPES"]) ?? WRITE_SCOPES,
  schemaPath: values.schema ?? env["SIM_SCHEMA"] ?? ".cache/admin_2026-10.json",
  seed: Number(values.seed ?? 1),
  log: (line) => console.error(line),
  ...(env["SHOPIFY_API_SECRET_PREVIOUS"] ? { apiSecretPrevious: env["SHOPIFY_API_SECRET_PREVIOUS"] } : {}),
  ...(appUrl ? { appUrl } : {}),
  ...(values["flow-triggers"] ? { flowTriggers: values["flow-triggers"].split(",") } : {}),
  ...(subscriptions ? { subscriptions } : {}),
  links: (values.link ?? []).map(readLink),
});
console.log(`simulator: ${simulator.origin}`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void simulator.close().then(() => process.exit(0));
  });
}

/** A flag that is misspelt is told in a line, not as a stack. */
function readOptions<Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

function readLink(text: string): { title: string; url: string } {
  const [title = "", ...address] = text.split("=");
  return { title, url: address.join("=") };
}

function splitScopes(text: string | undefined): string[] | undefined {
  const scopes = text?.split(",").map((scope) => scope.trim()).filter(Boolean);
  return scopes?.length ? scopes : undefined;
}

// `node load/chaos.ts`: orders while answers to webhooks come after 6 s or never, then a recovery and a verdict. Against a running demo.
import process from "node:process";
import { parseArgs } from "node:util";
import { controlClient } from "#simulator/scenarios/control-client.ts";
import { playChaos } from "./chaos/play-chaos.ts";

const USAGE = `usage: node load/chaos.ts [--orders 40] [--seed 1] [--delay 6000] [--slow 0.4] [--drop 0.3] [--json]

  In another terminal: npm run demo. Then: set -a; . .holdfast/demo.env; set +a
  SIMULATOR_URL, SHOP, HOLDFAST_URL, HOLDFAST_TOKEN, CHAOS_VARIANT_ID, CHANNEL say what is disturbed.
`;

const text = { type: "string" } as const;
const { values } = parseArgs({ options: { orders: text, seed: text, delay: text, slow: text, drop: text, json: { type: "boolean", default: false }, help: { type: "boolean", default: false } } });
const wanted = ["SIMULATOR_URL", "SHOP", "HOLDFAST_URL", "HOLDFAST_TOKEN", "CHAOS_VARIANT_ID"] as const;
const missing = wanted.filter((name) => !process.env[name]);
if (values.help || missing.length > 0) {
  process.stderr.write(missing.length > 0 && !values.help ? `chaos: ${missing.join(", ")} missing\n${USAGE}` : USAGE);
  process.exit(values.help ? 0 : 2);
}
const of = (name: (typeof wanted)[number]) => process.env[name] ?? "";
const verdict = await playChaos({
  control: controlClient(of("SIMULATOR_URL").replace(/\/$/, "")),
  shop: of("SHOP"),
  holdfastUrl: of("HOLDFAST_URL").replace(/\/$/, ""),
  holdfastToken: of("HOLDFAST_TOKEN"),
  variantId: of("CHAOS_VARIANT_ID"),
  sourceName: process.env["CHANNEL"] ?? "my-channel",
  orders: Number(values.orders ?? 40),
  seed: Number(values.seed ?? 1),
  slowMs: Number(values.delay ?? 6_000),
  slowRate: Number(values.slow ?? 0.4),
  dropRate: Number(values.drop ?? 0.3),
  sleep: async (ms) => await new Promise<void>((resolve) => setTimeout(resolve, ms)),
  say: (line) => void process.stderr.write(`chaos: ${line}\n`),
});
if (values.json) process.stdout.write(`${JSON.stringify(verdict)}\n`);
else for (const [name, value] of Object.entries(verdict)) process.stdout.write(`${name.padEnd(16)} ${Array.isArray(value) ? value.join(", ") || "none" : String(value)}\n`);
process.exitCode = verdict.ok ? 0 : 1;

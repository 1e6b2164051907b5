// `npm run probe -- --shop <shop>`: checks the rules that the simulator assumes against a development store, and writes down what it saw.
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import { FIDELITY_FILE, printFidelity, readFidelity } from "../fidelity/rules.ts";
import { readRecording } from "../webhooks/recording.ts";
import { createAdminClient } from "./admin-client.ts";
import type { AdminClient } from "./admin-client.ts";
import { MARK, removeOrder, removeProduct } from "./bench.ts";
import { planProbes, runProbes } from "./run-probes.ts";
import type { Finding, ProbeReport } from "./run-probes.ts";

const USAGE = `usage: npm run probe -- --shop <name>.myshopify.com [--only rule,rule] [--recording webhooks.jsonl] [--write [--file fidelity.json]] [--clean] [--dry-run] [--json]

  SHOPIFY_ADMIN_TOKEN      an Admin API token of a DEVELOPMENT store, with the scopes that --dry-run names
  SHOPIFY_ORIGIN_OVERRIDE  requests go to this origin instead: a simulator

  --clean    only takes away what an earlier run left behind (everything tagged ${MARK})
  --write    writes what was seen into the fidelity list, as "probed"
`;

const OPTIONS = {
  shop: { type: "string" },
  only: { type: "string" },
  recording: { type: "string" },
  file: { type: "string" },
  write: { type: "boolean", default: false },
  clean: { type: "boolean", default: false },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const pause = async (ms: number) => await new Promise<void>((resolve) => setTimeout(resolve, ms));

function say(text: string): void {
  process.stderr.write(`probe: ${text}\n`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help || values.shop === undefined) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 2;
  }
  const list = readFidelity(values.file ?? FIDELITY_FILE);
  const only = values.only?.split(",").map((id) => id.trim());
  if (values["dry-run"]) {
    const plan = planProbes(list.rules, only);
    const scopes = [...new Set(["read_products", "read_inventory", "read_locations", "read_orders", ...plan.flatMap((probe) => probe.scopes)])];
    const lines = plan.map(({ rule, does }) => `${rule.padEnd(24)} ${does}`);
    process.stdout.write(values.json ? `${JSON.stringify({ shop: values.shop, scopes, probes: plan })}\n` : `${[...lines, "", `scopes: ${scopes.join(",")}`].join("\n")}\n`);
    return 0;
  }
  const token = process.env["SHOPIFY_ADMIN_TOKEN"];
  if (!token) throw new Error("SHOPIFY_ADMIN_TOKEN is missing: an Admin API token of a development store");
  const originOverride = process.env["SHOPIFY_ORIGIN_OVERRIDE"];
  if (values.write && originOverride !== undefined && values.file === undefined) throw new Error("a simulator proves nothing: --write goes with a real shop, or with --file");
  const client = createAdminClient({ shop: values.shop, token, apiVersion: list.apiVersion, originOverride, pause });
  if (values.clean) return await clean(client, values.json);
  const recording = values.recording === undefined ? undefined : readRecording(await readFile(values.recording, "utf8"));
  const report = await runProbes({ client, rules: list.rules, only, recording, pause, nowMs: Date.now, say });
  if (values.write) await writeFile(values.file ?? FIDELITY_FILE, printFidelity({ ...list, rules: list.rules.map((rule) => withFinding(rule, report)) }));
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${print(report)}\n`);
  return report.ok ? 0 : 1;
}

function withFinding<Rule extends { id: string }>(rule: Rule, { findings }: ProbeReport): Rule {
  const finding = findings.find((each) => each.rule === rule.id);
  if (!finding || !("saw" in finding)) return rule;
  return { ...rule, probed: { on: new Date().toISOString().slice(0, 10), agrees: finding.verdict === "agrees", saw: finding.saw, evidence: finding.evidence } };
}

function line(finding: Finding): string {
  return `${finding.verdict.toUpperCase().replace("_", " ").padEnd(10)} ${finding.rule.padEnd(24)} ${"saw" in finding ? finding.evidence : finding.why}`;
}

function print({ shop, findings, left, ok }: ProbeReport): string {
  const count = (verdict: Finding["verdict"]) => findings.filter((finding) => finding.verdict === verdict).length;
  const differing = findings.flatMap((finding) => (finding.verdict === "differs" ? [`  ${finding.rule}: assumed ${JSON.stringify(finding.expected)}, seen ${JSON.stringify(finding.saw)}. ${finding.assumed}`] : []));
  return [
    ...findings.map(line),
    ...left.map((what) => `LEFT       ${what}`),
    "",
    `${shop}: ${count("agrees")} agree, ${count("differs")} differ, ${count("unclear")} unclear, ${count("not_asked")} not asked`,
    ...differing,
    ...(ok ? [] : ["Set the switches of what differs with POST /sim/assumptions, or write the list anew with --write."]),
  ].join("\n");
}

const MARKED = `query { orders(first: 100, query: "tag:${MARK}") { nodes { id } } products(first: 100, query: "tag:${MARK}") { nodes { id } } }`;

async function clean(client: AdminClient, json: boolean): Promise<number> {
  const { orders, products } = await client.ask<{ orders: { nodes: { id: string }[] }; products: { nodes: { id: string }[] } }>(MARKED);
  for (const { id } of orders.nodes) await removeOrder(client, id);
  for (const { id } of products.nodes) await removeProduct(client, id);
  const taken = { orders: orders.nodes.length, products: products.nodes.length };
  process.stdout.write(json ? `${JSON.stringify(taken)}\n` : `taken away: ${taken.orders} orders, ${taken.products} products\n`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`probe: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}

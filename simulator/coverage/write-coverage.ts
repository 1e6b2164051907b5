// Writes the coverage page: what of Shopify's schema the simulator answers, which rules are verified, which are assumed, and what a probe saw.
import type { GraphQLSchema } from "graphql";
import { isObjectType } from "graphql";
import { VALUES_OF_ASSUMPTIONS } from "../fidelity/assumptions.ts";
import type { FidelityList, Rule } from "../fidelity/rules.ts";
import { resolverTable } from "../graphql/resolvers/root.ts";
import { NOT_ASKED } from "../probe/not-asked.ts";
import { recordingProbes } from "../probe/recording-probes.ts";
import { PROBES } from "../probe/run-probes.ts";
import { DEFAULT_SUBSCRIPTIONS } from "../options.ts";

export function writeCoverage(schema: GraphQLSchema, { apiVersion, checked, rules }: FidelityList): string {
  const verified = rules.filter(({ status }) => status === "verified");
  const assumed = rules.filter(({ status }) => status === "assumed");
  const switched = assumed.filter((rule) => rule.switch !== undefined);
  const unswitched = assumed.filter((rule) => rule.switch === undefined);
  return [
    "# What the simulator covers",
    "",
    `Admin API ${apiVersion}, checked ${checked}. This page is written from \`fidelity.json\`, the schema and the resolvers; \`coverage/coverage.test.ts\` keeps it`,
    "current and writes it anew with `UPDATE_LISTS=1`. A field that is not listed is refused by its name, never answered with null; only connections, payloads and user",
    "errors, which are read as they are, answer null for a field that nobody filled.",
    "",
    "| | |",
    "|---|---|",
    `| rules verified against Shopify's schema or documents | ${verified.length} |`,
    `| rules assumed, with a switch to try the other way | ${switched.length} |`,
    `| rules assumed, without a switch | ${unswitched.length} |`,
    `| assumed rules that \`npm run probe\` asks a development store | ${assumed.filter(({ id }) => PROBES.some(({ rule }) => rule === id)).length} |`,
    `| assumed rules that a recording of webhooks answers | ${recordingProbes.length} |`,
    `| assumed rules that were seen in a real shop so far | ${assumed.filter(({ probed }) => probed !== undefined).length} |`,
    "",
    "## Operations",
    "",
    ...operations(schema, "QueryRoot", "queries"),
    ...operations(schema, "Mutation", "mutations"),
    "",
    "## Types",
    "",
    "| type | fields | of | which |",
    "|---|---|---|---|",
    ...types(schema),
    "",
    "## Webhooks",
    "",
    `Subscribed unless told otherwise: ${DEFAULT_SUBSCRIPTIONS.map(({ topic }) => `\`${topic}\``).join(", ")}.`,
    "",
    "## Assumed, with a switch",
    "",
    "`POST /sim/assumptions` turns them; run your tests both ways.",
    "",
    "| rule | switch | values, the first or marked one is the default | source | asked by | seen |",
    "|---|---|---|---|---|---|",
    ...switched.map((rule) => row(`${rule.rule} (\`${rule.id}\`)`, `\`${rule.switch}\``, valuesOf(rule), rule.source, askedBy(rule), seenOf(rule))),
    "",
    "## Assumed, without a switch",
    "",
    "| rule | source | asked by | seen |",
    "|---|---|---|---|",
    ...unswitched.map((rule) => row(`${rule.rule} (\`${rule.id}\`)`, rule.source, askedBy(rule), seenOf(rule))),
    "",
    "## Verified",
    "",
    "| rule | source |",
    "|---|---|",
    ...verified.map((rule) => row(`${rule.rule} (\`${rule.id}\`)`, rule.source)),
    "",
  ].join("\n");
}

function operations(schema: GraphQLSchema, type: "QueryRoot" | "Mutation", word: string): string[] {
  const names = Object.keys(resolverTable[type] ?? {}).toSorted();
  const root = type === "Mutation" ? schema.getMutationType() : schema.getQueryType();
  return [`${names.length} ${word} of ${Object.keys(root?.getFields() ?? {}).length}: ${names.map((name) => `\`${name}\``).join(", ")}.`, ""];
}

function types(schema: GraphQLSchema): string[] {
  return Object.entries(resolverTable)
    .filter(([name]) => name !== "QueryRoot" && name !== "Mutation")
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, resolvers]) => {
      const type = schema.getType(name);
      const all = isObjectType(type) ? Object.keys(type.getFields()) : [];
      const fields = Object.keys(resolvers).toSorted();
      const unknown = fields.filter((field) => !all.includes(field));
      if (unknown.length > 0) throw new Error(`${name} has no field ${unknown.join(", ")}`);
      return row(name, String(fields.length), String(all.length), fields.join(", "));
    });
}

function valuesOf(rule: Rule): string {
  const values = VALUES_OF_ASSUMPTIONS[rule.switch as keyof typeof VALUES_OF_ASSUMPTIONS];
  return values.map((value) => (value === rule.default ? `**${JSON.stringify(value)}**` : JSON.stringify(value))).join(", ");
}

function askedBy({ id }: Rule): string {
  if (PROBES.some(({ rule }) => rule === id)) return "probe";
  if (recordingProbes.some(({ rule }) => rule === id)) return "recording";
  return `nobody: ${NOT_ASKED[id] ?? ""}`;
}

function seenOf({ probed }: Rule): string {
  return probed === undefined ? "–" : `${probed.on}: ${probed.agrees ? "agrees" : `differs, ${JSON.stringify(probed.saw)}`}; ${probed.evidence}`;
}

function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

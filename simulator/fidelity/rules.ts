// The fidelity list as its readers see it: the coverage page, the probe, and the tests that hold both to it.
import { readFileSync } from "node:fs";

export interface Rule {
  id: string;
  rule: string;
  source: string;
  status: "verified" | "assumed";
  /** The name of its switch in assumptions.ts. */
  switch?: string;
  default?: unknown;
  /** What a probe saw in a real shop. */
  probed?: { on: string; agrees: boolean; saw: unknown; evidence: string };
}

export interface FidelityList {
  apiVersion: string;
  checked: string;
  note: string;
  rules: Rule[];
}

export const FIDELITY_FILE = new URL("../fidelity.json", import.meta.url);

export function readFidelity(file: URL | string = FIDELITY_FILE): FidelityList {
  return JSON.parse(readFileSync(file, "utf8")) as FidelityList;
}

/** One rule a line, so that a change of one is a change of one line. */
export function printFidelity({ apiVersion, checked, note, rules }: FidelityList): string {
  const head = Object.entries({ apiVersion, checked, note }).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`);
  const lines = rules.map((rule) => `    { ${Object.entries(rule).map(([name, value]) => `${JSON.stringify(name)}: ${spaced(value)}`).join(", ")} }`);
  return `{\n${head.join("\n")}\n  "rules": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

function spaced(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${spaced(each)}`).join(", ")} }`;
}

// Goal: whoever is woken by an alert finds its section, what it means and three commands that can be typed; every metric is explained.
// Method: alerts, headings, metrics and their table are compared both ways. That the commands exist is documents.test.ts's to say.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { createPrometheusMetrics } from "#app/adapters/telemetry/prometheus-metrics.server.ts";

import { anchorsOf, ROOT } from "./read-documents.ts";
import { splitShell } from "./shell-words.ts";

const MONITORING = readFileSync(join(ROOT, "docs/reference/monitoring.md"), "utf8");
const METRICS = readFileSync(join(ROOT, "docs/reference/metrics.md"), "utf8");
const COMMANDS_MIN = 3;

interface Rule {
  readonly alert: string;
  readonly annotations: { readonly runbook_url: string };
}

function rules(): Rule[] {
  const file = parse(readFileSync(join(ROOT, "docs/monitoring/holdfast-alerts.yml"), "utf8")) as { groups: { rules: Rule[] }[] };
  return file.groups.flatMap((group) => group.rules);
}

/** The sections of third rank under the heading of the alerts: anchor to text. */
function sections(page: string): ReadonlyMap<string, string> {
  const chapter = /^## What each alert asks for$(.*?)(?=^## )/ms.exec(page)?.[1] ?? "";
  return new Map(chapter.split(/^### /m).slice(1).map((section) => [[...anchorsOf([section.split("\n", 1)[0] ?? ""])][0] ?? "", section]));
}

function commandsOf(section: string): string[][] {
  return [...section.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, text = ""]) => splitShell(text).filter(({ words }) => words.length > 0).map(({ words }) => [...words]));
}

async function exposedNames(): Promise<string[]> {
  const figures = { deliveryLagSeconds: async () => 0, queueDepth: async () => 0, incidents: async () => ({ oversellsOpenCount: 0, driftUnits: 0, parkedCount: 0 }), reservedUnits: async () => ({ granted: 0, held: 0, settling: 0 }) };
  const { text } = await createPrometheusMetrics(figures).expose();
  return [...text.matchAll(/^# TYPE (holdfast_\w+) /gm)].map(([, name = ""]) => name);
}

describe("the runbook", () => {
  it("has a section for every alert, which names it, and no section that no alert leads to", () => {
    const found = sections(MONITORING);
    const led = rules().map(({ alert, annotations }) => ({ alert, anchor: annotations.runbook_url.split("#")[1] ?? "" }));
    expect(led.length).toBeGreaterThan(20);
    expect(led.filter(({ alert, anchor }) => found.get(anchor)?.includes(`\`${alert}\``) !== true)).toEqual([]);
    expect([...found.keys()].filter((anchor) => !led.some((rule) => rule.anchor === anchor))).toEqual([]);
  });

  it("names the first three commands for each", () => {
    const short = [...sections(MONITORING)].filter(([, section]) => commandsOf(section).filter(([program]) => program !== "grep").length < COMMANDS_MIN);
    expect(short.map(([anchor]) => anchor)).toEqual([]);
  });

  it("knows every metric that a process exposes, and explains none that there is not", async () => {
    const exposed = await exposedNames();
    const explained = [...METRICS.matchAll(/^\| `(holdfast_\w+)` \|/gm)].map(([, name = ""]) => name);
    expect(exposed.length).toBeGreaterThan(20);
    expect(exposed.filter((name) => !explained.includes(name))).toEqual([]);
    expect(explained.filter((name) => !exposed.includes(name))).toEqual([]);
  });

  it("greps only for metrics that there are", async () => {
    const exposed = [...(await exposedNames()), "process_cpu_seconds_total", "nodejs_eventloop_lag"];
    const asked = [...sections(MONITORING).values()].flatMap((section) => commandsOf(section).flatMap(([program, word = ""]) => (program === "grep" && /^(holdfast|process|nodejs)_/.test(word) ? [word.replace(/_bucket$/, "")] : [])));
    expect(asked.length).toBeGreaterThan(15);
    expect(asked.filter((name) => !exposed.includes(name))).toEqual([]);
  });
});

describe("the environment", () => {
  it("is explained in the operations guide, variable by variable, as .env.example has it", () => {
    const page = readFileSync(join(ROOT, "docs/reference/operations.md"), "utf8");
    const variables = [...readFileSync(join(ROOT, ".env.example"), "utf8").matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map(([, name = ""]) => name);
    expect(variables.length).toBeGreaterThan(15);
    expect(variables.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
  });
});

// Goal: what operators load into Prometheus and Grafana speaks of metrics, labels and values that exist, and every alert says what to do.
// Method: the expressions are parsed as PromQL and compared with what a fresh process exposes.
import { readFileSync } from "node:fs";

import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { createPrometheusMetrics } from "#app/adapters/telemetry/prometheus-metrics.server.ts";
import { ACCEPT_STATUS, METRIC_TOPICS } from "#app/pipeline/accept/accept-webhook.server.ts";

/** The contract with outside programs: name, and its labels in alphabetical order. Only ever added to. */
const CONTRACT: Readonly<Record<string, string>> = {
  holdfast_deliveries_total: "outcome,topic",
  holdfast_delivery_ack_seconds: "",
  holdfast_delivery_lag_seconds: "",
  holdfast_changes_total: "state",
  holdfast_change_latency_seconds: "",
  holdfast_mutations_total: "outcome",
  holdfast_mutation_entries: "",
  holdfast_api_cost_available: "",
  holdfast_lock_wait_seconds: "",
  holdfast_lock_hold_seconds: "",
  holdfast_locks_total: "outcome",
  holdfast_turns_total: "outcome",
  holdfast_queue_depth: "",
  holdfast_reservations_total: "outcome",
  holdfast_oversells_open: "",
  holdfast_conflicts_total: "",
  holdfast_drift_units: "",
  holdfast_db_conflicts_total: "kind",
  holdfast_reservation_seconds: "",
  holdfast_reserved_units: "of",
};
/** Mission row 10, and what stands beside it. */
const SIGNALS = ["failed_inventory_updates", "ledger_discrepancy", "webhook_errors", "webhook_latency", "transaction_errors", "lock_waits", "parked_work", "queue_lag", "delivery_lag", "oversells", "reservations"];
/** Put on every series by the scrape. */
const SCRAPED_LABELS = ["instance", "job"];
const NO_UNITS = { granted: 0, held: 0, settling: 0 };
const RULES_PATH = "docs/monitoring/holdfast-alerts.yml";
const DASHBOARD_PATH = "docs/monitoring/holdfast-dashboard.json";
const PAGE_PATH = "docs/reference/monitoring.md";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity?: string; readonly signal?: string };
  readonly annotations: { readonly summary?: string; readonly description?: string; readonly runbook_url?: string };
}

/** What a metric is called, and the values that each of its labels may have. */
type Exposed = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

async function exposed(): Promise<Exposed> {
  const figures = { deliveryLagSeconds: async () => 0, queueDepth: async () => 0, incidents: async () => ({ oversellsOpenCount: 0, driftUnits: 0, parkedCount: 0 }), reservedUnits: async () => NO_UNITS };
  const metrics = createPrometheusMetrics({ ...figures, topics: METRIC_TOPICS });
  // The outcomes of deliveries that do not stand at 0 from the start: the closed set of the accept path.
  for (const outcome of Object.keys(ACCEPT_STATUS)) metrics.delivery("other", outcome, 0.01);
  const { text } = await metrics.expose();
  const found = new Map<string, Map<string, Set<string>>>();
  for (const line of text.split("\n")) {
    const [, name, labels = ""] = /^([a-z_0-9]+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined) continue;
    const known = found.get(name) ?? new Map<string, Set<string>>();
    found.set(name, known);
    for (const [, label = "", value = ""] of labels.matchAll(/(\w+)="([^"]*)"/g)) known.set(label, (known.get(label) ?? new Set()).add(value));
  }
  return found;
}

function rules(): Rule[] {
  const file = parse(readFileSync(RULES_PATH, "utf8")) as { groups: { name: string; rules: Rule[] }[] };
  return file.groups.flatMap((group) => group.rules);
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}

function dashboard() {
  return JSON.parse(readFileSync(DASHBOARD_PATH, "utf8")) as { title: string; templating: { list: { name: string; type: string }[] }; panels: Panel[] };
}

/** What Grafana puts in place of its variables before Prometheus sees the expression. */
function filledIn(expression: string): string {
  return expression.replaceAll("$__rate_interval", "1m").replaceAll("$__range", "3h").replaceAll("$instance", ".*");
}

/** Everything about an expression that does not fit what is exposed. */
function faultsOf(expression: string, metrics: Exposed): string[] {
  const faults: string[] = [];
  const labelsSeen = new Set<string>(["le", ...SCRAPED_LABELS]);
  const grouped: string[] = [];
  let metric: string | null = null;
  let label: string | null = null;
  let grouping = false;
  let equals = true;
  parser.parse(expression).iterate({
    enter(node) {
      const text = expression.slice(node.from, node.to);
      if (node.type.isError) faults.push(`is no PromQL at ${node.from}`);
      else if (node.name === "VectorSelector") metric = null;
      else if (node.name === "GroupingLabels") grouping = true;
      else if (node.name === "Identifier") {
        metric = text;
        const known = metrics.get(text);
        if (!known) faults.push(`${text} is not exposed`);
        for (const name of known?.keys() ?? []) labelsSeen.add(name);
      } else if (node.name === "LabelName") {
        if (grouping) grouped.push(text);
        label = text;
      } else if (node.name === "MatchOp") equals = text === "=" || text === "=~";
      else if (node.name === "StringLiteral" && metric !== null && label !== null && equals) faults.push(...valueFaults(metrics, metric, label, text.slice(1, -1)));
    },
    leave(node) {
      if (node.name === "GroupingLabels") grouping = false;
    },
  });
  return [...faults, ...grouped.filter((name) => !labelsSeen.has(name)).map((name) => `groups by ${name}, which no metric in it has`)];
}

function valueFaults(metrics: Exposed, metric: string, label: string, pattern: string): string[] {
  if (SCRAPED_LABELS.includes(label)) return [];
  const values = metrics.get(metric)?.get(label);
  if (!values) return [`${metric} has no label ${label}`];
  return pattern.split("|").filter((value) => !values.has(value)).map((value) => `${metric} never has ${label}="${value}"`);
}

/** As GitHub makes them of headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-"));
}

describe("the metrics", () => {
  it("are those of the contract, by name and labels", async () => {
    const metrics = await exposed();
    const labelsOf = (name: string) => [...(metrics.get(name) ?? metrics.get(`${name}_bucket`) ?? new Map<string, never>([["not exposed", undefined as never]])).keys()].filter((label) => label !== "le").sort().join();
    expect(Object.fromEntries(Object.keys(CONTRACT).map((name) => [name, labelsOf(name)]))).toEqual(CONTRACT);
  });

  it("stand at 0 from the start, so that the first deadlock, refused call or 503 of a process is seen as a rise", async () => {
    const { text } = await createPrometheusMetrics({
      topics: METRIC_TOPICS,
      deliveryLagSeconds: async () => 0,
      queueDepth: async () => 0,
      incidents: async () => ({ oversellsOpenCount: 0, driftUnits: 0, parkedCount: 0 }),
      reservedUnits: async () => NO_UNITS,
    }).expose();
    for (const series of [
      'holdfast_db_conflicts_total{kind="deadlock"}',
      'holdfast_db_failures_total{kind="unavailable"}',
      'holdfast_mutations_total{outcome="rejected"}',
      'holdfast_deliveries_total{topic="orders/create",outcome="unavailable"}',
      "holdfast_conflicts_total",
    ]) {
      expect(text.split("\n")).toContain(`${series} 0`);
    }
  });

  it("are scraped all the same when one figure cannot be had, and its sample is missing", async () => {
    let askedCount = 0;
    const away = () => Promise.reject(new Error("away"));
    const metrics = createPrometheusMetrics({ deliveryLagSeconds: async () => 7, queueDepth: away, incidents: () => ((askedCount += 1), away()), reservedUnits: away });
    const { text } = await metrics.expose();
    expect(text).toContain("holdfast_delivery_lag_seconds 7");
    expect(text).not.toMatch(/^holdfast_(queue_depth|oversells_open|drift_units|changes_parked) /m);
    expect(askedCount).toBe(1);
  });

  it("are each explained", () => {
    const page = readFileSync("docs/reference/metrics.md", "utf8");
    expect(Object.keys(CONTRACT).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("the check itself", () => {
  it("finds an unknown metric, label, value and grouping, and what is no PromQL", async () => {
    const metrics = await exposed();
    expect(faultsOf("rate(holdfast_nothing_total[5m]) > 0", metrics)).toEqual(["holdfast_nothing_total is not exposed"]);
    expect(faultsOf('holdfast_turns_total{shop="x"}', metrics)).toEqual(["holdfast_turns_total has no label shop"]);
    expect(faultsOf('holdfast_turns_total{outcome=~"failed|exploded"}', metrics)).toEqual(['holdfast_turns_total never has outcome="exploded"']);
    expect(faultsOf("sum by (topic) (holdfast_turns_total)", metrics)).toEqual(["groups by topic, which no metric in it has"]);
    expect(faultsOf("sum(rate(holdfast_turns_total[5m])", metrics)).not.toEqual([]);
    expect(faultsOf('sum by (outcome) (rate(holdfast_turns_total{outcome="failed", instance=~"a.*"}[5m])) > 1', metrics)).toEqual([]);
  });
});

describe("the alert rules", () => {
  it("ask for metrics, labels and values that are exposed", async () => {
    const metrics = await exposed();
    expect(rules().flatMap(({ alert, expr }) => faultsOf(expr, metrics).map((fault) => `${alert}: ${fault}`))).toEqual([]);
  });

  it("cover every signal, none twice under one name", () => {
    const all = rules();
    expect(SIGNALS.filter((signal) => !all.some((rule) => rule.labels.signal === signal))).toEqual([]);
    expect(new Set(all.map(({ alert }) => alert)).size).toBe(all.length);
    expect(all.filter(({ labels }) => labels.severity !== "critical" && labels.severity !== "warning")).toEqual([]);
  });

  it("say what is wrong in words, and where it is written what to do", () => {
    const anchors = anchorsOf(readFileSync(PAGE_PATH, "utf8"));
    for (const { alert, expr, annotations } of rules()) {
      expect([alert, annotations.summary, annotations.description]).not.toContain(undefined);
      const [path, anchor = ""] = (annotations.runbook_url ?? "").split("#");
      expect([alert, path, anchors.includes(anchor) ? anchor : "no such heading"]).toEqual([alert, PAGE_PATH, anchor]);
      const named = [...`${annotations.summary} ${annotations.description}`.matchAll(/\$labels\.(\w+)/g)].map(([, name = ""]) => name);
      for (const name of named) expect(`${alert}: ${expr}`).toContain(`by (${name})`);
    }
  });
});

describe("the dashboard", () => {
  it("asks for metrics, labels and values that are exposed", async () => {
    const metrics = await exposed();
    const faults = dashboard().panels.flatMap((panel) => (panel.targets ?? []).flatMap(({ expr }) => faultsOf(filledIn(expr), metrics).map((fault) => `${panel.title}: ${fault}`)));
    expect(faults).toEqual([]);
  });

  it("shows every metric of the contract and everything that an alert asks for", () => {
    const shown = dashboard().panels.flatMap((panel) => (panel.targets ?? []).map(({ expr }) => expr)).join("\n");
    const asked = rules().flatMap(({ expr }) => [...expr.matchAll(/holdfast_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, "")));
    expect([...Object.keys(CONTRACT), ...asked].filter((name) => !shown.includes(name))).toEqual([]);
  });

  it("can be imported: the data source is a variable, and no two panels lie on each other", () => {
    const { panels, templating } = dashboard();
    expect(templating.list.find(({ name }) => name === "datasource")?.type).toBe("datasource");
    const places = new Set<string>();
    for (const { id, type, title, gridPos, datasource } of panels) {
      expect([title, type === "row" ? "${datasource}" : datasource?.uid]).toEqual([title, "${datasource}"]);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect([id, places.has(`${x},${y}`)]).toEqual([id, false]);
          places.add(`${x},${y}`);
        }
      }
    }
  });
});

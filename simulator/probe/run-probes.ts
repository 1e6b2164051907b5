// Asks a shop everything that is asked, one probe after the other, and compares what it did with what the simulator assumes.
import { limitProbes } from "./limit-probes.ts";
import { inventoryProbes } from "./inventory-probes.ts";
import { orderProbes } from "./order-probes.ts";
import { recordingProbes } from "./recording-probes.ts";
import { NOT_ASKED } from "./not-asked.ts";
import { openBench } from "./bench.ts";
import type { BenchOptions } from "./bench.ts";
import type { Probe, Seen } from "./probe.ts";
import type { Rule } from "../fidelity/rules.ts";
import type { RecordedRequest } from "../webhooks/recording.ts";

export const PROBES: readonly Probe[] = [...inventoryProbes, ...orderProbes, ...limitProbes];

export type Finding = { rule: string; assumed: string; expected: unknown } & (
  | { verdict: "agrees" | "differs"; saw: unknown; evidence: string }
  | { verdict: "unclear" | "not_asked"; why: string }
);

export interface ProbeReport {
  shop: string;
  /** Nothing differs, and nothing was left behind. */
  ok: boolean;
  findings: Finding[];
  /** What a probe made and could not take away. */
  left: string[];
}

export interface RunOptions extends BenchOptions {
  rules: readonly Rule[];
  /** Ids of rules; left out: all. */
  only?: readonly string[] | undefined;
  recording?: readonly RecordedRequest[] | undefined;
  say(text: string): void;
}

/** What would be asked, for `--dry-run`. */
export function planProbes(rules: readonly Rule[], only?: readonly string[]): { rule: string; does: string; scopes: readonly string[] }[] {
  const chosen = new Set(chooseRules(rules, only).map(({ id }) => id));
  return PROBES.filter(({ rule }) => chosen.has(rule)).map(({ rule, does, scopes }) => ({ rule, does, scopes }));
}

export async function runProbes(options: RunOptions): Promise<ProbeReport> {
  const { rules, only, recording, client, say } = options;
  const bench = await openBench(options);
  const findings: Finding[] = [];
  let left: string[] = [];
  try {
    const chosen = chooseRules(rules, only);
    // In the order of the probes: the last ones use up what the others need.
    for (const probe of PROBES) {
      const rule = chosen.find(({ id }) => id === probe.rule);
      if (!rule) continue;
      say(`${rule.id}: ${probe.does}`);
      findings.push(judge(rule, await attempt(() => probe.ask(bench))));
    }
    for (const rule of chosen) if (!PROBES.some((probe) => probe.rule === rule.id)) findings.push(judgeUnasked(rule, recording));
  } finally {
    say("taking everything away again");
    left = await bench.clear();
  }
  return { shop: client.shop, ok: left.length === 0 && findings.every(({ verdict }) => verdict !== "differs"), findings, left };
}

function chooseRules(rules: readonly Rule[], only?: readonly string[]): Rule[] {
  const unknown = only?.find((id) => !rules.some((rule) => rule.id === id && rule.status === "assumed"));
  if (unknown !== undefined) throw new Error(`${unknown} is no assumed rule of fidelity.json`);
  return rules.filter(({ id, status }) => status === "assumed" && (only === undefined || only.includes(id)));
}

/** A probe that fails is no finding about the shop. */
async function attempt(ask: () => Promise<Seen>): Promise<Seen> {
  try {
    return await ask();
  } catch (error) {
    return { kind: "unclear", why: error instanceof Error ? error.message : String(error) };
  }
}

function judge(rule: Rule, answer: Seen): Finding {
  const about = { rule: rule.id, assumed: rule.rule, expected: rule.default ?? true };
  if (answer.kind === "unclear") return { ...about, verdict: "unclear", why: answer.why };
  return { ...about, verdict: answer.value === about.expected ? "agrees" : "differs", saw: answer.value, evidence: answer.evidence };
}

function judgeUnasked(rule: Rule, recording: readonly RecordedRequest[] | undefined): Finding {
  const about = { rule: rule.id, assumed: rule.rule, expected: rule.default ?? true };
  const probe = recordingProbes.find((each) => each.rule === rule.id);
  if (probe && recording) return judge(rule, probe.judge(recording));
  if (probe) return { ...about, verdict: "not_asked", why: `give a --recording with ${probe.needs}` };
  return { ...about, verdict: "not_asked", why: NOT_ASKED[rule.id] ?? "no probe was written" };
}

// What the storm and its processes say to each other: how a process is wired, what is armed in it, and what struck.
import type { Timings } from "#app/ports/timings.ts";
import type { StepFault } from "../faults.ts";

export type StormService = "worker" | "accept";

export interface Preparation {
  readonly service: StormService;
  readonly env: Readonly<Record<string, string>>;
  readonly redisPrefix: string;
  readonly timings: Timings;
  /** Guards that are switched off in this process. */
  readonly without: readonly string[];
}

/** Strikes once, at the next time the step is reached, unless that is too late. */
export interface StepStrike {
  readonly id: number;
  readonly fault: StepFault;
  readonly step: string;
  readonly moment: "before" | "after";
  /** How long, for what takes time. */
  readonly ms: number;
  /** By the wall clock. */
  readonly untilMs: number;
}

export type Message = { readonly kind: "begin"; readonly preparation: Preparation } | { readonly kind: "arm"; readonly strike: StepStrike } | { readonly kind: "calm" };

export type Report =
  /** Loaded, waiting to be told what to be. */
  | { readonly report: "standing_by" }
  | { readonly report: "listening"; readonly port: number }
  | { readonly report: "running" }
  /** Written before the strike does its work. */
  | { readonly report: "struck"; readonly strike: StepStrike }
  /** A decision on a mutation was committed by whoever held this attempt. */
  | { readonly report: "decided"; readonly mutationId: string; readonly attempt: number; readonly as: string };

/** Null for a line of the process's log. */
export function readReport(line: string): Report | null {
  return line.startsWith(`{"report":`) ? (JSON.parse(line) as Report) : null;
}

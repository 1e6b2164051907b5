// What the tests and a process under test say to each other: how it is wired, where it is to be struck, and that it was.
import type { ComposeOptions, Service } from "#app/composition.server.ts";
import type { StepName } from "#tests/setup/around-steps.ts";

export type Moment = "before" | "after";

/** A point of a process: just before, or just after, a step that writes durably or reaches the outside. */
export interface Point {
  readonly step: StepName;
  readonly moment: Moment;
}

/**
 * `kill`: SIGKILL to itself, with nothing of the process running between the point and its end. `pause`: SIGSTOP, until somebody sends
 * SIGCONT. `hold`: the caller of the step waits there until the process is told to go on; everything else of it runs.
 */
export interface Strike extends Point {
  readonly act: "kill" | "pause" | "hold";
  /** The n-th time that the point is reached from now on; 1 is the next. */
  readonly nth?: number;
}

/** In the variable of this name stands a `Preparation`, as JSON. */
export const PREPARATION_VARIABLE = "HOLDFAST_TEST_PREPARATION";

export interface Preparation extends Pick<ComposeOptions, "redisPrefix" | "timings"> {
  readonly service: Service;
  /** Its clock is ahead of the machine's by this. */
  readonly clockAheadMs?: number;
  /** Armed from the first moment. */
  readonly strikes: readonly Strike[];
}

/** To the process. Each is answered by a line on its standard output. */
export type Order = { readonly kind: "arm"; readonly number: number; readonly strikes: readonly Strike[] } | { readonly kind: "release"; readonly number: number };

/** From the process: a line of JSON among those of its log. */
export type Report =
  /** It does not go on before the strike did its work. */
  | { readonly report: "struck"; readonly point: string; readonly act: Strike["act"] }
  | { readonly report: "obeyed"; readonly number: number };

export function nameOf({ step, moment }: Point): string {
  return `${step}:${moment}`;
}

/** Null for an ordinary line of the log. */
export function readReport(line: string): Report | null {
  return line.startsWith(`{"report":`) ? (JSON.parse(line) as Report) : null;
}

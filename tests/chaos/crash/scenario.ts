// What happens in a shop around a death: told once, for whichever process dies.
import type { Ending, Stage } from "./stage.ts";

export interface Scenario {
  /** What happens, for the list of points. */
  readonly title: string;
  /** Until the eve of it; everything settles before the point is armed. */
  prepare?(stage: Stage): Promise<void> | void;
  /** What leads to the step. */
  act(stage: Stage): Promise<void> | void;
  /**
   * `asleep`: the worker is paused while it happens, so that its next turn meets all of it. `down`: no worker runs while it happens; the
   * one that starts afterwards is the one to be struck.
   */
  readonly during?: "running" | "asleep" | "down";
  /** The process works with a clock that is ahead by this. Of a worker's only with `down`. */
  readonly clockAheadMs?: number;
  /** The time that passes before the process is started again. */
  meanwhile?(stage: Stage): Promise<void> | void;
  /** What people, and Shopify, do after the process was started again. */
  afterwards?(stage: Stage): Promise<void> | void;
  readonly ending: Ending;
}

/** A command that an operator gives, and gives again when it died. */
export interface CommandScenario extends Pick<Scenario, "title" | "prepare" | "clockAheadMs" | "ending"> {
  /** Optional ones that the shop grants; default: to change stock. */
  readonly scopes?: readonly string[];
  words(stage: Stage): readonly string[] | Promise<readonly string[]>;
  /** What else must hold in the end; the shop's install is $1. */
  readonly also?: readonly { readonly query: string; readonly expected: unknown }[];
}

// What a probe is: one assumed rule of the simulator, asked of a real shop.
import type { Bench } from "./bench.ts";

export type Seen =
  /** What the shop did: a value of the rule's switch, or whether the rule holds. */
  | { kind: "seen"; value: unknown; evidence: string }
  /** The shop, the token or the moment does not allow an answer. */
  | { kind: "unclear"; why: string };

export interface Probe {
  /** Its id in fidelity.json. */
  readonly rule: string;
  /** For `--dry-run`: what it makes and asks, in words. */
  readonly does: string;
  /** Access scopes that the token needs beside reading. */
  readonly scopes: readonly string[];
  ask(bench: Bench): Promise<Seen>;
}

export function seen(value: unknown, evidence: string): Seen {
  // Shopify's sentences may go over several lines; a finding is one.
  return { kind: "seen", value, evidence: evidence.replaceAll(/\s+/g, " ").trim() };
}

export function unclear(why: string): Seen {
  return { kind: "unclear", why };
}

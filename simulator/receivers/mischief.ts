// What goes wrong at a receiver, drawn from a seed: refusals and lost connections before or after the request was taken, slowness, too many requests.
import { createRandom } from "../world/random.ts";
import type { Random } from "../world/random.ts";

export const MISHAPS = ["refuse_before", "refuse_after", "cut_before", "cut_after", "busy", "slow", "reject"] as const;
/** `before`: nothing was taken; `after`: taken, though the sender does not learn of it. `busy` is 429, `reject` 422. */
export type Mishap = (typeof MISHAPS)[number];

export interface MischiefPlan {
  seed?: number;
  /** Of all requests, how many go wrong. */
  rate?: number;
  /** Which mishaps are drawn from; each as likely as the other. */
  kinds?: Mishap[];
  /** Strike first, in this order, whatever the rate. */
  next?: Mishap[];
  /** Seconds named by Retry-After when busy. */
  retryAfterSeconds?: number;
}

export interface Receivable {
  /** Whether the request shall be taken, and what becomes of its answer. */
  readonly taken: boolean;
  readonly answer: "ok" | "refuse" | "cut" | "busy" | "reject";
  readonly slow: boolean;
}

const WHOLE: Receivable = { taken: true, answer: "ok", slow: false };
const BY_MISHAP: Readonly<Record<Mishap, Receivable>> = {
  refuse_before: { taken: false, answer: "refuse", slow: false },
  refuse_after: { taken: true, answer: "refuse", slow: false },
  cut_before: { taken: false, answer: "cut", slow: false },
  cut_after: { taken: true, answer: "cut", slow: false },
  busy: { taken: false, answer: "busy", slow: false },
  reject: { taken: false, answer: "reject", slow: false },
  slow: { taken: true, answer: "ok", slow: true },
};
const USUAL: readonly Mishap[] = ["refuse_before", "refuse_after", "cut_before", "cut_after"];

export class Mischief {
  #plan: MischiefPlan = {};
  #random: Random = createRandom(1);
  #next: Mishap[] = [];

  set(plan: MischiefPlan): void {
    this.#plan = plan;
    this.#random = createRandom(plan.seed ?? 1);
    this.#next = [...(plan.next ?? [])];
  }

  get retryAfterSeconds(): number {
    return this.#plan.retryAfterSeconds ?? 2;
  }

  draw(): Receivable {
    const certain = this.#next.shift();
    if (certain) return BY_MISHAP[certain];
    const { rate = 0, kinds = USUAL } = this.#plan;
    // Both dice are thrown each time, so that one seed gives one sequence whatever the rate.
    const [strikes, which] = [this.#random.next(), this.#random.next()];
    const kind = kinds[Math.floor(which * kinds.length)];
    return strikes < rate && kind ? BY_MISHAP[kind] : WHOLE;
  }
}

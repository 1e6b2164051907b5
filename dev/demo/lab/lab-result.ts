// The result of one run of the race lab: who handled the sale, and what it cost in units, calls and time.
import type { Damage } from "./judge-lab-sale.ts";
import type { Switches } from "./switches.ts";

export type LabResult = Damage & {
  /** `holdfast`: the whole app, which has no switches. */
  kind: "lab" | "holdfast";
  switches: Switches;
  seed: number;
  /** Webhooks that Shopify hung up on. */
  lateAnswers: number;
  /** Every call to the Admin API, reads too. */
  calls: number;
  /** Stored notifications that nobody will ever work on. */
  waiting: number;
  /** Buyers at the counter who were told that a lamp is theirs. */
  counterSold: number;
  seconds: number;
  /** False: it was given up at its time limit. */
  finished: boolean;
};

/** No unit is wrong, nothing was left lying, and it came to its end. */
export function isClean({ lost, doublyApplied, oversold, waiting, finished }: LabResult): boolean {
  return lost + doublyApplied + oversold + waiting === 0 && finished;
}

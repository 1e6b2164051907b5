// The words of busy items, as merchants read them: plain first, the technical one beneath. Pure.

import type { ContentionCause } from "#app/domain/contention.ts";
import type { LockPurpose } from "#app/ports/lock.ts";

export const BUSY_TERM = {
  label: "Busy items",
  technical: "lock contention",
  meaning: "An item is busy while its stock is being changed for somebody. Whoever wants it meanwhile waits for a moment, so that no two of them write one number at once.",
} as const;

interface CauseTerm {
  readonly label: string;
  /** Said of how many. */
  readonly waited: string;
  readonly meaning: string;
}

export const CAUSE_TERMS: Readonly<Record<ContentionCause, CauseTerm>> = {
  orders: { label: "Orders", waited: "changes of orders", meaning: "The order was there while its item was still being changed for an earlier one." },
  reservations: { label: "Holds in checkouts", waited: "buyers in your checkout", meaning: "A buyer waited until Shopify had put more units aside." },
  reconciliation: { label: "Comparison with Shopify", waited: "comparisons", meaning: "The item was in motion when it was to be compared; it was looked at again later." },
  person: { label: "A person", waited: "corrections by a person", meaning: "A correction that somebody sent waited for its item." },
};

/** Whom an item is locked by right now. */
export const PURPOSE_TERMS: Readonly<Record<LockPurpose, string>> = {
  turn: "Orders are being applied in Shopify",
  reservation: "Units are being put aside for a checkout",
  reconciliation: "It is being compared with Shopify",
  token: "Access to Shopify is being renewed",
  person: "A person's correction is being applied",
};

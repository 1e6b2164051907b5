// The words of Home: what was prevented, and how the connection fares. Pure.

import type { Tone } from "./terms.ts";

export const HEALTH_VERDICTS = ["good", "slow", "bad", "unknown"] as const;
export type HealthVerdict = (typeof HEALTH_VERDICTS)[number];

export const HEALTH_TERMS: Readonly<Record<HealthVerdict, { readonly label: string; readonly meaning: string; readonly tone?: Tone }>> = {
  good: { label: "Good", meaning: "As it should be.", tone: "success" },
  slow: { label: "Slow", meaning: "It works, and takes longer than usual. Nothing is lost.", tone: "attention" },
  bad: { label: "Not working", meaning: "Somebody should look at it. Notifications are still stored safely.", tone: "critical" },
  unknown: { label: "Not known yet", meaning: "There is nothing to measure yet." },
};

/** The page behind what was prevented. */
export const PREVENTED_PAGE_NAME = "What was prevented";

export type PreventedKind = "duplicates" | "missed" | "answers" | "holds" | "overwrites" | "doubled";

/** `label`: plain words; `term`: what it is called where people write about such things. */
export const PREVENTED_TERMS: Readonly<Record<PreventedKind, { readonly label: string; readonly meaning: string; readonly term: string }>> = {
  duplicates: { label: "Orders told twice, counted once", meaning: "Shopify sent a notification about an order again. A program that trusts each one would have taken the stock again.", term: "duplicate webhooks" },
  missed: { label: "Orders found that nobody told of", meaning: "Shopify's notification never came. Holdfast looked through your orders, found them and took them in.", term: "missed webhooks" },
  answers: { label: "Lost answers, asked for again safely", meaning: "A call that changes stock got no answer. It was repeated under the same key, so that it counts once whatever became of the first.", term: "idempotent retries" },
  holds: { label: "Checkouts refused before they charged", meaning: "Too little was left for a hold. Without it the buyer would have paid for units that are not there.", term: "refused reservations" },
  overwrites: { label: "Overwritten stock noticed", meaning: "Another app or a person wrote an older number over the latest orders. Holdfast saw it and shows whose units it forgot.", term: "lost updates" },
  doubled: { label: "Changes that counted twice, found", meaning: "Comparing with Shopify showed a change that had taken effect twice. A correction is proposed for each.", term: "double application" },
};

// The words of overwritten stock, stock mismatches and comparisons with Shopify, as merchants read them. Pure.

import type { CorrectionAct } from "#app/ports/corrections.ts";
import type { DriftKind, ScanState } from "#app/ports/stock-scan.ts";

import type { Tone } from "./terms.ts";

interface ProblemTerm {
  readonly label: string;
  readonly meaning: string;
  readonly tone?: Tone;
}

export const OVERWRITE_VIEWS = ["open", "repaired", "dismissed", "explained", "all"] as const;
export type OverwriteView = (typeof OVERWRITE_VIEWS)[number];

export const OVERWRITE_VIEW_TERMS: Readonly<Record<OverwriteView, { readonly label: string; readonly empty: string; readonly text: string }>> = {
  open: {
    label: "Open",
    empty: "No stock is overwritten",
    text: "When another app or a person writes a number that was right before the latest orders, those orders are forgotten and their units go on sale again. Holdfast finds that by itself, and names the orders here.",
  },
  repaired: { label: "Corrected", empty: "Nothing was corrected yet", text: "When you have Holdfast take forgotten units again, it is listed here, and can be taken back once." },
  dismissed: { label: "Left as it is", empty: "Nothing was left as it is yet", text: "What a person decided to leave alone comes here, with the reason." },
  explained: { label: "Explained later", empty: "Nothing was explained later", text: "News that comes late, a cancellation for example, can show that a number was right after all. It is listed here then, and nobody has to do anything." },
  all: { label: "All", empty: "No stock was ever overwritten", text: "Every overwrite stays here, with the orders that it forgot and what was done, for as long as you keep history." },
};

/** By the state of a conflict. */
export const OVERWRITE_STATES: Readonly<Record<string, ProblemTerm>> = {
  open: { label: "Open", meaning: "Units that were sold are on sale again, unless somebody has counted since.", tone: "warning" },
  repaired: { label: "Corrected", meaning: "The forgotten units were taken again.", tone: "success" },
  dismissed: { label: "Left as it is", meaning: "A person decided to leave the number alone." },
  explained: { label: "Explained later", meaning: "Late news showed that the number was right." },
};

export const MISMATCH_VIEWS = ["open", "corrected", "dismissed", "explained", "gone", "all"] as const;
export type MismatchView = (typeof MISMATCH_VIEWS)[number];

export const MISMATCH_VIEW_TERMS: Readonly<Record<MismatchView, { readonly label: string; readonly empty: string; readonly text: string }>> = {
  open: {
    label: "Open",
    empty: "Nothing differs",
    text: "Once a day, and whenever you ask for it, Holdfast compares every stock number with Shopify's. What differs and cannot be explained is listed here.",
  },
  corrected: { label: "Corrected", empty: "Nothing was corrected yet", text: "When you have Holdfast send a correction, it is listed here, and can be taken back once." },
  dismissed: { label: "Left as it is", empty: "Nothing was left as it is yet", text: "What a person decided to leave alone comes here, with the reason." },
  explained: { label: "Explained", empty: "Nothing had to be explained", text: "Differences whose whole cause is known come here: a message of Shopify's that never arrived, for example. Nobody has to do anything." },
  gone: { label: "Gone", empty: "Nothing went away by itself", text: "When a later comparison finds another number, the older mismatch comes here." },
  all: { label: "All", empty: "No mismatch was found yet", text: "Every mismatch stays here, with its evidence and what was done, for as long as you keep history." },
};

/** By the state of a drift. */
export const MISMATCH_STATES: Readonly<Record<string, ProblemTerm>> = {
  open: { label: "Open", meaning: "Nobody has decided yet.", tone: "warning" },
  corrected: { label: "Corrected", meaning: "The correction was sent.", tone: "success" },
  dismissed: { label: "Left as it is", meaning: "A person decided to leave it alone." },
  explained: { label: "Explained", meaning: "Its whole cause is known; nobody has to do anything." },
  gone: { label: "Gone", meaning: "A later comparison took its place." },
};

/** Why Shopify's number was another than the known one. `advice`: what a person may do. */
export const EXPLANATION_TERMS: Readonly<Record<DriftKind, { readonly label: string; readonly meaning: string; readonly advice: string }>> = {
  missed_notification: {
    label: "A message never came",
    meaning: "Orders, restocks or changes that Holdfast knows of explain the whole difference. Only Shopify's message about the new number did not arrive.",
    advice: "Nothing is to be done: Shopify's number is right, and Holdfast goes on with it.",
  },
  another_writer: {
    label: "Another app or a person",
    meaning: "Somebody changed the number, no message told of it, and nothing that Holdfast knows explains all of it.",
    advice: "Shopify's number is taken to be right: it may be a stock-take or a delivery. If nobody counted, find out who wrote it before you change anything.",
  },
  owed: {
    label: "A change never took effect",
    meaning: "It is booked as applied, and Shopify's numbers prove that it was not.",
    advice: "Correct it: the missing change is sent once more.",
  },
  doubled: {
    label: "A change counted twice",
    meaning: "No answer came the first time, the same call was sent again, and Shopify's numbers prove that both took effect.",
    advice: "Correct it: the second time is undone.",
  },
  not_stocked: {
    label: "Not stocked there any more",
    meaning: "Shopify holds none of this item at this location any more.",
    advice: "If the item should still be sold from here, stock it at the location again in Shopify.",
  },
  unknown: {
    label: "Not explained",
    meaning: "Shopify's number contradicts the one it gave before, and Shopify says that nothing changed in between.",
    advice: "Count the stock if it matters. Holdfast goes on with Shopify's number.",
  },
};

export function explanationTerm(kind: string) {
  return EXPLANATION_TERMS[isKnownKind(kind) ? kind : "unknown"];
}

function isKnownKind(kind: string): kind is DriftKind {
  return Object.hasOwn(EXPLANATION_TERMS, kind);
}

/** What a person may do. `done`: said when it was done. */
export const CORRECTION_ACT_TERMS: Readonly<Record<CorrectionAct, { readonly label: string; readonly done: string }>> = {
  correct: { label: "Correct", done: "The correction is on its way to Shopify" },
  undo: { label: "Take the correction back", done: "Taking it back is on its way to Shopify" },
  dismiss: { label: "Leave as it is", done: "Left as it is" },
};

/** What a comparison under way is doing. */
export const SCAN_STATE_TERMS: Readonly<Record<Exclude<ScanState, "done" | "failed">, string>> = {
  starting: "Asking Shopify for the list of all stock",
  running: "Shopify is writing the list of all stock",
  reading: "Comparing number by number",
  confirming: "Looking again at what differs",
};

/** Why a comparison was made. */
export const SCAN_REASON_TERMS: Readonly<Record<string, string>> = {
  day_one: "the first one, after the installation",
  scheduled: "the daily one",
  asked: "asked for",
};

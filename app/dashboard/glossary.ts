// The words of Holdfast for the help page: the plain word, what it means, and what it is called where people write about such things. Pure.

import { CHANGE_STATES, MODES, PAGE_NAMES } from "./terms.ts";

export interface Word {
  readonly word: string;
  readonly meaning: string;
  /** The technical term; for whoever looks something up, or talks to a developer. */
  readonly term: string;
}

export interface WordGroup {
  /** Of the heading, to be linked to. */
  readonly id: string;
  readonly heading: string;
  readonly words: readonly Word[];
}

const CHANGE_TERMS: Readonly<Record<string, string>> = {
  shadow: "shadow mode",
  waiting: "derived change",
  claimed: "claimed; the call's idempotency key is stored",
  applied: "inventoryAdjustQuantities answered without an error",
  rejected: "rejected by a person",
  cancelled: "cancelled before it was sent",
};

export const GLOSSARY: readonly WordGroup[] = [
  {
    id: "words-orders",
    heading: "What comes in",
    words: [
      { word: "Notification", meaning: "What Shopify sends when an order is placed, edited, cancelled or refunded, or when a stock number changes. It may come twice, late, out of order or never.", term: "webhook delivery" },
      { word: "Duplicate", meaning: "The same notification again. It is counted and has no further effect.", term: "duplicate delivery, idempotent receiver" },
      { word: "Order source", meaning: "Where orders come from: a sales channel, an app, a till. Whether Shopify takes the stock itself differs from source to source.", term: "source_name, inventory behaviour BYPASS" },
      { word: "Delay", meaning: "How long the oldest notification or change has been waiting. Some seconds are normal in a rush.", term: "lag" },
    ],
  },
  {
    id: "words-stock",
    heading: "What happens to stock",
    words: [
      { word: MODES.observe.label, meaning: MODES.observe.meaning, term: "observe, shadow mode" },
      { word: MODES.enforce.label, meaning: MODES.enforce.meaning, term: "enforce" },
      { word: "Change", meaning: "So many units of one item at one location, taken or given back because of one order.", term: "inventory mutation, delta" },
      { word: "Key", meaning: "A number that goes with each call to Shopify. However often the call is repeated under it, it counts once.", term: "idempotency key" },
      { word: PAGE_NAMES.history, meaning: "Every change with its order, its notification, who caused it, and the quantity before and after. Nothing in it is ever rewritten.", term: "audit trail, mutation history" },
      { word: "Stock record of an order", meaning: "All notifications and changes of one order on one page: the proof that its stock was taken exactly once.", term: "exactly-once receipt" },
      { word: PAGE_NAMES.busy, meaning: "Items that several orders want to change at the same moment. One after the other gets its turn, so that no change is lost; a wait is normal when many buy the same thing.", term: "lock contention" },
      { word: "Hold", meaning: "Units that are put aside while a buyer pays in a checkout of your own. They come back by themselves when nobody pays.", term: "reservation with a time to live" },
    ],
  },
  {
    id: "words-problems",
    heading: "What can be wrong",
    words: [
      { word: "Oversell", meaning: "More units are promised to orders than there are. Holdfast names the orders that go short.", term: "oversell, negative available stock" },
      { word: PAGE_NAMES.overwritten, meaning: "Another app or a person wrote a number that was right before the latest orders, so those orders were forgotten and their units are on sale again.", term: "lost update, write conflict" },
      { word: "Stock mismatch", meaning: "Shopify's number and the one that follows from everything Holdfast knows differ, and nothing explains it.", term: "drift" },
      { word: PAGE_NAMES.review, meaning: "Holdfast stopped on purpose, because guessing could have counted stock wrongly. A person decides.", term: "parked, dead letter" },
    ],
  },
  {
    id: "words-states",
    heading: "How far a change is",
    // Needs review stands above: changes are not the only thing that stops.
    words: Object.entries(CHANGE_STATES).filter(([state]) => state !== "parked").map(([state, { label, meaning }]) => ({ word: label, meaning, term: CHANGE_TERMS[state] ?? state })),
  },
];

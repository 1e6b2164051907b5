// The words of holds, as merchants read them on the pages and operators in the command. Pure.

import type { OrderMaking, Reservation } from "#app/ports/reservation-book.ts";

import type { Tone } from "./terms.ts";

interface HoldTerm {
  readonly label: string;
  readonly meaning: string;
  readonly tone?: Tone;
}

type HoldStanding = Pick<Reservation, "state" | "settlement" | "refundRequired">;

const COMMITTED: Readonly<Record<NonNullable<Reservation["settlement"]>, HoldTerm>> = {
  order: { label: "Paid, order awaited", meaning: "The checkout has said that it is paid. Its units stay aside until the order is known.", tone: "attention" },
  take: { label: "Order is taking its stock", meaning: "The order is known. Once it has taken its stock, the units that were put aside for it go back.", tone: "attention" },
  done: { label: "Sold", meaning: "The order has taken its stock. Nothing of this hold is left.", tone: "success" },
  person: { label: "Needs your decision", meaning: "It was paid for, and no order took its stock in time. Its units stay out of sale until you decide.", tone: "warning" },
};

const REFUND: HoldTerm = {
  label: "Refund needed",
  meaning: "The checkout came to pay after the hold had lapsed, and the units were gone. If the buyer was charged, the charge must be given back.",
  tone: "critical",
};

export function holdTerm({ state, settlement, refundRequired }: HoldStanding): HoldTerm {
  if (refundRequired) return REFUND;
  switch (state) {
    case "active":
      return { label: "On hold", meaning: "Put aside for a checkout until it pays, gives up, or its time has passed.", tone: "info" };
    case "committed":
      return COMMITTED[settlement ?? "order"];
    case "released":
      return { label: "Given back", meaning: "The checkout gave it up, or a person released it. Nothing is on hold any more." };
    case "expired":
      return { label: "Lapsed", meaning: "Its time passed without a payment. Nothing is on hold any more." };
  }
}

/** How far an order is that Holdfast creates for a checkout. */
export const ORDER_MAKING_TERMS: Readonly<Record<OrderMaking["state"], string>> = {
  sending: "being created by Holdfast",
  unknown: "sent to Shopify without an answer; Holdfast looks whether it is there",
  created: "created by Holdfast",
  refused: "Shopify refused it; the checkout may ask again",
  person: "sent to Shopify without an answer, and never found there",
};

export const HOLD_DECISIONS = ["sold", "back"] as const;
export type HoldDecision = (typeof HOLD_DECISIONS)[number];

/** What a person may say of a hold that was paid for and whose order did not take its stock. */
export const HOLD_DECISION_TERMS: Readonly<Record<HoldDecision, { readonly label: string; readonly consequence: string; readonly done: string }>> = {
  sold: {
    label: "It was sold",
    consequence: "Choose this when the buyer gets the goods and no order in Shopify took them out of stock. The units stay out of sale: a correction takes them from available stock as the hold lets go of them.",
    done: "counts as sold",
  },
  back: {
    label: "Put back on sale",
    consequence: "Choose this when there will be no order, for example because the payment was given back, or when an order in Shopify took its stock already. The units of the hold go back on sale. If an order shows up after all, it takes stock like every other order.",
    done: "goes back on sale",
  },
};

export const HOLD_VIEWS = ["person", "refund", "active", "all"] as const;
export type HoldView = (typeof HOLD_VIEWS)[number];

export const HOLD_VIEW_TERMS: Readonly<Record<HoldView, { readonly label: string; readonly empty: string; readonly text: string }>> = {
  person: { label: "Needs your decision", empty: "Nothing waits for you", text: "A hold is listed here when it was paid for and no order took its stock for a day: you say whether it was sold." },
  refund: { label: "Refund needed", empty: "No refund is needed", text: "A hold is listed here when its checkout came to pay too late, and the units were gone by then." },
  active: { label: "On hold now", empty: "Nothing is on hold right now", text: "A hold is listed here from the moment a checkout asks for it until it pays, gives up, or its time has passed." },
  all: { label: "All", empty: "There was no hold yet", text: "Your checkout asks for a hold before it charges, so that the last unit is promised to one buyer only." },
};

/** What "release all" does, in the numbers of this moment. */
export function releaseAllSentences({ granted, held, settling }: { readonly granted: number; readonly held: number; readonly settling: number }): string[] {
  const back = Math.max(0, held - settling);
  return [
    granted === 0 ? "No checkout has units on hold right now." : `Checkouts that have ${unitsText(granted)} on hold lose them. Who pays for them afterwards gets the units only if they are still there; otherwise your checkout is told to give the money back.`,
    back === 0 ? "Shopify keeps no units aside that would go back on sale." : `${unitsText(back)} that Shopify keeps aside ${back === 1 ? "goes" : "go"} back on sale within moments.`,
    ...(settling === 0 ? [] : [`${unitsText(settling)} that ${settling === 1 ? "is" : "are"} paid for and ${settling === 1 ? "waits" : "wait"} for an order ${settling === 1 ? "stays" : "stay"} aside.`]),
    "Your checkout may ask for new holds right away. To keep it from that, switch it off first.",
  ];
}

function unitsText(count: number): string {
  return `${count} ${count === 1 ? "unit" : "units"}`;
}

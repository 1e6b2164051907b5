// The words of oversells, as merchants read them on the list and on an incident's page. Pure.

import { OVERSELL_TERMS } from "./alert-terms.ts";
import { termFor, type Tone } from "./terms.ts";

interface OversellTerm {
  readonly label: string;
  readonly meaning: string;
  readonly tone?: Tone;
}

export const OVERSELL_VIEWS = ["open", "done", "all", "apart"] as const;
export type OversellView = (typeof OVERSELL_VIEWS)[number];

export const OVERSELL_VIEW_TERMS: Readonly<Record<OversellView, { readonly label: string; readonly empty: string; readonly text: string }>> = {
  open: {
    label: "Open",
    empty: "Nothing is oversold",
    text: "Holdfast compares every stock level it hears of with what your orders want. If more is promised than there is, the item is listed here, with the orders it leaves short.",
  },
  done: { label: "Handled or over", empty: "Nothing was handled yet", text: "An oversell comes here when you mark it as handled, or when stock says that it is over." },
  all: { label: "All", empty: "There was no oversell yet", text: "Every oversell stays here, with its orders and what was done, for as long as you keep history." },
  apart: {
    label: "Sold on purpose",
    empty: "Nothing is sold beyond stock on purpose",
    text: "Preorders, variants that you let go on selling, gift cards and items whose stock Shopify does not count are listed here when more of them is sold than there is. They are never counted as oversold.",
  },
};

/** By `close_reason`. */
export const OVERSELL_ENDS: Readonly<Record<string, string>> = {
  stock_returned: "Stock came back: there is enough for every order again.",
  orders_gone: "Orders were cancelled, refunded or fulfilled: what is left is enough.",
  moved: "Stock was moved here from another location.",
  recounted: "Somebody wrote a new number for this stock, and it is enough.",
};

const KIND_TONES: Readonly<Record<string, Tone>> = { oversold: "warning", likely_oversold: "attention", move_stock: "attention" };

export interface OversellStanding {
  readonly kind: string;
  readonly state: string;
  readonly handled: boolean;
  readonly closeReason: string | null;
}

export function oversellTerm({ kind, state, handled, closeReason }: OversellStanding): OversellTerm {
  if (state === "closed") return { label: "Over", meaning: OVERSELL_ENDS[closeReason ?? ""] ?? "It is over.", tone: "success" };
  if (handled) return { label: "Handled", meaning: "Somebody dealt with it. It is over once stock says so.", tone: "info" };
  return { ...termFor(OVERSELL_TERMS, kind), tone: KIND_TONES[kind] };
}

export const CONFIDENCE_TERMS: Readonly<Record<string, OversellTerm>> = {
  certain: { label: "Certain", meaning: "The numbers leave no other reason.", tone: "info" },
  likely: { label: "Likely", meaning: "It explains the numbers best; something else may have had a part in it.", tone: "attention" },
  unknown: { label: "Not known", meaning: "The numbers do not tell.", tone: undefined },
};

export const CAUSE_TERMS: Readonly<Record<string, OversellTerm>> = {
  two_sales: { label: "Sold at the same time", meaning: "The orders themselves were for more units than there were, and none of them knew of the others." },
  foreign_write: { label: "Another app or a person changed the stock", meaning: "A number was written that did not fit the orders of that moment." },
  late_notification: { label: "An order was told of late", meaning: "It was sold before others and heard of only after them, so nobody could reckon with it." },
  bundle: { label: "Sold in a bundle and on its own", meaning: "The same units were sold as part of a bundle and as single items." },
  unknown: { label: "Not known", meaning: "Neither the orders nor any change of stock that was seen explains it." },
};

/** By `policy`: who goes short. */
export const SHORT_POLICY_TERMS: Readonly<Record<string, string>> = {
  latest_first: "Who ordered first is served first; the latest orders go short.",
  unpaid_first: "Orders that are not paid for go short first, then the latest.",
};

export const EXEMPT_TERMS: Readonly<Record<string, string>> = {
  pos: "sold at a till: the buyer has it",
  test: "a test order",
  gift_card: "a gift card",
  untracked: "not counted by Shopify",
  continue: "may be sold without stock",
  preorder: "a preorder: it waits for units to come",
};

/** What became of a hold on an order's fulfilment. */
export const FULFILMENT_HOLD_TERMS: Readonly<Record<string, OversellTerm>> = {
  asked: { label: "Hold asked for", meaning: "Shopify has been asked to hold it, and has not answered yet.", tone: "attention" },
  held: { label: "Fulfilment on hold", meaning: "Shopify lets nobody ship the short units until the hold is released.", tone: "info" },
  released: { label: "Hold released", meaning: "It may be shipped again." },
  failed: { label: "Could not be held", meaning: "Shopify refused to hold it.", tone: "warning" },
};

export const APART_TERMS: Readonly<Record<string, OversellTerm>> = {
  continue: { label: "May go on selling", meaning: "In Shopify this variant continues selling when it is out of stock." },
  preorder: { label: "Preorder", meaning: "Sold by a preorder plan: whoever bought it waits for units to come." },
  untracked: { label: "Not counted", meaning: "Shopify does not track its quantity." },
  gift_card: { label: "Gift card", meaning: "Nothing of it is on a shelf." },
};

/** Who changed a stock, as detection judged it. */
export const WRITER_TERMS: Readonly<Record<string, string>> = {
  first: "First number that was seen",
  none: "No change",
  ours: "Holdfast",
  shopify_order: "Shopify, for an order",
  restock: "Put back after a cancellation or refund",
  another_writer: "Another app or a person",
  unknown: "Not known",
};

/** Where a number was seen. */
export const SEEN_BY_TERMS: Readonly<Record<string, string>> = {
  notification: "Told by Shopify",
  read: "Read from Shopify",
  scan: "Found by a full check",
  own_answer: "Shopify's answer to Holdfast",
};

/** Shopify's codes for refusing a hold, as far as a merchant can do something about them. */
const HOLD_REFUSALS: Readonly<Record<string, string>> = {
  FULFILLMENT_ORDER_HOLD_LIMIT_REACHED: "This order has as many holds as Shopify allows. Release one of them in Shopify first.",
  FULFILLMENT_ORDER_NOT_FOUND: "Shopify does not know what is to be shipped of this order any more.",
  FULFILLMENT_ORDER_NOT_SPLITTABLE: "Shopify cannot hold a part of it.",
  access_denied: "Shopify did not allow it.",
  unauthorized: "Shopify did not allow it.",
};

export function holdRefusalText(code: string | null): string {
  return code === null ? "Shopify gave no reason." : (HOLD_REFUSALS[code] ?? `Shopify's reason: ${code.replaceAll("_", " ").toLowerCase()}.`);
}

/** Any one of them lets Holdfast hold: the shop's own fulfilment, and that of fulfilment services. */
export const HOLD_SCOPES = { own: "write_merchant_managed_fulfillment_orders", service: "write_third_party_fulfillment_orders" } as const;

export const HOLD_CONSEQUENCES = [
  "Shopify puts the units that are short on hold, with the reason \"Inventory out of stock\". Where it cannot hold a part, it holds the whole shipment.",
  "Nobody can ship them until the hold is released. The buyer is not told, and no stock changes.",
] as const;

export const RELEASE_CONSEQUENCES = [
  "What Holdfast put on hold of this order may be shipped again. Holds of other apps or people stay.",
  "Holdfast does not hold it again by itself. No stock changes.",
] as const;

export const HANDLED_CONSEQUENCE =
  "It leaves the list of what is open, and Holdfast holds no more orders for it by itself. Holds that are in place stay. It counts as over once stock says so; no stock changes.";

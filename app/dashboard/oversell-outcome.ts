// The words for what became of an act on an oversell. Pure.

import type { OversellActAnswer } from "./oversell-acts.server.ts";
import { formatElapsed } from "./formatting.ts";
import { holdRefusalText } from "./oversell-terms.ts";
import { type NamedOrder, orderName } from "./oversell-view.ts";

export interface OversellOutcome {
  readonly tone: "success" | "info" | "warning" | "critical";
  readonly title: string;
  readonly text?: string;
}

export type AskedAct = { readonly act: "hold" | "release"; readonly order: NamedOrder } | { readonly act: "handled" | "reopen" };

const AUDITED = "It is in the audit trail with your staff id.";

export function outcomeOf(asked: AskedAct, answer: OversellActAnswer): OversellOutcome {
  switch (answer.kind) {
    case "done":
      return doneOf(asked, "fulfilmentOrderIds" in answer ? answer.fulfilmentOrderIds.length : 0);
    case "not_found":
      return "order" in asked
        ? { tone: "info", title: `Nothing was done: ${orderName(asked.order)} is not short here any more`, text: "Its stock changed meanwhile. This page shows how it stands now." }
        : { tone: "critical", title: "Nothing was done: there is no such oversell in this shop" };
    case "nothing_to_hold":
      return { tone: "info", title: "There is nothing to hold", text: "It is shipped or cancelled already, or Shopify lets nobody hold it as it stands." };
    case "rejected":
      return { tone: "critical", title: "Shopify refused it", text: holdRefusalText(answer.code) };
    case "scope_missing":
      return { tone: "warning", title: "Nothing was done: Holdfast may not hold fulfilment in this shop yet", text: "Allow it above, then try again." };
    case "not_allowed":
      return {
        tone: "critical",
        title: "Nothing was done: your Shopify account may not do this",
        text: "Shopify asked for your own permissions. Ask whoever runs the shop for the permission to fulfil and ship orders. If a fulfilment service ships this order, Holdfast needs the permission for services, too.",
      };
    case "later":
      return { tone: "warning", title: "Shopify did not answer in time", text: `Nothing is lost, and doing it again is safe. Try again ${answer.afterMs === null || answer.afterMs < 1_000 ? "in a moment" : `in ${formatElapsed(answer.afterMs)}`}.` };
    case "note_too_long":
      return { tone: "critical", title: "Nothing was done: the note is too long", text: "It has at most 500 characters." };
    case "note_invalid":
      return { tone: "critical", title: "Nothing was done: the note has characters that cannot be stored", text: "Write it in plain text." };
    case "permissions_read":
    case "not_understood":
      return { tone: "critical", title: "Nothing was done", text: "The request was not understood. Reload the page and try again." };
    case "failed":
      return { tone: "critical", title: "Something went wrong", text: "Doing it again is safe: what is held is not held twice. Try again in a moment." };
  }
}

function doneOf(asked: AskedAct, count: number): OversellOutcome {
  switch (asked.act) {
    case "hold":
      return { tone: "success", title: `The fulfilment of ${orderName(asked.order)} is on hold`, text: `${AUDITED} Release it here once you know where the units come from.` };
    case "release":
      return count === 0
        ? { tone: "info", title: `Nothing of ${orderName(asked.order)} is held by Holdfast any more`, text: "Its holds had been released before." }
        : { tone: "success", title: `${orderName(asked.order)} may be shipped again`, text: AUDITED };
    case "handled":
      return { tone: "success", title: "Marked as handled", text: AUDITED };
    case "reopen":
      return { tone: "success", title: "It is among the open ones again", text: AUDITED };
  }
}

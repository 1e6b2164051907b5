// The words merchants read, in one place: plain first, the technical name only where it helps to look something up. Pure.

import type { ActRefusal, ReplayRefusal, ReviewAct, ReviewReason } from "#app/domain/review.ts";
import type { CorrectionRefusal } from "#app/ports/corrections.ts";
import type { PushActRefusal } from "#app/ports/external-pushes.ts";

import { AUDIT_KINDS } from "./audit-terms.ts";

export type Tone = "success" | "info" | "attention" | "warning" | "critical" | undefined;

interface Term {
  readonly label: string;
  readonly meaning: string;
  readonly tone?: Tone;
}

export const PAGE_NAMES = {
  home: "Home",
  oversells: "Oversells",
  overwritten: "Overwritten stock",
  mismatches: "Stock mismatches",
  history: "Stock history",
  busy: "Busy items",
  review: "Needs review",
  holds: "Holds",
  notifications: "Notifications",
  settings: "Settings",
  help: "Help",
} as const;

export const MODES: Readonly<Record<"observe" | "enforce", Term>> = {
  observe: { label: "Watch only", meaning: "Holdfast reads every order notification and shows what it would do. It changes no stock.", tone: "info" },
  enforce: { label: "Protect", meaning: "Holdfast changes stock in Shopify by your rules, each change exactly once.", tone: "success" },
};

export const CHANGE_STATES: Readonly<Record<string, Term>> = {
  shadow: { label: "Would change", meaning: "Watch only: this is what Holdfast would have done. No stock was changed.", tone: "info" },
  waiting: { label: "Waiting", meaning: "Decided, and about to be sent to Shopify.", tone: "attention" },
  claimed: { label: "Sending", meaning: "On its way to Shopify under a key that makes it count once.", tone: "attention" },
  applied: { label: "Applied", meaning: "Shopify has changed the stock.", tone: "success" },
  parked: { label: "Needs review", meaning: "Holdfast stopped here on purpose: a person must decide.", tone: "warning" },
  rejected: { label: "Discarded", meaning: "A person decided that no stock is changed for it." },
  cancelled: { label: "Withdrawn", meaning: "It was not wanted any more, or could not be done, before it changed stock." },
};

export const CAUSES: Readonly<Record<string, Term>> = {
  order: { label: "Order placed", meaning: "The order takes this stock." },
  order_edit: { label: "Order edited", meaning: "A line of the order was changed afterwards." },
  cancellation: { label: "Order cancelled", meaning: "The order gave back what it had taken." },
  refund: { label: "Refund", meaning: "A refund gave back units of this line." },
  reservation: { label: "Held for checkouts", meaning: "Units that Shopify keeps out of sale for your checkout, or that go back on sale." },
  bundle_stock: { label: "Bundle follows its items", meaning: "The bundle's own number is kept at the complete sets that its items allow." },
  correction: { label: "Correction", meaning: "It would undo what a call of Holdfast's did once too often." },
};

export const DELIVERY_STATES: Readonly<Record<string, Term>> = {
  pending: { label: "Waiting", meaning: "Safely stored, not worked on yet.", tone: "attention" },
  processed: { label: "Done", meaning: "Taken into account.", tone: "success" },
  ignored: { label: "Not needed", meaning: "Kept as proof; it says nothing that changes stock." },
  rejected: { label: "Unreadable", meaning: "Its content could not be used.", tone: "critical" },
};

export const ORDER_MODES: Readonly<Record<string, Term>> = {
  enforce: { label: "Protected", meaning: "Holdfast acts on this order." },
  shadow: { label: "Watched", meaning: "Holdfast shows what it would do and changes nothing." },
  untouched: { label: "Left alone", meaning: "Holdfast does nothing about this order." },
};

export const ATTEMPT_OUTCOMES: Readonly<Record<string, Term>> = {
  applied: { label: "Shopify applied it", meaning: "", tone: "success" },
  rejected: { label: "Shopify refused it", meaning: "Nothing took effect.", tone: "critical" },
  throttled: { label: "Shopify asked to slow down", meaning: "Nothing took effect; it is sent again.", tone: "attention" },
  concurrent: { label: "The same call was still running", meaning: "It is asked for again under the same key.", tone: "attention" },
  previous_attempt_failed: { label: "An earlier try had failed", meaning: "A new key is used once no try can still arrive.", tone: "attention" },
  key_mismatch: { label: "Key used with other content", meaning: "Never repeated; contact support.", tone: "critical" },
  refused: { label: "Shopify did not accept the call", meaning: "Nothing took effect.", tone: "critical" },
  not_sent: { label: "Not sent", meaning: "The call never left.", tone: "attention" },
  unknown: { label: "No answer", meaning: "It may or may not have taken effect; the same key makes asking again safe.", tone: "warning" },
};

/** Why something is in the state it is in; a reason that is not listed is shown as its code in words. */
const REASONS: Readonly<Record<string, string>> = {
  before_install: "The order is older than Holdfast's installation.",
  observing: "Holdfast was set to watch only when the order came.",
  protected: "Your rules cover this order.",
  source_paused: "Protection of its order source is paused.",
  source_unconfirmed: "Its order source has not been seen to leave stock alone often enough yet.",
  unknown_variant: "Shopify does not know the variant that was ordered.",
  native_bundle: "It is a Shopify bundle, sold through a source that you told Holdfast to take stock for.",
  no_location: "Shopify did not say within 15 minutes which location fulfils it.",
  invalid_quantity: "The ordered quantity is not a whole number that stock can be taken for.",
  underivable: "Holdfast could not work this order out. Nothing was changed for it.",
  waiting_variant: "Holdfast is reading the product from Shopify.",
  waiting_location: "Holdfast waits for Shopify to choose the location.",
  waiting_read: "Holdfast is reading the order from Shopify.",
  netted: "It and an opposite change of the same item cancelled each other out, so no call was needed.",
  resolved_applied: "A person found that Shopify had applied it. The quantities before and after are not known.",
  resolved_not_applied: "A person found that Shopify had not applied it; it went on under a new key.",
  overtaken: "A newer version of the order replaced it before it was sent.",
  entries_refused: "Shopify refused some of the items that were sent together; the others went on.",
  access_denied: "Shopify did not allow it: the permission to change inventory is missing.",
  key_mismatch: "Shopify knew the key with other content. It is never repeated.",
  key_forgotten: "No answer came, its stock moved since, and Shopify does not recognise keys in this shop. Sent again, it could count twice; only a person can tell.",
  key_used_up: "A try whose answer was missing can have no effect any more; it went on under a new key.",
  possibly_doubled: "A call of Holdfast's probably took effect twice. This change would undo the second time: count the stock, then send or discard it.",
  restored: "It waited when a backup of Holdfast's database was made that has been brought back since. It may have been sent after the backup.",
  not_protecting: "Protection, or showing holds in Shopify, had been switched off: nothing is put aside any more.",
  stock_changed: "The stock changed before it was sent; what is right now is decided anew.",
  watching_only: "Protection was switched off before it was sent.",
  level_unknown: "It was not known what is available. Whoever still wants the units asks again.",
  not_enough: "Less was available than was to be put aside. Whoever still wants the units asks again.",
  released_all: "All holds were released before it was sent.",
  max_cost: "The call was larger than Shopify allows; it is sent in smaller parts.",
  previous_attempt_failed: "Shopify remembered a failed try under this key; it went on under a new one.",
  outcome_unknown: "No answer came before Shopify may have forgotten the key. It may have taken effect; only a person can tell.",
  unknown_topic: "Holdfast has no use for this kind of notification.",
  recorded_only: "Kept as proof.",
  body_is_not_an_object: "Its content was not what Shopify sends.",
  order_without_id: "It named no order.",
  order_without_times: "It lacked the order's times.",
  too_many_lines: "The order has more lines than Shopify allows.",
};

/** What Shopify's own codes mean for a merchant. */
const REFUSALS: Readonly<Record<string, string>> = {
  unknown: "Shopify refused it without saying why.",
  ADJUST_QUANTITIES_FAILED: "Shopify could not change the quantity.",
  INVALID_INVENTORY_ITEM: "Shopify has no such item any more.",
  INVALID_LOCATION: "Shopify does not keep this item at this location, or the location is no longer active.",
  INVALID_QUANTITY_TOO_HIGH: "Shopify refused it: the stock would be higher than it can count.",
  INVALID_QUANTITY_TOO_LOW: "Shopify refused it: the stock would be lower than it can count.",
  ITEM_NOT_STOCKED_AT_LOCATION: "Shopify does not keep this item at this location.",
  NON_MUTABLE_INVENTORY_ITEM: "It is a bundle of Shopify's: its stock follows from its parts and cannot be changed itself.",
};

const REFUSED = "refused:";

/** Shopify's code in a reason, as its documentation spells it; null when the reason is Holdfast's own, or Shopify gave none. */
export function refusalTerm(reason: string | null): string | null {
  const code = refusalCode(reason);
  return code === "unknown" ? null : code;
}

function refusalCode(reason: string | null): string | null {
  return reason?.startsWith(REFUSED) === true ? reason.slice(REFUSED.length) : null;
}

export function reasonText(reason: string | null): string | null {
  if (reason === null || reason === "") return null;
  const code = refusalCode(reason);
  if (code !== null) return known(REFUSALS, code) ?? `Shopify refused it: ${sentence(code.toLowerCase())}`;
  if (reason.startsWith("unstorable:")) return "Its content could not be stored; that it came is recorded.";
  return known(REASONS, reason) ?? sentence(reason);
}

/** A move has two directions: out of sale, and back. */
const MOVES: { readonly in: Term; readonly back: Term } = {
  in: { label: "Put aside for checkouts", meaning: "Shopify keeps these units out of sale, so that your checkout can promise them." },
  back: { label: "Put back on sale", meaning: "Nobody holds these units any more." },
};

/** A change in the words of who sells: what it does to the units on sale, and why. `delta` of a move counts what is put aside. */
export function saleTerms({ cause, quantityName, delta }: { readonly cause: string; readonly quantityName: string; readonly delta: number }): { readonly cause: Term; readonly delta: number } {
  if (quantityName !== "hold") return { cause: termFor(CAUSES, cause), delta };
  return { cause: delta > 0 ? MOVES.in : MOVES.back, delta: -delta };
}

/** The term for a stored code; a code that this version does not know is shown in words, not hidden. */
/** Codes come from addresses and from outside: `constructor` is none of ours, though every object answers to it. */
function known<Value>(words: Readonly<Record<string, Value>>, code: string): Value | undefined {
  return Object.hasOwn(words, code) ? words[code] : undefined;
}

export function termFor(terms: Readonly<Record<string, Term>>, code: string): Term {
  return known(terms, code) ?? { label: sentence(code).replace(/\.$/, ""), meaning: "" };
}

export function auditText(kind: string): string {
  return known(AUDIT_KINDS, kind) ?? sentence(kind).replace(/\.$/, "");
}

/** What a notification says, by Shopify's name for it. */
const TOPICS: Readonly<Record<string, string>> = {
  "orders/create": "Order placed",
  "orders/paid": "Order paid",
  "orders/updated": "Order updated",
  "orders/edited": "Order edited",
  "orders/cancelled": "Order cancelled",
  "refunds/create": "Refund made",
  "returns/request": "Return requested",
  "returns/approve": "Return approved",
  "returns/process": "Return processed",
  "returns/update": "Return updated",
  "returns/cancel": "Return cancelled",
  "returns/close": "Return closed",
  "returns/decline": "Return declined",
  "returns/reopen": "Return reopened",
  "fulfillment_orders/order_routing_complete": "Location chosen for an order",
  "fulfillment_orders/moved": "Order moved to another location",
  "inventory_levels/connect": "Item stocked at a location",
  "inventory_levels/update": "Stock level changed",
  "inventory_levels/disconnect": "Item no longer stocked at a location",
  "inventory_items/update": "Item updated",
  "locations/deactivate": "Location deactivated",
  "app/uninstalled": "Holdfast uninstalled",
  "app/scopes_update": "Permissions changed",
};

export const TOPIC_NAMES: readonly string[] = Object.keys(TOPICS);

/** Null for a kind of notification that this version does not know. */
export function topicText(topic: string): string | null {
  return known(TOPICS, topic) ?? null;
}

/** Why a change needs review, and what a person can do about it. */
export const REVIEW_REASON_TERMS: Readonly<Record<ReviewReason, { readonly label: string; readonly meaning: string; readonly advice: string }>> = {
  unknown_variant: {
    label: "Unknown variant",
    meaning: "Shopify does not know the variant that was ordered: it was deleted, or not created yet. No stock was changed.",
    advice: "If the variant is there again, retry. If it is gone for good, change the stock by hand where needed and discard.",
  },
  native_bundle: {
    label: "Shopify bundle",
    meaning: "It is a bundle of Shopify's, sold through a source that you told Holdfast to take stock for. Whether Shopify took its parts cannot be seen. No stock was changed.",
    advice: "Look at the parts' stock in Shopify, correct it by hand where needed, and discard. Retry only if the product is no bundle any more.",
  },
  no_location: {
    label: "No location",
    meaning: "Shopify did not say within 15 minutes which location fulfils the line, so it is not known whose stock to take.",
    advice: "Once the order has a location in Shopify, retry. If it will never ship, discard.",
  },
  invalid_quantity: {
    label: "Impossible quantity",
    meaning: "The quantity that was ordered is not a whole number that stock can be taken for.",
    advice: "Look at the order. If it was corrected, retry; otherwise change the stock by hand and discard.",
  },
  underivable: {
    label: "Not worked out",
    meaning: "Holdfast tripped over this order and set it aside, so that other orders could go on. No stock was changed for what was new about it.",
    advice: "Retry. If it stays here, tell whoever runs Holdfast; the log has the reason.",
  },
  source_paused: {
    label: "Source paused",
    meaning: "Shopify took the stock of an order of this source itself, so Holdfast stopped acting for all of its orders.",
    advice: "Look at the evidence on the settings page. Resuming the source sends these changes; if Shopify took their stock itself, discard them.",
  },
  refused: {
    label: "Refused by Shopify",
    meaning: "Shopify refused this change for the reason shown. No stock was changed.",
    advice: "Mend the cause in Shopify (stock the item at the location, activate the location), then retry. If stock was changed by hand, discard.",
  },
  outcome_unknown: {
    label: "Outcome unknown",
    meaning: "No answer came before Shopify may have forgotten the key. It may have taken effect, so it is neither repeated nor dropped.",
    advice: "Look in the item's inventory history in Shopify for the reference of its call, which the change's own page shows. If it is there, resolve as applied; if not, as not applied.",
  },
  key_mismatch: {
    label: "Key used otherwise",
    meaning: "Shopify knew the key with other content. Whether this content took effect is not known.",
    advice: "Look in the item's inventory history in Shopify for the reference of its call, which the change's own page shows, then resolve as applied or not applied.",
  },
  key_forgotten: {
    label: "Key not recognised",
    meaning: "No answer came, its stock moved since, and Shopify does not recognise keys in this shop. Sent again, it could count twice.",
    advice: "Look in the item's inventory history in Shopify for the reference of its call, which the change's own page shows, then resolve as applied or not applied.",
  },
  restored: {
    label: "From a backup",
    meaning: "It waited when a backup of Holdfast's database was made that has been brought back since. It may have been sent after the backup.",
    advice: "Look in the item's inventory history in Shopify for a call of Holdfast's by as much after the backup. If there is one, discard; if not, retry.",
  },
  possibly_doubled: {
    label: "Probably counted twice",
    meaning: "A call of Holdfast's probably took effect twice. This change would undo the second time.",
    advice: "Count the stock. If it is off by this change, retry, which sends it; if it is right, discard.",
  },
  other: {
    label: "Other",
    meaning: "It stopped for a reason that this version of Holdfast has no words for.",
    advice: "Open the change to see what happened before you decide.",
  },
};

/** What a person may do. `done`: said of how many it was done. */
export const REVIEW_ACT_TERMS: Readonly<Record<ReviewAct, { readonly label: string; readonly consequence: string; readonly done: string }>> = {
  retry: {
    label: "Retry",
    consequence: "Changes are sent to Shopify once more, under a new key. Orders that could not be worked out are read from Shopify anew; what is still open then stays in this list.",
    done: "sent for another try",
  },
  discard: {
    label: "Discard",
    consequence: "This is final. No stock is changed for them, not with later news of their orders either, and stock that was never taken is not given back when an order is cancelled.",
    done: "discarded",
  },
  resolve_applied: {
    label: "It was applied",
    consequence: "They count as applied, without quantities before and after, and their orders go on. Shopify applies a call as a whole, so everything sent in the same call is settled with them.",
    done: "settled as applied",
  },
  resolve_not_applied: {
    label: "It was not applied",
    consequence: "They are sent again under a new key. If Shopify had applied them after all, stock moves twice. Shopify applies a call as a whole, so everything sent in the same call goes with them.",
    done: "sent again under a new key",
  },
};

/** Why an act was refused, said of several changes. */
export const ACT_REFUSAL_TERMS: Readonly<Record<ActRefusal | "not_found", string>> = {
  not_parked: "do not need review any more: somebody else, news of the order or a late answer was faster",
  outcome_unknown: "may have taken effect; look in Shopify and resolve them as applied or not applied",
  outcome_known: "are not in doubt; retry or discard them",
  source_paused: "belong to a paused order source; resume it on the settings page, or discard them",
  may_still_arrive: "may still take effect: a call is on its way to Shopify for up to 10 minutes; try again after that",
  not_found: "are not known in this shop",
};

/** Why a notification cannot be worked on once more, said of several. */
export const REPLAY_REFUSAL_TERMS: Readonly<Record<ReplayRefusal | "not_found", string>> = {
  already_pending: "wait to be worked on already",
  without_content: "were stored without content, so there is nothing to work on",
  past_moment: "tell of a moment that has passed; what they say is read from Shopify when it is needed",
  not_found: "are not known in this shop",
};

/** Why a mismatch or an overwrite was not corrected, said of one. */
export const CORRECTION_REFUSAL_TERMS: Readonly<Record<CorrectionRefusal, string>> = {
  not_found: "there is none of this id in this shop",
  not_open: "it was decided, or has gone by itself",
  already_corrected: "it was corrected before",
  no_proposal: "Shopify's number stands: nothing shows that Holdfast owes or doubled a change",
  recounted: "somebody wrote a number of their own since; what was missing may be in it",
  not_protecting: "Holdfast only watches in this shop and changes no stock",
  not_applied: "there is no correction that took effect",
  already_undone: "it was undone before",
};

/** What a person may do about a change that the external stock system did not take. `done`: said of how many it was done. */
export const PUSH_ACT_TERMS: Readonly<Record<"retry" | "skip", { readonly label: string; readonly consequence: string; readonly done: string }>> = {
  retry: { label: "Send again", consequence: "They are sent once more under the same keys, and later changes of their items after them.", done: "sent once more" },
  skip: {
    label: "Pass over",
    consequence: "This is final. Your stock system is never told of them and its numbers differ from Shopify's by as much until somebody corrects them there. Later changes of their items go on.",
    done: "passed over",
  },
};

/** Said of several. */
export const PUSH_REFUSAL_TERMS: Readonly<Record<PushActRefusal, string>> = {
  not_parked: "do not wait for a person: nothing is to be decided",
  not_found: "are not known in this shop",
};

/** Who did something: `holdfast`, `staff:<id>`, `token:<id>`, `operator`, `shopify`. */
export function actorText(actor: string): string {
  if (actor === "operator") return "the operator of Holdfast";
  if (actor === "holdfast") return "Holdfast";
  if (actor === "shopify") return "Shopify";
  if (actor.startsWith("staff:")) return `Staff member ${actor.slice("staff:".length)}`;
  if (actor.startsWith("token:")) return `API token ${actor.slice("token:".length, "token:".length + 8)}…`;
  return actor;
}

/** `name:my-channel` → "my-channel"; `app:123` → "App 123". */
export function sourceText(sourceKey: string): string {
  if (sourceKey.startsWith("app:")) return `App ${sourceKey.slice("app:".length)}`;
  const name = sourceKey.startsWith("name:") ? sourceKey.slice("name:".length) : sourceKey;
  return name === "" ? "No source given" : name;
}

/** How often a notification came, and what became of the repetitions. */
export function repetitionText(duplicateCount: number): string {
  return duplicateCount === 0 ? "It came once." : `It came ${duplicateCount + 1} times; only the first counted.`;
}

/** `not_ours_yet` → "Not ours yet." */
function sentence(code: string): string {
  const words = code.replace(/[_-]+/g, " ").trim();
  return words === "" ? "" : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

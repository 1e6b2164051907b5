// An order's stock record: per line what was taken and given back, under which keys, and the proof that it counted once. Pure.

import { itemNameOf, locationNameOf } from "./change-names.ts";
import { formatDelta, formatExact, formatQuantity, plural } from "./formatting.ts";
import type { OrderReceipt } from "./queries/order-receipt.server.ts";
import { CHANGE_STATES, reasonText, saleTerms, termFor, type Tone } from "./terms.ts";

type ReceiptChange = OrderReceipt["changes"][number];

export interface RecordEntry {
  readonly id: string;
  readonly delta: number;
  readonly cause: string;
  readonly state: string;
  readonly reason: string | null;
  /** When it took effect; when it was decided, if it has none yet. */
  readonly at: Date;
  readonly before: number | null;
  readonly after: number | null;
  /** Under which it exists once, however often its cause is heard of. */
  readonly effectKey: string;
  /** Under which Shopify carries the call out once. */
  readonly key: string | null;
  readonly shopifyReference: string | null;
  /** How often the call was sent. */
  readonly tries: number;
  /** Its call probably took effect twice. */
  readonly doubled: boolean;
}

export interface RecordLine {
  readonly key: string;
  readonly item: string;
  readonly sku: string | null;
  readonly location: string | null;
  /** Units, of what took effect. */
  readonly taken: number;
  readonly givenBack: number;
  readonly entries: readonly RecordEntry[];
}

export interface OrderRecord {
  readonly verdict: { readonly tone: Exclude<Tone, undefined>; readonly title: string; readonly text: string };
  readonly lines: readonly RecordLine[];
  /** Not everything of it counted once. */
  readonly doubled: boolean;
  /** What shows that it counted once, in sentences. */
  readonly proof: readonly string[];
  readonly taken: number;
  readonly givenBack: number;
}

export function tellOrder(receipt: OrderReceipt): OrderRecord {
  const lines = linesOf(receipt);
  const taken = sum(lines.map((line) => line.taken));
  const givenBack = sum(lines.map((line) => line.givenBack));
  return { verdict: verdictOf(receipt, taken, givenBack), lines, doubled: receipt.changes.some((change) => isDoubled(change, receipt.doubled)), proof: proofOf(receipt), taken, givenBack };
}

/** A line of the order may take several items, and a location may change: each stock is a line of the record. */
function linesOf({ changes, doubled }: OrderReceipt): RecordLine[] {
  const byStock = Map.groupBy(changes, (change) => [change.lineId, change.inventoryItemId, change.locationId].join("/"));
  return [...byStock].map(([key, ofStock]) => toLine(key, ofStock, doubled));
}

/** Named as its newest change: names may change between an order and its refund. */
function toLine(key: string, ofStock: readonly ReceiptChange[], doubled: OrderReceipt["doubled"]): RecordLine {
  const [first] = ofStock;
  if (first === undefined) throw new TypeError("a group has a member");
  const newest = ofStock.at(-1) ?? first;
  const applied = ofStock.filter((change) => change.state === "applied").map((change) => saleTerms(change).delta);
  return {
    key,
    item: itemNameOf(newest),
    sku: newest.sku,
    location: locationNameOf(newest),
    taken: 0 - sum(applied.filter((delta) => delta < 0)),
    givenBack: sum(applied.filter((delta) => delta > 0)),
    entries: ofStock.map((change) => toEntry(change, isDoubled(change, doubled))),
  };
}

function isDoubled(change: ReceiptChange, doubled: OrderReceipt["doubled"]): boolean {
  return doubled.some((one) => one.mutationId === change.mutationId && one.inventoryItemId === change.inventoryItemId && one.locationId === change.locationId);
}

function toEntry(change: ReceiptChange, doubled: boolean): RecordEntry {
  const { cause, delta } = saleTerms(change);
  return {
    id: String(change.id),
    delta,
    cause: cause.label,
    state: change.state,
    reason: change.reason,
    at: change.finishedAt ?? change.createdAt,
    before: change.before,
    after: change.after,
    effectKey: change.effectKey,
    key: change.mutationKey,
    shopifyReference: change.adjustmentGroupId,
    tries: change.attempts.length,
    doubled,
  };
}

function verdictOf({ changes, order, doubled }: OrderReceipt, taken: number, givenBack: number): OrderRecord["verdict"] {
  const inState = (...states: readonly string[]) => changes.filter((change) => states.includes(change.state));
  const [parked, open, shown] = [inState("parked").length, inState("waiting", "claimed").length, inState("shadow")];
  const net = taken - givenBack;
  const twice = changes.filter((change) => isDoubled(change, doubled)).length;
  const effect = taken === 0 ? "No stock has been changed for it so far." : `${plural(taken, "unit")} taken${givenBack === 0 ? "" : `, ${plural(givenBack, "unit")} given back: ${formatCountOf(net)} in all`}.${twice > 0 ? "" : " Each change counted once."}`;
  if (twice > 0) return { tone: "warning", title: "A call for this order probably counted twice", text: `${effect} Shopify did not recognise its key. A correction waits in Needs review: count the stock before you decide.` };
  if (parked > 0) return { tone: "warning", title: `${plural(parked, "change")} of this order ${parked === 1 ? "needs" : "need"} review`, text: effect };
  if (open > 0) return { tone: "info", title: "Holdfast is working on this order", text: effect };
  if (shown.length > 0 && taken === 0) {
    const would = sum(shown.map((change) => saleTerms(change).delta));
    return { tone: "info", title: "Watched: no stock was changed", text: `Holdfast would have changed stock by ${formatDelta(would)} in all.` };
  }
  if (changes.length === 0) return { tone: "info", title: "This order changes no stock by your rules", text: reasonText(order?.modeReason ?? null) ?? "Or Holdfast has not worked on it yet." };
  if (taken === 0) return { tone: "info", title: "No stock was changed for this order", text: "What was decided was withdrawn or discarded before it took effect." };
  return { tone: "success", title: net === 0 ? "Everything this order took was given back" : "This order's stock counted exactly once", text: effect };
}

function proofOf({ deliveries, changes, doubled }: OrderReceipt): string[] {
  const repeated = sum(deliveries.map((delivery) => delivery.duplicates));
  const calls = new Map(changes.filter((change) => change.state === "applied" && change.mutationId !== null).map((change) => [change.mutationId, change]));
  const tries = sum([...calls.values()].map((change) => change.attempts.length));
  const twice = changes.filter((change) => isDoubled(change, doubled)).length;
  return [
    deliveries.length === 0
      ? "The notifications about it have been removed after the time you keep history for."
      : `Shopify sent ${plural(deliveries.length + repeated, "notification")} about it: ${plural(deliveries.length, "different one")}${repeated === 0 ? ", none twice" : `, and ${plural(repeated, "repetition")} that ${repeated === 1 ? "was" : "were"} stopped`}.`,
    changes.length === 0
      ? "They led to no change of stock."
      : `They led to ${plural(changes.length, "change")}, each under a key of its own that the database lets exist once: whatever is heard again finds it there.`,
    ...(calls.size === 0 ? [] : [`Holdfast made ${plural(calls.size, "call")} to Shopify for what was applied, in ${plural(tries, "try", "tries")}. Every try of a call carries the same key, and Shopify carries out a key once.`]),
    ...(twice === 0 ? [] : [`One exception: ${plural(twice, "change")} went in a call whose key Shopify did not recognise when it was sent again.`]),
  ];
}

/** The record as text, for a message or a file. */
export function recordText(record: OrderRecord, { title, timeZone }: { readonly title: string; readonly timeZone: string }): string {
  const lines = record.lines.flatMap((line) => [
    "",
    `${line.item}${line.sku === null || line.sku === line.item ? "" : ` (${line.sku})`}${line.location === null ? "" : `, ${line.location}`}: taken ${line.taken}, given back ${line.givenBack}`,
    ...line.entries.map((entry) => `  ${entryText(entry, timeZone)}`),
  ]);
  return [`${title}: stock record (times: ${timeZone})`, record.verdict.title, record.verdict.text, ...lines, "", ...record.proof].join("\n");
}

function entryText(entry: RecordEntry, timeZone: string): string {
  const parts = [
    `${formatDelta(entry.delta)} ${entry.cause}`,
    termFor(CHANGE_STATES, entry.state).label,
    ...(entry.before === null && entry.after === null ? [] : [`${formatQuantity(entry.before)} → ${formatQuantity(entry.after)}`]),
    formatExact(entry.at, timeZone),
    ...(entry.key === null ? [] : [`key ${entry.key}`]),
    ...(entry.shopifyReference === null ? [] : [entry.shopifyReference]),
    `change ${entry.id}`,
  ];
  return parts.join("; ");
}

function formatCountOf(net: number): string {
  return net === 0 ? "nothing" : plural(net, "unit");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

// What the page of busy items concludes from its numbers, and its addresses. Pure.

import { type ContentionCause, quantileMs, type Histogram } from "#app/domain/contention.ts";

import { formatCount, formatElapsed, plural } from "./formatting.ts";

export const BUSY_SPANS = ["day", "week"] as const;
export type BusySpan = (typeof BUSY_SPANS)[number];
export const BUSY_SPAN_HOURS: Readonly<Record<BusySpan, number>> = { day: 24, week: 168 };
export const BUSY_SPAN_TEXT: Readonly<Record<BusySpan, string>> = { day: "the last 24 hours", week: "the last 7 days" };

export interface BusyPlace {
  readonly inventoryItemId: string;
  readonly locationId: string;
}

export function busyUrl(span: BusySpan, place: BusyPlace | null = null): string {
  const query = new URLSearchParams({ ...(place === null ? {} : { item: place.inventoryItemId, location: place.locationId }), ...(span === "week" ? { span } : {}) }).toString();
  return query === "" ? "/app/busy" : `/app/busy?${query}`;
}

export type AskedPlace = { readonly kind: "all" } | { readonly kind: "stock"; readonly place: BusyPlace } | { readonly kind: "wrong" };

/** `wrong`: it names half a stock, or none that Shopify could have named. */
export function readBusyPlace(query: URLSearchParams): AskedPlace {
  const [inventoryItemId, locationId] = [query.get("item"), query.get("location")];
  if (inventoryItemId === null && locationId === null) return { kind: "all" };
  return isId(inventoryItemId) && isId(locationId) ? { kind: "stock", place: { inventoryItemId, locationId } } : { kind: "wrong" };
}

function isId(text: string | null): text is string {
  return text !== null && /^[0-9]{1,20}$/.test(text);
}

export function readBusySpan(query: URLSearchParams): BusySpan {
  return query.get("span") === "week" ? "week" : "day";
}

/** Waits of a span, an hour, or an item. */
export interface WaitFigures {
  readonly waits: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly longestMs: number;
  readonly longestHoldMs: number;
  readonly lost: number;
}

export interface CountedWaits {
  readonly waits: number;
  readonly waitMsMax: number;
  readonly waitCounts: Histogram;
  readonly holdMsMax: number;
  readonly lost: number;
}

export function figuresOf({ waits, waitMsMax, waitCounts, holdMsMax, lost }: CountedWaits): WaitFigures {
  return { waits, p50Ms: quantileMs(waitCounts, 0.5, waitMsMax), p95Ms: quantileMs(waitCounts, 0.95, waitMsMax), longestMs: waitMsMax, longestHoldMs: holdMsMax, lost };
}

/** "0.4 s"; a dash where nothing waited. */
export function formatWait(ms: number | null): string {
  return ms === null ? "—" : formatElapsed(ms);
}

/** "62 %", never 100 while something is left. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return "—";
  const share = (part / whole) * 100;
  if (share > 0 && share < 1) return "under 1 %";
  return part < whole ? `${Math.min(99, Math.round(share))} %` : "100 %";
}

export interface Conclusion {
  readonly tone: "calm" | "notice" | "warning";
  readonly title: string;
  readonly text: string;
  readonly link?: { readonly label: string; readonly url: string };
}

export interface Concluded {
  readonly span: BusySpan;
  readonly all: WaitFigures;
  readonly causes: readonly { readonly cause: ContentionCause; readonly waits: number }[];
  /** The item most waited for. */
  readonly top: (BusyPlace & WaitFigures & { readonly name: string }) | null;
  /** Items locked now; null when the lock service could not be asked. */
  readonly held: readonly { readonly name: string; readonly heldForMs: number }[] | null;
}

/** Nobody notices that an order's stock is taken this much later. */
const NORMAL_WAIT_MS = 2_000;
/** A call is given up after 12 s: an item that is held longer had one without an answer. */
const LONG_HOLD_MS = 15_000;
const LONG_HELD_NOW_MS = 30_000;
/** Fewer waits show no pattern. */
const PATTERN_WAITS_MIN = 10;

/** What a merchant may conclude, what needs attention first. Never empty. */
export function concludeBusy(facts: Concluded): readonly Conclusion[] {
  const warnings = [...heldNow(facts), ...longHold(facts), ...lostLeases(facts)];
  return [...warnings, ...theWaits(facts, warnings.length > 0)];
}

function heldNow({ held }: Concluded): Conclusion[] {
  const longest = (held ?? []).toSorted((a, b) => b.heldForMs - a.heldForMs)[0];
  if (longest === undefined || longest.heldForMs < LONG_HELD_NOW_MS) return [];
  return [
    {
      tone: "warning",
      title: `Something holds ${longest.name} for ${formatElapsed(longest.heldForMs)} now`,
      text: "Usually it takes less than a second. Shopify may be slow to answer. Orders of this item wait meanwhile and are applied after it; none is lost. If its worker has stopped, another goes on within half a minute.",
    },
  ];
}

function longHold({ all, top, span }: Concluded): Conclusion[] {
  if (all.longestHoldMs < LONG_HOLD_MS) return [];
  const ofTop = top !== null && top.longestHoldMs === all.longestHoldMs;
  return [
    {
      tone: "warning",
      title: `${ofTop ? top.name : "An item"} was held for ${formatElapsed(all.longestHoldMs)} in ${BUSY_SPAN_TEXT[span]}`,
      text: "A change of it was on its way to Shopify that long: Shopify was slow, or its answer was missing and the same change was sent again under the same key, so that it counts once. Later orders of the item waited for it.",
    },
  ];
}

function lostLeases({ all, span }: Concluded): Conclusion[] {
  if (all.lost === 0) return [];
  return [
    {
      tone: "warning",
      title: all.lost === 1 ? `A lock ended before its work in ${BUSY_SPAN_TEXT[span]}` : `${formatCount(all.lost)} times a lock ended before its work in ${BUSY_SPAN_TEXT[span]}`,
      text: "A worker stood still or stopped, or the lock service started anew. Nothing is changed twice by it: whoever lost a lock may not decide any more, and what was begun is finished under the same key. If it happens every day, tell whoever runs Holdfast.",
      link: { label: "Copy diagnostics", url: "/app/help#diagnostics" },
    },
  ];
}

function theWaits(facts: Concluded, isWarned: boolean): Conclusion[] {
  const { all, span } = facts;
  if (all.waits === 0) return isWarned ? [] : [{ tone: "calm", title: `Nothing had to wait in ${BUSY_SPAN_TEXT[span]}`, text: "Every change of stock found its item free." }];
  const cause = leadingCause(facts);
  if ((all.p95Ms ?? 0) < NORMAL_WAIT_MS && all.longestMs < LONG_HOLD_MS) {
    const title = all.longestMs < NORMAL_WAIT_MS ? `Everything is normal: the longest wait in ${BUSY_SPAN_TEXT[span]} was ${formatElapsed(all.longestMs)}` : `Waits are short: 95 of 100 in ${BUSY_SPAN_TEXT[span]} took less than ${formatWait(all.p95Ms)}`;
    return [{ tone: isWarned ? "notice" : "calm", title, text: `${plural(all.waits, "time")} an item was wanted while it was being changed for somebody else. Waiting is what keeps two of them from writing one number at once; nothing is lost by it.` }];
  }
  if (cause === "reservations") {
    return [
      {
        tone: "notice",
        title: `Buyers in your checkout wait up to ${formatElapsed(all.longestMs)} for units to be put aside`,
        text: `Half of them waited less than ${formatWait(all.p50Ms)}. A buyer waits when more units must be moved aside in Shopify first. How long a buyer may wait, and what happens then, is yours to set.`,
        link: { label: "Settings of holds", url: "/app/settings/holds" },
      },
    ];
  }
  return [manyOrders(facts)];
}

function manyOrders({ all, top, span }: Concluded): Conclusion {
  const waited = `Nothing is lost: orders that wait are applied together, and each counts once. Half of them waited less than ${formatWait(all.p50Ms)}, 95 of 100 less than ${formatWait(all.p95Ms)}, the longest ${formatElapsed(all.longestMs)}.`;
  if (top !== null && top.waits >= PATTERN_WAITS_MIN && top.waits * 2 >= all.waits) {
    return {
      tone: "notice",
      title: `${top.name} is sold faster than Shopify lets its stock change`,
      text: `${shareText(top.waits, all.waits)} of all waits in ${BUSY_SPAN_TEXT[span]} were for this item. ${waited}`,
      link: { label: "See its hours", url: busyUrl(span, top) },
    };
  }
  return { tone: "notice", title: `Orders wait up to ${formatElapsed(all.longestMs)} for busy items`, text: `The waits are spread over several items: many orders came at once, or Shopify answered slowly. ${waited}` };
}

/** The cause of at least half of all waits. */
function leadingCause({ causes, all }: Concluded): ContentionCause | null {
  return causes.find(({ waits }) => waits * 2 >= all.waits)?.cause ?? null;
}

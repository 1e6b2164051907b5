// The first words of Home: no known problems with the proof of it, or what to do first, the worst first, and what else waits. Pure.

import { formatCapped, formatCount, formatDuration, formatItemName, formatRelative, plural } from "./formatting.ts";
import { holdsUrl } from "./hold-view.ts";
import type { HoldNumbers } from "./queries/hold-numbers.server.ts";
import type { StandingNumbers } from "./queries/home-numbers.server.ts";
import type { HomeProblems, OpenOversell } from "./queries/home-problems.server.ts";
import type { ScanStanding } from "./queries/scan-standing.server.ts";
import type { WorkState } from "./connection-health.ts";
import { settingsUrl } from "./settings-parts.ts";
import { sourceText } from "./terms.ts";

export type HomeTone = "success" | "info" | "warning" | "critical";

export interface HomeState {
  readonly tone: HomeTone;
  readonly title: string;
  readonly text: string;
  /** Where the first thing to do is done; `permission`: asked for in place. */
  readonly action?: { readonly label: string; readonly url: string } | { readonly label: string; readonly permission: "write_inventory" };
  /** What waits besides, the worst first. */
  readonly also: readonly WaitingLine[];
}

export interface WaitingLine {
  readonly text: string;
  readonly url: string;
}

interface Problem extends Omit<HomeState, "also"> {
  /** As a line of the list, when another problem is worse. */
  readonly line: WaitingLine;
}

/** Older than this, what waits is a problem and not just work in progress. */
export const LAG_PROBLEM_MS = 60_000;

/** Where what waits is listed. */
export const WAITING_URLS: Readonly<Record<OldestWaiting["what"], string>> = {
  notification: "/app/history/notifications?state=pending",
  change: "/app/history?state=waiting,claimed",
};

export interface HomeStateInput {
  readonly numbers: StandingNumbers;
  readonly problems: HomeProblems;
  readonly holds: Pick<HoldNumbers, "waitingForPerson" | "refundsRequired">;
  readonly mode: "observe" | "enforce";
  readonly mayWrite: boolean;
  /** Fulfilment is to be held for orders that are short, and the permission is missing. */
  readonly mayNotHold: boolean;
  readonly work: WorkState;
  readonly scan: Pick<ScanStanding, "last" | "running">;
  readonly nowMs: number;
}

export interface OldestWaiting {
  readonly what: "notification" | "change";
  readonly ageMs: number;
}

/** The oldest thing that should be moving and is not done; null when nothing waits. */
export function oldestWaiting(numbers: Pick<StandingNumbers, "oldestNotificationAt" | "oldestChangeAt">, mode: "observe" | "enforce", nowMs: number): OldestWaiting | null {
  const waiting = ([["notification", numbers.oldestNotificationAt], ["change", mode === "enforce" ? numbers.oldestChangeAt : null]] as const).flatMap(([what, at]) =>
    at === null ? [] : [{ what, ageMs: Math.max(0, nowMs - at.getTime()) }],
  );
  return waiting.toSorted((one, other) => other.ageMs - one.ageMs)[0] ?? null;
}

/**
 * Buyers who were promised what is not there come first, and their money; then what keeps Holdfast from working at all, because every further
 * order makes it worse; then what waits for a decision and grows no worse by itself.
 */
export function describeHomeState(input: HomeStateInput): HomeState {
  const [first, ...others] = PROBLEMS.flatMap((find) => find(input) ?? []);
  if (first === undefined) return { ...describeCalm(input), also: [] };
  const { line: _line, ...banner } = first;
  return { ...banner, also: others.map(({ line }) => line) };
}

const PROBLEMS: readonly ((input: HomeStateInput) => Problem | null)[] = [
  shortOrders,
  refundsDue,
  permissionMissing,
  sourcesPaused,
  workStopped,
  holdsToDecide,
  changesToReview,
  stockOverwritten,
  stockMismatches,
  pushesNotTaken,
  holdingNotAllowed,
  stockToMove,
  alertsNotDelivered,
  workWaits,
];

function shortOrders({ problems: { oversells, oversell } }: HomeStateInput): Problem | null {
  if (oversells === 0 || oversell === null) return null;
  if (oversells === 1) {
    return {
      tone: "critical",
      title: shortTitle(oversell),
      text: "More was sold than is there. See which order lost the race and why, and decide before anything is shipped.",
      action: { label: "See what to do", url: `/app/oversells/${oversell.id}` },
      line: { text: shortTitle(oversell), url: `/app/oversells/${oversell.id}` },
    };
  }
  return {
    tone: "critical",
    title: `Orders are short of stock: ${formatCapped(oversells)} items were oversold`,
    text: `More was sold than is there. The one that is open longest: ${lowerFirst(shortTitle(oversell))}.`,
    action: { label: "See the orders", url: "/app/oversells" },
    line: { text: `${formatCapped(oversells)} oversold items`, url: "/app/oversells" },
  };
}

/** Orders that a title names before it counts the rest. */
const NAMED_ORDERS_MAX = 2;

/** "Order #1044 is short of 2 × Blue mug" */
export function shortTitle({ title, sku, inventoryItemId, short, shortOrders: orders }: OpenOversell): string {
  const item = formatItemName(title) ?? sku ?? `item ${inventoryItemId}`;
  const [first] = orders;
  if (first === undefined) return `${formatCount(short)} × ${item} too many ${short === 1 ? "was" : "were"} sold`;
  const names = orders.slice(0, NAMED_ORDERS_MAX).map(({ name, orderId }) => name ?? orderId);
  const units = orders.reduce((sum, order) => sum + order.units, 0);
  if (orders.length === 1) return `Order ${names[0]} is short of ${formatCount(units)} × ${item}`;
  const more = orders.length - names.length;
  const list = more === 0 ? names.join(" and ") : `${names.join(", ")} and ${formatCount(more)} more`;
  return `Orders ${list} are short of ${formatCount(units)} × ${item}`;
}

function refundsDue({ holds: { refundsRequired: count } }: HomeStateInput): Problem | null {
  if (count === 0) return null;
  const url = holdsUrl("refund");
  return {
    tone: "critical",
    title: count === 1 ? "1 payment came too late this week" : `${formatCapped(count)} payments came too late this week`,
    text: "The hold had lapsed and its units were gone. Your checkout was told to give the money back; make sure that it did.",
    action: { label: "See which", url },
    line: { text: count === 1 ? "1 refund to make sure of" : `${formatCapped(count)} refunds to make sure of`, url },
  };
}

function permissionMissing({ mode, mayWrite }: HomeStateInput): Problem | null {
  if (mode !== "enforce" || mayWrite) return null;
  return {
    tone: "critical",
    title: "Holdfast may not change stock",
    text: "Protection is on, but the permission to change inventory is missing. Nothing is changed until you grant it again.",
    action: { label: "Grant the permission", permission: "write_inventory" },
    line: { text: "The permission to change inventory is missing", url: settingsUrl("mode") },
  };
}

function sourcesPaused({ numbers: { pausedSources } }: HomeStateInput): Problem | null {
  if (pausedSources.length === 0) return null;
  const names = pausedSources.map(sourceText).join(", ");
  return {
    tone: "critical",
    title: pausedSources.length === 1 ? "An order source was paused" : `${pausedSources.length} order sources were paused`,
    text: `Shopify took the stock of an order from ${names} itself. Holdfast stopped acting for this source so that nothing is counted twice.`,
    action: { label: "Look at the evidence", url: settingsUrl("sources") },
    line: { text: `Order source paused: ${names}`, url: settingsUrl("sources") },
  };
}

function workStopped({ work }: HomeStateInput): Problem | null {
  switch (work.kind) {
    case "stopped":
      return {
        tone: "critical",
        title: `Holdfast's background worker has not been seen for ${formatDuration(work.forMs)}`,
        text: "Notifications are still stored safely and nothing is lost, but nothing is worked on. Tell whoever runs Holdfast for you.",
        action: { label: "What to send them", url: "/app/help" },
        line: { text: `The background worker has not been seen for ${formatDuration(work.forMs)}`, url: "/app/help" },
      };
    case "unanswered":
      return {
        tone: "critical",
        title: `Shopify has not answered Holdfast for ${formatDuration(work.forMs)}`,
        text: "Notifications are still stored safely and nothing is lost. Holdfast goes on asking by itself; if your store works and this stays, tell whoever runs Holdfast for you.",
        action: { label: "What to send them", url: "/app/help" },
        line: { text: `Shopify has not answered for ${formatDuration(work.forMs)}`, url: "/app/help" },
      };
    default:
      return null;
  }
}

function holdsToDecide({ holds: { waitingForPerson: count } }: HomeStateInput): Problem | null {
  if (count === 0) return null;
  const title = `${formatCapped(count)} ${count === 1 ? "hold needs" : "holds need"} your decision`;
  return {
    tone: "warning",
    title,
    text: "What was paid for in your own checkout stays out of sale until its order takes its stock, or you say what became of it.",
    action: { label: "Decide", url: holdsUrl("person") },
    line: { text: title, url: holdsUrl("person") },
  };
}

function changesToReview({ numbers: { parked } }: HomeStateInput): Problem | null {
  if (parked === 0) return null;
  const title = `${formatCapped(parked)} ${parked === 1 ? "change needs" : "changes need"} your review`;
  return {
    tone: "warning",
    title,
    text: "Holdfast stopped where guessing could have counted stock wrongly. Everything else went on.",
    action: { label: "Review", url: "/app/review" },
    line: { text: title, url: "/app/review" },
  };
}

function stockOverwritten({ problems: { overwritten } }: HomeStateInput): Problem | null {
  if (overwritten === 0) return null;
  const title = `Stock was overwritten ${overwritten === 1 ? "once" : `${formatCapped(overwritten)} times`}`;
  return {
    tone: "warning",
    title,
    text: "Another app or a person wrote a stock number without knowing the latest orders. The units of those orders look sellable although they are sold.",
    action: { label: "See what was lost", url: "/app/overwritten" },
    line: { text: title, url: "/app/overwritten" },
  };
}

function stockMismatches({ problems: { mismatches, mismatchesToCorrect } }: HomeStateInput): Problem | null {
  if (mismatches === 0) return null;
  const title = `${formatCapped(mismatches)} stock ${mismatches === 1 ? "number does" : "numbers do"} not match`;
  const proposal = mismatchesToCorrect === 0 ? "Nothing shows that Shopify's number is wrong; look whether yours are." : `For ${formatCapped(mismatchesToCorrect)} of them a correction is ready for you to send.`;
  return {
    tone: "warning",
    title,
    text: `Shopify's number differs from what Holdfast knew. ${proposal}`,
    action: { label: mismatchesToCorrect === 0 ? "See which" : "Decide", url: "/app/mismatches" },
    line: { text: title, url: "/app/mismatches" },
  };
}

function pushesNotTaken({ problems: { parkedPushes: count } }: HomeStateInput): Problem | null {
  if (count === 0) return null;
  const title = `Your stock system did not take ${formatCapped(count)} ${count === 1 ? "change" : "changes"}`;
  return {
    tone: "warning",
    title,
    text: "Its numbers differ from Shopify's until they are sent again or passed over. Later changes of the same items wait behind them.",
    action: { label: "Decide", url: "/app/review" },
    line: { text: title, url: "/app/review" },
  };
}

function holdingNotAllowed({ mayNotHold }: HomeStateInput): Problem | null {
  if (!mayNotHold) return null;
  return {
    tone: "warning",
    title: "Holdfast may not hold fulfilment",
    text: "Orders that are short are to be held before they ship, but the permission for it is missing. They are only shown.",
    action: { label: "Open settings", url: settingsUrl("oversells") },
    line: { text: "The permission to hold fulfilment is missing", url: settingsUrl("oversells") },
  };
}

function stockToMove({ problems: { stockToMove: count } }: HomeStateInput): Problem | null {
  if (count === 0) return null;
  const title = `${formatCapped(count)} ${count === 1 ? "item is" : "items are"} at the wrong location`;
  return {
    tone: "warning",
    title,
    text: "One location has sold more than it has, and another has the units. Move them, or fulfil from there.",
    action: { label: "See from where to where", url: "/app/oversells" },
    line: { text: title, url: "/app/oversells" },
  };
}

function alertsNotDelivered({ problems: { failedAlerts: count } }: HomeStateInput): Problem | null {
  if (count === 0) return null;
  const title = `${formatCapped(count)} ${count === 1 ? "alert" : "alerts"} could not be delivered`;
  return {
    tone: "warning",
    title,
    text: "The address that you gave did not take them. Somebody may not know of a problem.",
    action: { label: "See which", url: "/app/review" },
    line: { text: title, url: "/app/review" },
  };
}

function workWaits({ numbers, mode, nowMs, work }: HomeStateInput): Problem | null {
  const oldest = oldestWaiting(numbers, mode, nowMs);
  // Where the worker stands still that is the cause, and it is told already.
  if (oldest === null || oldest.ageMs <= LAG_PROBLEM_MS || work.kind === "stopped") return null;
  const title = `Work has been waiting for ${formatDuration(oldest.ageMs)}`;
  return {
    tone: "warning",
    title,
    text: "Everything is stored safely and nothing is lost. If this keeps growing, Shopify is slow or the background worker is not running.",
    action: { label: "See what waits", url: WAITING_URLS[oldest.what] },
    line: { text: title, url: WAITING_URLS[oldest.what] },
  };
}

function describeCalm({ numbers, mode, scan, nowMs }: HomeStateInput): Omit<HomeState, "also"> {
  const proof = proofText(scan, nowMs);
  if (numbers.lastNotificationAt === null) {
    return { tone: "info", title: "Ready, waiting for the first order", text: `Shopify has not sent a notification yet. The numbers below fill as soon as an order is placed.${proof === null ? "" : ` ${proof}`}` };
  }
  const doing = mode === "observe" ? "Holdfast is watching. It changes no stock until you turn protection on." : "Holdfast is protecting your stock. Nothing waits for you.";
  return { tone: "success", title: "No known problems", text: proof === null ? doing : `${doing} ${proof}` };
}

/** What "no known problems" rests on; null while no comparison with Shopify has ended and none runs. */
export function proofText({ last, running }: Pick<ScanStanding, "last" | "running">, nowMs: number): string | null {
  if (last !== null) {
    const { checkedCount, totalCount, finishedAt } = last;
    // A shop without a stocked item: there was nothing to check.
    if (totalCount === 0) return null;
    const all = totalCount === 1 ? "The only stock number was" : `All ${plural(totalCount, "stock number")} were`;
    const counted = checkedCount === totalCount ? all : `${formatCount(checkedCount)} of ${plural(totalCount, "stock number")} were`;
    return `${counted} checked against Shopify ${formatRelative(finishedAt.getTime(), nowMs)}.`;
  }
  if (running?.kind !== "stock") return null;
  return running.checkedCount === 0 ? "Your stock is being compared with Shopify for the first time." : `Your stock is being compared with Shopify for the first time: ${plural(running.checkedCount, "number")} so far.`;
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

// The first line of Home: no known problems, or what to do first. Pure.

import { formatDuration, plural } from "./formatting.ts";
import { holdsUrl } from "./hold-view.ts";
import type { HomeNumbers } from "./queries/home-numbers.server.ts";
import { sourceText } from "./terms.ts";

export interface HomeState {
  readonly tone: "success" | "info" | "warning" | "critical";
  readonly title: string;
  readonly text: string;
  /** Where the first thing to do is done. */
  readonly action?: { readonly label: string; readonly url: string };
}

/** Older than this, what waits is a problem and not just work in progress. */
export const LAG_PROBLEM_MS = 60_000;

/** Where what waits is listed. */
export const WAITING_URLS: Readonly<Record<OldestWaiting["what"], string>> = {
  notification: "/app/history/notifications?state=pending",
  change: "/app/history?state=waiting,claimed",
};

export interface HomeStateInput {
  readonly numbers: HomeNumbers;
  /** Holds on which a person must decide. */
  readonly holdsWaiting: number;
  readonly mode: "observe" | "enforce";
  readonly mayWrite: boolean;
  readonly nowMs: number;
}

export interface OldestWaiting {
  readonly what: "notification" | "change";
  readonly ageMs: number;
}

/** The oldest thing that should be moving and is not done; null when nothing waits. */
export function oldestWaiting(numbers: HomeNumbers, mode: "observe" | "enforce", nowMs: number): OldestWaiting | null {
  const waiting = ([["notification", numbers.oldestNotificationAt], ["change", mode === "enforce" ? numbers.oldestChangeAt : null]] as const).flatMap(([what, at]) =>
    at === null ? [] : [{ what, ageMs: Math.max(0, nowMs - at.getTime()) }],
  );
  return waiting.toSorted((one, other) => other.ageMs - one.ageMs)[0] ?? null;
}

/** Problems in the order in which they should be dealt with; the first one is shown. */
export function describeHomeState({ numbers, holdsWaiting, mode, mayWrite, nowMs }: HomeStateInput): HomeState {
  const oldest = oldestWaiting(numbers, mode, nowMs);
  if (mode === "enforce" && !mayWrite) {
    return {
      tone: "critical",
      title: "Holdfast may not change stock",
      text: "Protection is on, but the permission to change inventory is missing. Nothing is changed until you grant it again.",
      action: { label: "Open settings", url: "/app/settings" },
    };
  }
  if (numbers.pausedSources.length > 0) {
    const names = numbers.pausedSources.map(sourceText).join(", ");
    return {
      tone: "critical",
      title: "An order source was paused",
      text: `Shopify took the stock of an order from ${names} itself. Holdfast stopped acting for this source so that nothing is counted twice.`,
      action: { label: "Look at the evidence", url: "/app/settings#sources" },
    };
  }
  if (numbers.parked > 0) {
    return {
      tone: "warning",
      title: `${plural(numbers.parked, "change")} ${numbers.parked === 1 ? "needs" : "need"} your review`,
      text: "Holdfast stopped where guessing could have counted stock wrongly. Everything else went on.",
      action: { label: "Review", url: "/app/review" },
    };
  }
  if (holdsWaiting > 0) {
    return {
      tone: "warning",
      title: `${plural(holdsWaiting, "hold")} ${holdsWaiting === 1 ? "needs" : "need"} your decision`,
      text: "What was paid for in your own checkout stays out of sale until its order takes its stock, or you say what became of it.",
      action: { label: "Decide", url: holdsUrl("person") },
    };
  }
  if (oldest !== null && oldest.ageMs > LAG_PROBLEM_MS) {
    return {
      tone: "warning",
      title: `Work has been waiting for ${formatDuration(oldest.ageMs)}`,
      text: "Everything is stored safely and nothing is lost. If this keeps growing, Shopify is slow or the background worker is not running.",
      action: { label: "See what waits", url: WAITING_URLS[oldest.what] },
    };
  }
  if (numbers.lastNotificationAt === null) {
    return { tone: "info", title: "Ready, waiting for the first order", text: "Shopify has not sent a notification yet. The numbers below fill as soon as an order is placed." };
  }
  return {
    tone: "success",
    title: "No known problems",
    text: mode === "observe" ? "Holdfast is watching. It changes no stock until you turn protection on." : "Holdfast is protecting your stock. Nothing waits for you.",
  };
}

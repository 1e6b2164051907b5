// How the connection to Shopify fares, in words with the number: each line says whether it is as it should be. Pure.

import type { BudgetStanding } from "#app/ports/cost-budget.ts";

import { formatCapped, formatCount, formatElapsed, formatRelative, plural } from "./formatting.ts";
import type { HealthVerdict } from "./home-terms.ts";
import type { ConnectionFacts } from "./queries/connection-health.server.ts";
import type { StandingNumbers } from "./queries/home-numbers.server.ts";
import type { ScanStanding } from "./queries/scan-standing.server.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The worker looks through each shop's orders every five minutes; with very many shops their turn comes later. */
export const WORKER_MISSING_MS = 10 * MINUTE_MS;
/** Three of those looks came to nothing, and no change was applied either. */
export const UNANSWERED_MS = 15 * MINUTE_MS;

/** `starting`: a new install that the worker has not come to yet. */
export type WorkState = { readonly kind: "working" | "starting" } | { readonly kind: "stopped" | "unanswered"; readonly forMs: number };

/** Whether the worker works for this shop, and whether Shopify lets it. */
export function judgeWork(facts: ConnectionFacts, installedAt: Date, nowMs: number): WorkState {
  const sinceMs = (at: Date | null) => nowMs - (at ?? installedAt).getTime();
  const dueForMs = facts.roundBegun ? (facts.roundDueAt === null ? 0 : nowMs - facts.roundDueAt.getTime()) : sinceMs(null);
  if (dueForMs > WORKER_MISSING_MS && sinceMs(facts.answerAt) > WORKER_MISSING_MS) return { kind: "stopped", forMs: dueForMs };
  // A look that is half done has had answers: only after a failure does it begin a page anew.
  if (!facts.roundHalfDone && sinceMs(facts.answerAt) > UNANSWERED_MS) return { kind: "unanswered", forMs: sinceMs(facts.answerAt) };
  return { kind: facts.roundAt === null ? "starting" : "working" };
}

export interface HealthLine {
  readonly name: string;
  readonly verdict: HealthVerdict;
  readonly text: string;
  readonly url?: string;
}

export interface HealthInput {
  readonly facts: ConnectionFacts;
  readonly numbers: StandingNumbers;
  readonly budget: BudgetStanding;
  readonly scan: ScanStanding;
  readonly work: WorkState;
  readonly mode: "observe" | "enforce";
  readonly oldestWaitingMs: number | null;
  readonly lockWaits: number;
  readonly lockWaitMsMax: number;
  readonly nowMs: number;
}

export function describeHealth(input: HealthInput): HealthLine[] {
  return [notifications(input), backlog(input), worker(input), budget(input), comparison(input), busyItems(input)];
}

function notifications({ facts: { latenessCount, latenessMsP50, latenessMsP95 }, numbers: { lastNotificationAt }, nowMs }: HealthInput): HealthLine {
  const line = { name: "Notifications from Shopify", url: "/app/history/notifications" };
  if (lastNotificationAt === null) return { ...line, verdict: "unknown", text: "None came yet; one comes with every order" };
  const last = `the last one came ${formatRelative(lastNotificationAt.getTime(), nowMs)}`;
  if (latenessMsP50 === null || latenessMsP95 === null) return { ...line, verdict: "unknown", text: `None came within a day; ${last}` };
  const text =
    latenessCount < 20
      ? `The slowest of the last ${plural(latenessCount, "notification")} took ${formatElapsed(latenessMsP95)}; ${last}`
      : `Half take ${formatElapsed(latenessMsP50)} or less to come, 95 % ${formatElapsed(latenessMsP95)} or less; ${last}`;
  // The list of late ones has those of more than a minute.
  const url = latenessMsP95 > MINUTE_MS ? `${line.url}?late=yes` : line.url;
  return { ...line, verdict: latenessMsP95 <= 10 * SECOND_MS ? "good" : "slow", text, url };
}

function backlog({ numbers: { notificationsWaiting, waiting }, mode, oldestWaitingMs }: HealthInput): HealthLine {
  const changes = mode === "enforce" ? waiting : 0;
  const name = "Waiting to be worked on";
  if (oldestWaitingMs === null || notificationsWaiting + changes === 0) return { name, verdict: "good", text: "Nothing waits", url: "/app/history/notifications?state=pending" };
  const parts = [
    ...(notificationsWaiting === 0 ? [] : [`${formatCapped(notificationsWaiting)} ${notificationsWaiting === 1 ? "notification" : "notifications"}`]),
    ...(changes === 0 ? [] : [`${formatCapped(changes)} ${changes === 1 ? "change" : "changes"}`]),
  ];
  const url = notificationsWaiting > 0 ? "/app/history/notifications?state=pending" : "/app/history?state=waiting,claimed";
  return { name, verdict: oldestWaitingMs <= 10 * SECOND_MS ? "good" : oldestWaitingMs <= 5 * MINUTE_MS ? "slow" : "bad", text: `${parts.join(" and ")}; the oldest has waited ${formatElapsed(oldestWaitingMs)}`, url };
}

function worker({ work, facts: { roundAt }, nowMs }: HealthInput): HealthLine {
  const name = "Background worker";
  const looked = roundAt === null ? null : `It last looked through your orders ${formatRelative(roundAt.getTime(), nowMs)}`;
  switch (work.kind) {
    case "working":
      return { name, verdict: "good", text: looked ?? "At work" };
    case "starting":
      return { name, verdict: "unknown", text: "It has not come to this shop yet" };
    case "stopped":
      return { name, verdict: "bad", text: looked ?? "It was not seen since Holdfast was installed" };
    case "unanswered":
      return { name, verdict: "bad", text: `It works, and Shopify does not answer it. ${looked ?? "It could not look through your orders yet"}` };
  }
}

function budget({ budget: standing }: HealthInput): HealthLine {
  const name = "What Shopify lets Holdfast ask";
  switch (standing.kind) {
    case "unmeasured":
      return { name, verdict: "unknown", text: "Holdfast has not asked anything yet" };
    case "unavailable":
      return { name, verdict: "bad", text: "The service that Holdfast's processes share (Redis) cannot be reached: no stock is changed until it is back" };
    case "known": {
      const { available, maximum, restoreRate, closedForMs } = standing;
      const left = `${formatCount(available)} of ${formatCount(maximum)} points left, ${formatCount(restoreRate)} come back each second`;
      if (closedForMs > 0) return { name, verdict: "slow", text: `Shopify asked to slow down for ${formatElapsed(closedForMs)}; ${left}` };
      return { name, verdict: available < maximum / 10 ? "slow" : "good", text: left };
    }
  }
}

/** Compared once a day; two that failed, or a day and a half, are worth a look. */
const COMPARED_LATE_MS = 36 * HOUR_MS;

function comparison({ scan: { last, running, failedAt }, nowMs }: HealthInput): HealthLine {
  const line = { name: "Comparison with Shopify's stock", url: "/app/mismatches" };
  const progress = running?.kind === "stock" ? `; one is under way, ${formatCount(running.checkedCount)} checked` : "";
  if (last === null) {
    if (failedAt !== null) return { ...line, verdict: "slow", text: `The first one failed ${formatRelative(failedAt.getTime(), nowMs)}; another begins by itself` };
    return { ...line, verdict: "unknown", text: running?.kind === "stock" ? `The first one is under way: ${plural(running.checkedCount, "stock number")} checked` : "The first one has not begun yet" };
  }
  const late = nowMs - last.finishedAt.getTime() > COMPARED_LATE_MS;
  const failed = failedAt === null ? "" : `; the newest failed ${formatRelative(failedAt.getTime(), nowMs)}, another begins by itself`;
  const text = `${formatCount(last.checkedCount)} of ${plural(last.totalCount, "stock number")} checked ${formatRelative(last.finishedAt.getTime(), nowMs)}${progress}${failed}`;
  return { ...line, verdict: late || failedAt !== null ? "slow" : "good", text };
}

function busyItems({ lockWaits, lockWaitMsMax }: HealthInput): HealthLine {
  const line = { name: "Busy items today", url: "/app/busy" };
  if (lockWaits === 0) return { ...line, verdict: "good", text: "Nothing had to wait its turn" };
  return { ...line, verdict: lockWaitMsMax <= 10 * SECOND_MS ? "good" : "slow", text: `${plural(lockWaits, "wait")} for an item's turn, the longest ${formatElapsed(lockWaitMsMax)}` };
}

// Tells the whole way of one change as steps a person can follow: notification, order, decision, key, tries, result. Pure.

import { formatDelta, formatElapsed, formatQuantity, plural } from "./formatting.ts";
import type { AttemptRow, ChangeDetail } from "./queries/change-detail.server.ts";
import { actorText, ATTEMPT_OUTCOMES, auditText, CHANGE_STATES, ORDER_MODES, reasonText, refusalTerm, repetitionText, saleTerms, sourceText, termFor, topicText, type Tone } from "./terms.ts";

export interface StoryFact {
  readonly name: string;
  readonly value: string;
  readonly copyable?: boolean;
  readonly url?: string;
}

export interface StoryStep {
  readonly key: string;
  readonly title: string;
  /** Null when it has not happened or its time is not known. */
  readonly at: Date | null;
  readonly tone: Tone;
  readonly text: string | null;
  readonly facts: readonly StoryFact[];
}

/** "−1 Beeswax candle · order #1002": the heading of its page, and never that of the order's. */
export function changeHeading(change: { readonly item: string; readonly delta: number; readonly orderName: string | null }): string {
  const what = change.delta === 0 ? `No change of ${change.item}` : `${formatDelta(change.delta)} ${change.item}`;
  return change.orderName === null ? what : `${what} · order ${change.orderName}`;
}

export function tellChange(detail: ChangeDetail): StoryStep[] {
  const steps = [notificationStep(detail), orderStep(detail), decisionStep(detail), sendingStep(detail), ...attemptSteps(detail), resultStep(detail), ...auditSteps(detail)];
  return steps.filter((step) => step !== null);
}

function notificationStep({ change, delivery }: ChangeDetail): StoryStep | null {
  if (delivery === null && change.webhookId === null) return null;
  const facts: StoryFact[] = change.webhookId === null ? [] : [{ name: "Webhook id", value: change.webhookId, copyable: true }];
  if (delivery === null) {
    return { key: "notification", title: "Notification received", at: change.acceptedAt, tone: undefined, text: "Its record has been removed after the time you keep history for.", facts };
  }
  return {
    key: "notification",
    title: "Notification received",
    at: delivery.receivedAt,
    tone: "success",
    text: repetitionText(delivery.duplicates),
    facts: [{ name: "About", value: topicText(delivery.topic) ?? delivery.topic }, { name: "Topic", value: delivery.topic }, ...facts, ...(delivery.eventId === null ? [] : [{ name: "Event id", value: delivery.eventId, copyable: true }])],
  };
}

function orderStep({ change, order }: ChangeDetail): StoryStep | null {
  if (order === null || change.orderId === null) return null;
  const source = order.appId === null ? sourceText(`name:${order.sourceName ?? ""}`) : `${order.sourceName ?? "not named"} (app ${order.appId})`;
  return {
    key: "order",
    title: `Order ${order.name ?? change.orderId} read`,
    at: order.firstSeenAt,
    tone: undefined,
    text: order.mode === null ? null : [termFor(ORDER_MODES, order.mode).label, reasonText(order.modeReason)].filter((part) => part !== null).join(": "),
    facts: [
      { name: "Order source", value: source },
      { name: "Order id", value: change.orderId, copyable: true },
      { name: "Stock record", value: "Everything about this order", url: `/app/history/orders/${change.orderId}` },
    ],
  };
}

function decisionStep({ change }: ChangeDetail): StoryStep {
  const { cause, delta } = saleTerms(change);
  const placeholder = change.inventoryItemId === null;
  return {
    key: "decision",
    title: placeholder ? "No stock could be assigned" : `Decided: ${formatDelta(delta)}`,
    at: change.createdAt,
    tone: placeholder ? "warning" : undefined,
    text: placeholder ? reasonText(change.reason) : `${cause.label}. ${cause.meaning}`.trim(),
    facts: [
      // No rule decides a move between available and reserved.
      ...(change.quantityName === "hold" ? [] : [{ name: "Rules", value: change.settingsVersion === null ? "not recorded" : `Settings version ${change.settingsVersion}` }]),
      ...(change.lineId === null ? [] : [{ name: "Order line", value: change.lineId, copyable: true }]),
      { name: "Counts once under", value: change.effectKey, copyable: true },
      { name: "Trace id", value: change.traceId, copyable: true },
    ],
  };
}

function sendingStep({ change, mutation }: ChangeDetail): StoryStep | null {
  if (mutation === null) return null;
  const together = mutation.entryCount <= 1 ? "On its own." : `Together with ${plural(mutation.entryCount - 1, "other item")} in one call.`;
  return {
    key: "sending",
    title: "Key and content fixed before sending",
    at: mutation.claimedAt,
    tone: undefined,
    text: `${together} Shopify carries out a key at most once.`,
    facts: [
      { name: "Key", value: mutation.key, copyable: true },
      { name: "Call", value: mutation.id, copyable: true },
      ...(change.mutationId !== mutation.id ? [] : reasonFacts(mutation.reason)),
    ],
  };
}

function attemptSteps({ attempts }: ChangeDetail): StoryStep[] {
  return attempts.map((attempt) => {
    const term = attempt.outcome === null ? { label: "On its way", meaning: "No answer yet.", tone: "attention" as const } : termFor(ATTEMPT_OUTCOMES, attempt.outcome);
    return {
      key: `attempt-${attempt.number}`,
      title: `Try ${attempt.number}: ${term.label}`,
      at: attempt.sentAt,
      tone: term.tone,
      text: [elapsedText(attempt), term.meaning].filter((part) => part !== "").join(" ") || null,
      facts: [],
    };
  });
}

function elapsedText({ sentAt, finishedAt }: AttemptRow): string {
  return finishedAt === null ? "" : `Answered after ${formatElapsed(finishedAt.getTime() - sentAt.getTime())}.`;
}

function resultStep({ change, mutation }: ChangeDetail): StoryStep {
  const term = termFor(CHANGE_STATES, change.state);
  const applied = change.state === "applied";
  const code = refusalTerm(change.reason);
  const unknown = change.outcomeUnknown ? " It may already have taken effect, so it is not repeated by itself." : "";
  return {
    key: "result",
    title: applied ? `Applied: ${formatQuantity(change.before)} → ${formatQuantity(change.after)}` : term.label,
    at: change.finishedAt,
    tone: term.tone,
    text: applied ? appliedText(change) : `${[term.meaning, reasonText(change.reason)].filter(Boolean).join(" ")}${unknown}` || null,
    facts: [...(code === null ? [] : [{ name: "Shopify's code", value: code, copyable: true }]), ...(mutation?.adjustmentGroupId ? [{ name: "Shopify's adjustment", value: mutation.adjustmentGroupId, copyable: true }] : [])],
  };
}

function appliedText(change: ChangeDetail["change"]): string {
  const took = change.acceptedAt === null || change.finishedAt === null ? "" : ` ${formatElapsed(change.finishedAt.getTime() - change.acceptedAt.getTime())} after the notification was received.`;
  return change.before === null ? `Shopify has applied it without saying the quantities.${took}` : `Available stock before and after, from Shopify's answer.${took}`;
}

function auditSteps({ audit }: ChangeDetail): StoryStep[] {
  return audit.map((entry) => ({
    key: `audit-${entry.id}`,
    title: `Written to the audit trail: ${auditText(entry.kind)}`,
    at: entry.at,
    tone: undefined,
    text: `By ${actorText(entry.actor)}.`,
    facts: [...noteFacts(entry.detail), ...(entry.before === null && entry.after === null ? [] : [{ name: "Before → after", value: `${formatQuantity(entry.before)} → ${formatQuantity(entry.after)}` }])],
  }));
}

/** The reason that a person gave. */
function noteFacts(detail: unknown): StoryFact[] {
  const note = typeof detail === "object" && detail !== null && "note" in detail ? detail.note : null;
  return typeof note === "string" ? [{ name: "Reason", value: note }] : [];
}

function reasonFacts(reason: string | null): StoryFact[] {
  const text = reasonText(reason);
  return text === null ? [] : [{ name: "Note", value: text }];
}

// Tells an oversell from the first notification of its orders to what Shopify answered and people did: one line of time, oldest first. Pure.

import type { StoryFact, StoryStep } from "./change-story.ts";
import { formatDelta, formatElapsed, formatQuantity, plural } from "./formatting.ts";
import { FULFILMENT_HOLD_TERMS, holdRefusalText, OVERSELL_ENDS, SEEN_BY_TERMS, WRITER_TERMS } from "./oversell-terms.ts";
import { namesOf, orderName } from "./oversell-view.ts";
import type { EventAudit, EventAuthor, EventChange, EventDelivery, EventStage, OversellEvents } from "./queries/oversell-events.server.ts";
import type { StockPoint } from "./queries/stock-over-time.server.ts";
import { actorText, ATTEMPT_OUTCOMES, auditText, CHANGE_STATES, reasonText, repetitionText, saleTerms, termFor, topicText, type Tone } from "./terms.ts";

export interface OversellStoryInput {
  readonly events: OversellEvents;
  /** Numbers that were seen, oldest first; the first only says what stood there before. */
  readonly points: readonly StockPoint[];
  readonly authors: readonly EventAuthor[];
  readonly incident: { readonly openedAt: Date; readonly closedAt: Date | null; readonly closeReason: string | null; readonly depth: number };
}

export function tellOversell({ events, points, authors, incident }: OversellStoryInput): StoryStep[] {
  const steps = [
    ...events.deliveries.map(deliveryStep),
    ...events.changes.flatMap(changeSteps),
    ...observationSteps(points, authors),
    ...stageSteps(events.stages, incident),
    ...events.audit.map(auditStep),
  ];
  return steps.toSorted((a, b) => (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0));
}

function deliveryStep(delivery: EventDelivery): StoryStep {
  const about = topicText(delivery.topic) ?? delivery.topic;
  const lateMs = delivery.triggeredAt === null ? 0 : delivery.receivedAt.getTime() - delivery.triggeredAt.getTime();
  return {
    key: `delivery-${delivery.id}`,
    title: `Notification received: ${about}, ${orderName({ orderId: delivery.orderId, name: delivery.orderName })}`,
    at: delivery.receivedAt,
    tone: "success",
    text: [lateMs > 0 ? `${formatElapsed(lateMs)} after it happened in Shopify.` : "", repetitionText(delivery.duplicates)].filter(Boolean).join(" "),
    facts: [orderRecord({ orderId: delivery.orderId, name: delivery.orderName })],
  };
}

function orderRecord(order: { readonly orderId: string; readonly name: string | null }): StoryFact {
  return { name: "Stock record", value: `Everything about ${orderName(order)}`, url: `/app/history/orders/${order.orderId}` };
}

/** Decided, each try, and how it ended; the change's own page has the rest. */
function changeSteps(change: EventChange): StoryStep[] {
  const { cause, delta } = saleTerms(change);
  const of = change.orderId === null ? "" : `, ${orderName({ orderId: change.orderId, name: change.orderName })}`;
  const evidence: StoryFact = { name: "Change", value: "Its whole way, with key and answer", url: `/app/history/${change.id}` };
  const state = termFor(CHANGE_STATES, change.state);
  const decided: StoryStep = {
    key: `change-${change.id}`,
    title: `Holdfast decided: ${formatDelta(delta)}${of}`,
    at: change.createdAt,
    tone: undefined,
    text: `${cause.label}.${change.finishedAt === null ? ` Now: ${state.label.toLowerCase()}. ${[state.meaning, reasonText(change.reason)].filter(Boolean).join(" ")}` : ""}`,
    facts: [evidence],
  };
  const tries = change.attempts.map(({ number, outcome, sentAt, finishedAt }): StoryStep => {
    const term = outcome === null ? { label: "On its way", meaning: "No answer yet.", tone: "attention" as const } : termFor(ATTEMPT_OUTCOMES, outcome);
    const elapsed = finishedAt === null ? "" : `Answered after ${formatElapsed(Date.parse(finishedAt) - Date.parse(sentAt))}.`;
    const applied = outcome === "applied" && change.after !== null ? `Available ${formatQuantity(change.before)} → ${formatQuantity(change.after)}.` : "";
    return {
      key: `change-${change.id}-try-${number}`,
      title: `Sent to Shopify${number > 1 ? `, try ${number}` : ""}: ${term.label}`,
      at: new Date(sentAt),
      tone: term.tone,
      text: [`${formatDelta(delta)}${of}.`, elapsed, applied || term.meaning].filter(Boolean).join(" "),
      facts: [],
    };
  });
  const ended = change.finishedAt === null || change.state === "applied" ? [] : [endOf(change, `${formatDelta(delta)}${of}`, change.finishedAt)];
  return [decided, ...tries, ...ended];
}

function endOf(change: EventChange, what: string, at: Date): StoryStep {
  const { label, meaning, tone } = termFor(CHANGE_STATES, change.state);
  return { key: `change-${change.id}-end`, title: `${label}: ${what}`, at, tone, text: [meaning, reasonText(change.reason)].filter(Boolean).join(" ") || null, facts: [] };
}

const WRITER_TONES: Readonly<Record<string, Tone>> = { another_writer: "warning", unknown: "attention" };

function observationSteps(points: readonly StockPoint[], authors: readonly EventAuthor[]): StoryStep[] {
  const byId = new Map(authors.map(({ observationId, orders }) => [observationId, orders]));
  return points.slice(1).flatMap((point, index): StoryStep[] => {
    const before = points[index]?.available ?? null;
    if (point.available === before) return [];
    const delta = point.available === null || before === null ? null : point.available - before;
    const orders = byId.get(point.id) ?? [];
    const writer = point.verdict === null ? "Not judged yet" : (WRITER_TERMS[point.verdict] ?? point.verdict);
    return [
      {
        key: `seen-${point.id}`,
        title: `Available ${formatQuantity(before)} → ${point.available === null ? "not stocked" : formatQuantity(point.available)}`,
        at: point.at,
        tone: point.verdict === null ? undefined : WRITER_TONES[point.verdict],
        text: `${delta === null ? "" : `${formatDelta(delta)}. `}${SEEN_BY_TERMS[point.seenBy] ?? point.seenBy}. Changed by: ${writer}${orders.length === 0 ? "" : ` (${namesOf(orders.slice(0, 3), orders.length)})`}.`,
        facts: [],
      },
    ];
  });
}

const CHANNEL_NAMES: Readonly<Record<string, string>> = { slack: "Slack", email: "E-mail", webhook: "your webhook", flow: "Shopify Flow" };

/** The incident's own stages; without a record of them (history ends) its opening and its end are still known. */
function stageSteps(stages: readonly EventStage[], incident: OversellStoryInput["incident"]): StoryStep[] {
  const told = stages.flatMap(({ id, told: messages }) =>
    messages.flatMap(({ channel, state, at }, index): StoryStep[] => {
      if (at === null || (state !== "sent" && state !== "failed")) return [];
      const name = CHANNEL_NAMES[channel] ?? channel;
      return [{ key: `told-${id}-${index}`, title: state === "sent" ? `You were told by ${name}` : `${name} did not take the alert`, at: new Date(at), tone: state === "sent" ? "info" : "attention", text: null, facts: [] }];
    }),
  );
  const ofStages = stages.map((stage) => stageStep(stage, incident));
  const has = (prefix: string) => stages.some(({ stage }) => stage.startsWith(prefix));
  return [
    ...(has("opened") ? [] : [found(incident.openedAt, null)]),
    ...ofStages,
    ...(has("closed") || incident.closedAt === null ? [] : [over(incident.closedAt, incident.closeReason)]),
    ...told,
  ];
}

function stageStep({ id, at, stage, depth }: EventStage, incident: OversellStoryInput["incident"]): StoryStep {
  if (stage === "opened") return found(at, depth);
  if (stage === "closed") return over(at, incident.closeReason);
  return { key: `stage-${id}`, title: depth === null ? "It changed" : `Now ${plural(depth, "unit")} too many`, at, tone: "warning", text: "More units are missing, or other orders go short.", facts: [] };
}

function found(at: Date, depth: number | null): StoryStep {
  return { key: "opened", title: `Holdfast found that more is promised than there is${depth === null ? "" : `: ${plural(depth, "unit")}`}`, at, tone: "warning", text: null, facts: [] };
}

function over(at: Date, reason: string | null): StoryStep {
  return { key: "closed", title: "Over", at, tone: "success", text: OVERSELL_ENDS[reason ?? ""] ?? null, facts: [] };
}

function auditStep({ id, at, kind, actor, orderId, note, reason }: EventAudit): StoryStep {
  const failed = kind === "fulfilment_hold_failed";
  return {
    key: `audit-${id}`,
    title: auditText(kind),
    at,
    tone: failed ? FULFILMENT_HOLD_TERMS["failed"]?.tone : "info",
    text: `By ${actorText(actor)}.${failed ? ` ${holdRefusalText(reason)}` : ""}`,
    facts: [...(note === null ? [] : [{ name: "Note", value: note }]), ...(orderId === null ? [] : [{ name: "Stock record", value: "Everything about its order", url: `/app/history/orders/${orderId}` }])],
  };
}

// What the notifications page says about its filters, and the way of one notification in steps. Pure.

import { formatElapsed, plural } from "./formatting.ts";
import { notificationQuery, type NotificationFilters } from "./notification-filters.ts";
import type { ChangeRow } from "./queries/list-changes.server.ts";
import type { DeliveryRow } from "./queries/list-deliveries.server.ts";
import type { StoryStep } from "./change-story.ts";
import { DELIVERY_STATES, reasonText, termFor, topicText } from "./terms.ts";

export const NOTIFICATION_FILTER_NAMES = { topic: "About", state: "State", duplicated: "Came more than once", late: "Came late", about: "About", when: "When" } as const;

export interface NotificationTag {
  readonly name: keyof NotificationFilters;
  readonly label: string;
  readonly without: string;
}

export function notificationTags(filters: NotificationFilters): NotificationTag[] {
  const names = Object.keys(NOTIFICATION_FILTER_NAMES) as (keyof NotificationFilters)[];
  return names.filter((name) => filters[name] !== "").map((name) => ({ name, label: tagText(name, filters), without: `/app/history/notifications${notificationQuery({ ...filters, [name]: "" })}` }));
}

function tagText(name: keyof NotificationFilters, filters: NotificationFilters): string {
  switch (name) {
    case "topic":
      return `About: ${topicText(filters.topic) ?? filters.topic}`;
    case "about":
      return `About: ${filters.about === "orders" ? "orders" : "stock levels"}`;
    case "state":
      return `State: ${termFor(DELIVERY_STATES, filters.state).label}`;
    case "when":
      return "When: Today";
    case "duplicated":
    case "late":
      return NOTIFICATION_FILTER_NAMES[name];
  }
}

/** Changes of stock that it led to; or, when it led to none, those that another notification of its order did. */
export interface LedTo {
  readonly changes: readonly Pick<ChangeRow, "id">[];
  readonly byAnother: boolean;
  /** There are more. */
  readonly more: boolean;
}

/** What one notification led to, from what happened in Shopify to what was decided. */
export function tellNotification(delivery: DeliveryRow, repetitions: readonly Date[], led: LedTo): StoryStep[] {
  const { triggeredAt, receivedAt, processedAt, replayedAt, duplicates, orderId, orderName } = delivery;
  const state = termFor(DELIVERY_STATES, delivery.state);
  const steps: (StoryStep | null)[] = [
    triggeredAt === null ? null : step("triggered", "It happened in Shopify", triggeredAt, { text: topicText(delivery.topic) }),
    step("received", "Received and stored", receivedAt, {
      tone: "success",
      text: triggeredAt === null ? null : `${formatElapsed(receivedAt.getTime() - triggeredAt.getTime())} after it happened. Shopify was answered when it was safely stored.`,
    }),
    ...repetitions.map((at, place) => step(`again-${place}`, `Came again (${place + 2}.)`, at, { text: "Known already: answered, and of no further effect." })),
    duplicates > repetitions.length ? step("again-more", `And ${plural(duplicates - repetitions.length, "more time")}`, null, {}) : null,
    replayedAt === null ? null : step("replayed", "A person had it worked on once more", replayedAt, {}),
    step("state", processedAt === null ? state.label : `Worked on: ${state.label}`, processedAt, { tone: state.tone, text: [state.meaning, reasonText(delivery.reason)].filter(Boolean).join(" ") || null }),
    step("led-to", ledToText(led), null, {
      text: led.changes.length === 0 ? "Your rules may not cover it, or it says nothing that changes stock." : led.byAnother ? "That one was faster. What they say together counts once." : null,
      facts: orderId === null ? [] : [{ name: "Stock record", value: `Everything about order ${orderName ?? orderId}`, url: `/app/history/orders/${orderId}` }],
    }),
  ];
  return steps.filter((one) => one !== null);
}

function ledToText({ changes, byAnother, more }: LedTo): string {
  if (changes.length === 0) return "It led to no change of stock";
  const count = `${more ? "at least " : ""}${plural(changes.length, "change")} of stock`;
  return byAnother ? `Another notification of its order led to ${count}` : `It led to ${count}`;
}

function step(key: string, title: string, at: Date | null, { tone, text = null, facts = [] }: Partial<Pick<StoryStep, "tone" | "text" | "facts">>): StoryStep {
  return { key, title, at, tone, text, facts };
}

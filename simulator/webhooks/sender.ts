// The webhook sender: every event becomes one delivery per subscription, and a delivery is sent until it is answered 2xx or given up.
import type { WebhookSubscription } from "../options.ts";
import type { SimClock } from "../world/clock.ts";
import type { Random } from "../world/random.ts";
import type { ShopState } from "../world/state.ts";
import type { Outbox, WebhookEvent } from "../world/world.ts";
import { gid } from "../world/ids.ts";
import { includeFields } from "./include-fields.ts";
import { NO_MISCHIEF, drawSends } from "./mischief.ts";
import type { WebhookPlan } from "./mischief.ts";
import type { PostOutcome, Poster } from "./post.ts";
import { retryDelayMs } from "./retry-schedule.ts";
import { SendLog } from "./send-log.ts";
import type { SendLogEntry } from "./send-log.ts";
import { SendQueue } from "./send-queue.ts";
import { webhookHeaders } from "./sign.ts";

export interface SenderOptions {
  clock: SimClock;
  random: Random;
  poster: Poster;
  subscriptions: readonly WebhookSubscription[];
  concurrency: number;
  apiVersion: string;
  secret: string;
  appUrl: () => string | null;
  nestedIncludeFields: () => boolean;
}

export interface WebhookCounters {
  events: number;
  deliveries: number;
  /** Requests made, retries and copies included. */
  sends: number;
  /** Sends answered 2xx. */
  acknowledged: number;
  /** Sends answered otherwise or not at all. */
  failed: number;
  /** Deliveries given up after the last retry. */
  abandoned: number;
  /** Deliveries that the plan's loss kept from ever being sent. */
  lost: number;
  /** Extra sends that the plan's duplicates added. */
  copies: number;
  /** Sends waiting for their time or for a free connection. */
  pending: number;
  inFlight: number;
  lastSentAt: string | null;
}

/** What is kept for retries: the bytes and the address of trigger time. */
interface Delivery {
  webhookId: string;
  eventId: string;
  topic: string;
  shop: string;
  orderId: string | null;
  triggeredAtMs: number;
  url: string;
  headers: Record<string, string>;
  body: Buffer;
}

interface Send {
  delivery: Delivery;
  attempt: number;
  copy: number;
  scheduledAtMs: number;
  generation: number;
}

const CONNECT_TIMEOUT_MS = 1_000;
const TOTAL_TIMEOUT_MS = 5_000;
/** On a fast clock the time-outs shrink with it, but never below what a request over loopback may take on a busy machine. */
const SHORTEST_REAL_TIMEOUT_MS = 250;
const COMPLIANCE_TOPICS = new Set(["customers/data_request", "customers/redact", "shop/redact"]);

export class WebhookSender implements Outbox {
  readonly log = new SendLog();
  readonly #options: SenderOptions;
  readonly #byTopic = new Map<string, WebhookSubscription[]>();
  readonly #ready = new SendQueue<Send>();
  readonly #counters: WebhookCounters = {
    events: 0,
    deliveries: 0,
    sends: 0,
    acknowledged: 0,
    failed: 0,
    abandoned: 0,
    lost: 0,
    copies: 0,
    pending: 0,
    inFlight: 0,
    lastSentAt: null,
  };
  #plan: WebhookPlan = NO_MISCHIEF;
  #waiters: (() => void)[] = [];
  #skippers = 0;
  /** Raised by discard: sends of an older one are dropped when their time comes. */
  #generation = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    for (const subscription of options.subscriptions) {
      this.#byTopic.set(subscription.topic, [...(this.#byTopic.get(subscription.topic) ?? []), subscription]);
    }
  }

  wants(shop: ShopState, topic: string): boolean {
    return this.#byTopic.has(topic) && (shop.install !== null || COMPLIANCE_TOPICS.has(topic));
  }

  emit(event: WebhookEvent): void {
    this.#counters.events += 1;
    for (const subscription of this.#byTopic.get(event.topic) ?? []) {
      const url = addressOf(subscription, this.#options.appUrl());
      if (url !== null) this.#deliver(event, subscription, url);
    }
  }

  setPlan(plan: WebhookPlan): void {
    this.#plan = plan;
  }

  counters(): WebhookCounters {
    return { ...this.#counters };
  }

  /** Resolves when nothing is waiting or in flight; with skipAhead the clock jumps to whatever waits for its time. */
  async drain(skipAhead: boolean): Promise<void> {
    if (this.#counters.pending === 0 && this.#counters.inFlight === 0) return;
    if (skipAhead) this.#skippers += 1;
    await new Promise<void>((resolve) => {
      this.#waiters.push(resolve);
      this.#pump();
    });
    if (skipAhead) this.#skippers -= 1;
  }

  /** Forgets everything that was not sent yet. */
  discard(): void {
    this.#generation += 1;
    this.#ready.clear();
    this.#counters.pending = 0;
    this.#pump();
  }

  #deliver(event: WebhookEvent, subscription: WebhookSubscription, url: string): void {
    const { random, apiVersion, secret, nestedIncludeFields } = this.#options;
    const payload = subscription.includeFields ? includeFields(event.payload, subscription.includeFields, nestedIncludeFields()) : event.payload;
    const body = Buffer.from(JSON.stringify(payload));
    const webhookId = random.uuid();
    const headers = webhookHeaders({ ...event, webhookId, apiVersion, secret }, body);
    const { eventId, topic, shop, triggeredAtMs } = event;
    const delivery: Delivery = { webhookId, eventId, topic, shop, orderId: orderIdOf(event), triggeredAtMs, url, headers, body };
    const delays = drawSends(this.#plan, this.#counters.deliveries);
    this.#counters.deliveries += 1;
    this.#counters.copies += Math.max(0, delays.length - 1);
    if (delays.length === 0) {
      this.#counters.lost += 1;
      this.#record({ delivery, attempt: 1, copy: 0, scheduledAtMs: this.#options.clock.nowMs() }, null, "lost");
    }
    for (const [copy, delayMs] of delays.entries()) this.#schedule(delivery, 1, copy, delayMs);
  }

  #schedule(delivery: Delivery, attempt: number, copy: number, delayMs: number): void {
    const { clock } = this.#options;
    const send: Send = { delivery, attempt, copy, scheduledAtMs: clock.nowMs() + delayMs, generation: this.#generation };
    this.#counters.pending += 1;
    if (delayMs > 0) clock.at(send.scheduledAtMs, () => this.#enqueue(send));
    else this.#enqueue(send);
  }

  #enqueue(send: Send): void {
    if (send.generation !== this.#generation) return;
    this.#ready.push(send);
    this.#pump();
  }

  #pump(): void {
    const counters = this.#counters;
    while (counters.inFlight < this.#options.concurrency) {
      const send = this.#ready.shift();
      if (!send) break;
      void this.#send(send);
    }
    if (counters.inFlight > 0) return;
    if (counters.pending > 0) {
      this.#skipAhead();
      return;
    }
    const settled = this.#waiters;
    this.#waiters = [];
    for (const resolve of settled) resolve();
  }

  #skipAhead(): void {
    const { clock } = this.#options;
    while (this.#skippers > 0 && this.#counters.inFlight === 0 && this.#counters.pending > 0) {
      const next = clock.nextTimerMs();
      if (next === null) return;
      clock.advance(Math.max(0, Math.ceil(next - clock.nowMs())));
    }
  }

  async #send(send: Send): Promise<void> {
    const { clock, poster } = this.#options;
    const counters = this.#counters;
    counters.pending -= 1;
    counters.inFlight += 1;
    counters.sends += 1;
    const sentAtMs = clock.nowMs();
    counters.lastSentAt = new Date(sentAtMs).toISOString();
    const { url, headers, body } = send.delivery;
    const outcome = await poster.post(
      { url, method: "POST", headers, body },
      { connectMs: realTimeoutMs(CONNECT_TIMEOUT_MS, clock), totalMs: realTimeoutMs(TOTAL_TIMEOUT_MS, clock) },
    );
    counters.inFlight -= 1;
    this.#settle(send, outcome, sentAtMs);
    this.#pump();
  }

  #settle(send: Send, outcome: PostOutcome, sentAtMs: number): void {
    this.#record(send, sentAtMs, outcome.kind === "answered" ? outcome.status : outcome.reason);
    if (outcome.kind === "answered" && outcome.status >= 200 && outcome.status < 300) {
      this.#counters.acknowledged += 1;
      return;
    }
    this.#counters.failed += 1;
    // Copies are the plan's mischief, not Shopify's: only the delivery itself is tried again.
    if (send.copy > 0 || send.generation !== this.#generation) return;
    const delayMs = retryDelayMs(send.attempt);
    if (delayMs === null) this.#counters.abandoned += 1;
    else this.#schedule(send.delivery, send.attempt + 1, 0, delayMs);
  }

  #record(send: Omit<Send, "generation">, sentAtMs: number | null, status: SendLogEntry["status"]): void {
    const { webhookId, eventId, topic, shop, orderId, triggeredAtMs } = send.delivery;
    this.log.append({
      webhookId,
      eventId,
      topic,
      shop,
      orderId,
      triggeredAt: new Date(triggeredAtMs).toISOString(),
      attempt: send.attempt,
      copy: send.copy,
      scheduledAt: new Date(send.scheduledAtMs).toISOString(),
      sentAt: sentAtMs === null ? null : new Date(sentAtMs).toISOString(),
      status,
    });
  }
}

/** Bodies of orders, their edits and their refunds name the order, each at its own place. */
function orderIdOf({ topic, payload }: WebhookEvent): string | null {
  if (!topic.startsWith("orders/") && topic !== "refunds/create") return null;
  const edit = payload["order_edit"] as { order_id?: unknown } | undefined;
  const id = edit?.order_id ?? payload["order_id"] ?? payload["id"];
  // Ids are kept as raw numbers, which print without losing a digit.
  return id === undefined ? null : gid("Order", JSON.stringify(id));
}

function realTimeoutMs(simulatedMs: number, clock: SimClock): number {
  return Math.max(SHORTEST_REAL_TIMEOUT_MS, simulatedMs / clock.scale());
}

function addressOf(subscription: WebhookSubscription, appUrl: string | null): string | null {
  if (/^https?:\/\//.test(subscription.uri)) return subscription.uri;
  return appUrl === null ? null : `${appUrl.replace(/\/$/, "")}${subscription.uri}`;
}

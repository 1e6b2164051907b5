// The simulated world: its state, clock and dice, and the one way by which anything in it reaches the webhook sender.
import { RequestError } from "../http/router.ts";
import type { SimClock } from "./clock.ts";
import { idFrom, numericIdOf } from "./ids.ts";
import type { Random } from "./random.ts";
import type { Assumptions } from "../fidelity/assumptions.ts";
import type { ShopState, WorldState } from "./state.ts";

/** One thing to tell the app. `payload` is only built when somebody subscribed to the topic. */
export interface WebhookEvent {
  topic: string;
  shop: string;
  eventId: string;
  triggeredAtMs: number;
  payload: Record<string, unknown>;
}

export interface Outbox {
  wants(shop: ShopState, topic: string): boolean;
  emit(event: WebhookEvent): void;
}

export interface World {
  state: WorldState;
  readonly clock: SimClock;
  readonly random: Random;
  readonly assumptions: Assumptions;
  /** Set by the webhook sender when it starts; until then nobody listens. */
  outbox: Outbox;
}

/** A copy of everything remembered. Time and dice go on; what was sent stays sent. */
export interface WorldSnapshot {
  state: WorldState;
  assumptions: Assumptions;
}

export function takeSnapshot(world: World): WorldSnapshot {
  return structuredClone({ state: world.state, assumptions: world.assumptions });
}

export function restoreSnapshot(world: World, snapshot: WorldSnapshot): void {
  const copy = structuredClone(snapshot);
  world.state = copy.state;
  Object.assign(world.assumptions, copy.assumptions);
}

export const silentOutbox: Outbox = { wants: () => false, emit: () => undefined };

export function emptyState(): WorldState {
  return { nextId: 1, nextTruthSeq: 1, nextInstall: 1, shops: new Map() };
}

export function nextId(world: World, shop: { bigIds: boolean }): string {
  const counter = world.state.nextId;
  world.state.nextId += 1;
  return idFrom(counter, shop.bigIds);
}

export function findShop(world: World, domain: string): ShopState {
  const shop = world.state.shops.get(domain);
  if (!shop) throw new RequestError(404, "unknown_shop", `There is no shop ${domain}.`);
  return shop;
}

/** Looks a thing up by plain id or gid; the refusal names what was asked for. */
export function lookUp<T>(map: ReadonlyMap<string, T>, type: string, idOrGid: string): T {
  const id = numericIdOf(type, idOrGid);
  const found = id === null ? undefined : map.get(id);
  if (!found) throw new RequestError(404, "unknown_id", `There is no ${type} ${idOrGid} in this shop.`);
  return found;
}

/** Work of one merchant or buyer: its webhooks share one event id and leave together when it is finished. */
export interface Action {
  readonly shop: ShopState;
  readonly eventId: string;
  readonly atMs: number;
  /** With a key, the topic is told once about that thing however often it changed; the body shows its state at the end. */
  tell(topic: string, payload: () => Record<string, unknown>, onceKey?: string): void;
  finish(): void;
}

/** @param agoMs it was done this long ago, and is told now. */
export function beginAction(world: World, shop: ShopState, agoMs = 0): Action {
  const told: { topic: string; payload: () => Record<string, unknown> }[] = [];
  const once = new Set<string>();
  const eventId = world.random.uuid();
  const atMs = world.clock.nowMs() - agoMs;
  return {
    shop,
    eventId,
    atMs,
    tell: (topic, payload, onceKey) => {
      if (onceKey !== undefined) {
        const key = `${topic} ${onceKey}`;
        if (once.has(key)) return;
        once.add(key);
      }
      told.push({ topic, payload });
    },
    finish() {
      for (const { topic, payload } of told) {
        if (!world.outbox.wants(shop, topic)) continue;
        const own = topic.startsWith("inventory_levels/") && !world.assumptions.levelEventsShared;
        world.outbox.emit({ topic, shop: shop.domain, eventId: own ? world.random.uuid() : eventId, triggeredAtMs: atMs, payload: payload() });
      }
    },
  };
}

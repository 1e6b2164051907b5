// Every name Holdfast writes in Redis is built here; `{shop}` is the hash tag that keeps one shop's keys on one cluster node.
import { invariant } from "#app/domain/invariant.ts";

export const KEY_PREFIX_DEFAULT = "holdfast";

export interface RedisKeys {
  /** Hash: owner, purpose, lease (ms), and since (ms) once renewed or handed over. Expires with the lease. */
  lock(shop: string, resource: string): string;
  /** What the keys of all the shop's locks match, for SCAN; what is matched after `start` is the resource. */
  allLocks(shop: string): { readonly start: string; readonly pattern: string };
  /** Sorted set: waiting owners by ticket, lowest first. */
  lockQueue(shop: string, resource: string): string;
  /** Counter: the last ticket given to a waiter. */
  lockTickets(shop: string): string;
  /** Sorted set: waiting owners by the time (ms) until which they count as alive. */
  lockWaiters(shop: string): string;
  /** Start of the channel on which one process hears that its waiters may try again; the process's id follows. */
  lockWakeChannel: string;
  /** Hash: the cost bucket of the shop. */
  cost(shop: string): string;
  /** Sorted set: reservations of calls in flight by the time (ms) they were granted. */
  costInFlight(shop: string): string;
  /** String: web cannot keep up. Of no shop; it lives for a moment. */
  rush: string;
  /** String: somebody looks, or has looked just now, for what is named. Of no shop; it lives for a moment. */
  look(name: string): string;
  /** BullMQ's own prefix; in braces, so that a queue's keys lie on one cluster node. */
  queuePrefix: string;
}

/** The keys under one prefix. Tests use a prefix of their own and so never meet. */
export function redisKeys(prefix: string = KEY_PREFIX_DEFAULT): RedisKeys {
  invariant(/^[A-Za-z0-9_-]+$/.test(prefix), "a Redis key prefix is made of letters, digits, - and _");
  const key = (shop: string, name: string) => {
    invariant(shop !== "" && !shop.includes("{") && !shop.includes("}"), "a shop's name is not empty and has no braces: it is a hash tag");
    return `${prefix}:{${shop}}:${name}`;
  };
  return {
    lock: (shop, resource) => key(shop, `lock:${resource}`),
    allLocks: (shop) => {
      const start = key(shop, "lock:");
      return { start, pattern: `${start.replace(/[\\*?[\]^]/g, "\\$&")}*` };
    },
    lockQueue: (shop, resource) => key(shop, `lock-queue:${resource}`),
    lockTickets: (shop) => key(shop, "lock-tickets"),
    lockWaiters: (shop) => key(shop, "lock-waiters"),
    lockWakeChannel: `${prefix}:lock-wake:`,
    cost: (shop) => key(shop, "cost"),
    costInFlight: (shop) => key(shop, "cost-in-flight"),
    rush: `${prefix}:rush`,
    look: (name) => `${prefix}:look:${name}`,
    queuePrefix: `{${prefix}}`,
  };
}

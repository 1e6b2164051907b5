// Every name Holdfast writes in Redis is built here; `{shop}` is the hash tag that keeps one shop's keys on one cluster node.
import { invariant } from "#app/domain/invariant.ts";

export const KEY_PREFIX_DEFAULT = "holdfast";

export interface RedisKeys {
  /** Hash: owner, purpose, since (ms), lease (ms). Expires with the lease. */
  lock(shop: string, resource: string): string;
  /** Sorted set: waiting owners by ticket, lowest first. */
  lockQueue(shop: string, resource: string): string;
  /** Counter: the last ticket given to a waiter. */
  lockTickets(shop: string): string;
  /** Sorted set: waiting owners by the time (ms) until which they count as alive. */
  lockWaiters(shop: string): string;
  /** Sorted set: locked resources by the end (ms) of their lease. An index for people. */
  lockHeld(shop: string): string;
  /** Start of the channel on which one process hears that its waiters may try again; the process's id follows. */
  lockWakeChannel: string;
  /** Hash: the cost bucket of the shop. */
  cost(shop: string): string;
  /** Sorted set: reservations of calls in flight by the time (ms) they were granted. */
  costInFlight(shop: string): string;
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
    lockQueue: (shop, resource) => key(shop, `lock-queue:${resource}`),
    lockTickets: (shop) => key(shop, "lock-tickets"),
    lockWaiters: (shop) => key(shop, "lock-waiters"),
    lockHeld: (shop) => key(shop, "lock-held"),
    lockWakeChannel: `${prefix}:lock-wake:`,
    cost: (shop) => key(shop, "cost"),
    costInFlight: (shop) => key(shop, "cost-in-flight"),
    queuePrefix: `{${prefix}}`,
  };
}

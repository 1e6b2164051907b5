// The lab's lock: the short form of Holdfast's (docs/reference/lock.md), one key at a time and asked for again and again.
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { LabLife } from "./lab-life.ts";

const LEASE_MS = 2_000;
const RENEW_MS = LEASE_MS / 3;
const ASK_AGAIN_MS = 20;

/** Frees the lock if it is still ours. KEYS[1]: the lock. ARGV[1]: owner. Returns 1 if it was ours, else 0. */
const RELEASE = `if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0`;
/** Prolongs the lock if it is still ours. KEYS[1]: the lock. ARGV[1]: owner. ARGV[2]: lease in ms. Returns 1 if it was ours, else 0. */
const RENEW = `if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("PEXPIRE", KEYS[1], ARGV[2]) end return 0`;

export type LabLock = <Result>(stock: string, work: () => Promise<Result>, waits: () => void) => Promise<Result>;

/** Who finds it taken calls `waits` once. A holder that dies is waited for until its lease is over. */
export function labLock(redis: Redis, prefix: string, life: LabLife): LabLock {
  return async (stock, work, waits) => {
    const key = `${prefix}:lock:${stock}`;
    const owner = randomUUID();
    const take = async () => (await life.step(() => redis.set(key, owner, "PX", LEASE_MS, "NX"))) === "OK";
    if (!(await take())) {
      waits();
      while (!(await take())) await new Promise((wake) => setTimeout(wake, ASK_AGAIN_MS));
    }
    const renewal = setInterval(() => void life.step(() => redis.eval(RENEW, 1, key, owner, LEASE_MS)).catch(() => undefined), RENEW_MS);
    life.ended.addEventListener("abort", () => clearInterval(renewal), { once: true });
    try {
      return await work();
    } finally {
      clearInterval(renewal);
      await life.step(() => redis.eval(RELEASE, 1, key, owner));
    }
  };
}

// The rate-limit port as token buckets in this process: with several web processes the limit is per process, which still bounds each.

import type { RateLimiter } from "#app/ports/rate-limit.ts";

/** Buckets kept; beyond it the least recently used is forgotten, which at worst gives that bearer a full bucket again. */
const BUCKETS_MAX = 10_000;

export interface TokenBucketOptions {
  /** Requests a second and bearer, also the burst; 0 switches the limit off. */
  readonly requestsPerSecond: number;
  readonly monotonicMs: () => number;
}

export function createTokenBucketRateLimiter({ requestsPerSecond, monotonicMs }: TokenBucketOptions): RateLimiter {
  if (requestsPerSecond <= 0) return { take: () => ({ kind: "allowed" }) };
  const capacity = Math.max(1, requestsPerSecond);
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    take(key) {
      const atMs = monotonicMs();
      const last = buckets.get(key);
      const tokens = last === undefined ? capacity : Math.min(capacity, last.tokens + ((atMs - last.atMs) / 1000) * requestsPerSecond);
      const allowed = tokens >= 1;
      // Deleting first moves the key to the end: a Map keeps the order of insertion.
      buckets.delete(key);
      buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, atMs });
      if (buckets.size > BUCKETS_MAX) {
        const oldest = buckets.keys().next();
        if (!oldest.done) buckets.delete(oldest.value);
      }
      if (allowed) return { kind: "allowed" };
      return { kind: "limited", retryAfterSeconds: Math.max(1, Math.ceil((1 - tokens) / requestsPerSecond)) };
    },
  };
}

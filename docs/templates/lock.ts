// Step 3, locks: a lease on some keys in Redis. All or none, released and renewed by its owner only, its loss noticed. It saves work; the guard of a write is the token beside the row.
import { randomUUID } from "node:crypto";

import type { Redis } from "ioredis";

export interface LockOptions {
  /** Longer than any pause of the process that must not cost the lock; the work itself may take as long as it likes. */
  readonly leaseMs: number;
  /** How long to wait for the keys. */
  readonly waitLimitMs: number;
}

export type Locked<Result> =
  | { readonly kind: "done"; readonly value: Result }
  /** Somebody held a key for as long as we waited. */
  | { readonly kind: "busy" }
  /** The lock was lost while the work ran: what it did not finish, another does. Trust nothing that it decided. */
  | { readonly kind: "lost" };

/** Takes every key that is free, if all are. KEYS: the locks. ARGV[1] owner, ARGV[2] lease in ms. Answers 1, or 0 and nothing is taken. */
const TAKE = `
for i = 1, #KEYS do
  local owner = redis.call('GET', KEYS[i])
  if owner and owner ~= ARGV[1] then return 0 end
end
for i = 1, #KEYS do redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2]) end
return 1`;

/** Begins the lease anew, if every key is still ours. Never takes one: what was lost stays lost. */
const RENEW = `
for i = 1, #KEYS do if redis.call('GET', KEYS[i]) ~= ARGV[1] then return 0 end end
for i = 1, #KEYS do redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
return 1`;

/** Gives back what is ours. A plain DEL would free the lock of whoever came after us. */
const RELEASE = `
for i = 1, #KEYS do if redis.call('GET', KEYS[i]) == ARGV[1] then redis.call('DEL', KEYS[i]) end end
return 1`;

const RETRY_MS_MIN = 20;
const RETRY_MS_MAX = 200;

/**
 * Runs `work` while all `keys` are held. Name every key in one call: a second lock inside `work` can deadlock.
 * `signal` aborts when the lock is lost; pass it to everything that takes time.
 */
export async function withLock<Result>(redis: Redis, keys: readonly string[], { leaseMs, waitLimitMs }: LockOptions, work: (signal: AbortSignal) => Promise<Result>): Promise<Locked<Result>> {
  const names = [...new Set(keys)].sort();
  const owner = randomUUID();
  const ask = async (script: string): Promise<boolean> => (await redis.eval(script, names.length, ...names, owner, leaseMs)) === 1;
  try {
    // The lease runs from before the question: the server began it later, so it ends later than we believe.
    const takenAt = await take(() => ask(TAKE), waitLimitMs);
    if (takenAt === null) return { kind: "busy" };
    const watch = keepAlive(() => ask(RENEW), leaseMs, takenAt);
    try {
      const value = await work(watch.signal);
      return watch.signal.aborted ? { kind: "lost" } : { kind: "done", value };
    } catch (error) {
      if (watch.signal.aborted) return { kind: "lost" };
      throw error;
    } finally {
      watch.stop();
    }
  } finally {
    // Also after an answer that was lost: the keys may be ours without our knowing.
    await ask(RELEASE).catch(() => undefined);
  }
}

async function take(attempt: () => Promise<boolean>, waitLimitMs: number): Promise<number | null> {
  const until = performance.now() + waitLimitMs;
  for (let pauseMs = RETRY_MS_MIN; ; pauseMs = Math.min(pauseMs * 2, RETRY_MS_MAX)) {
    const askedAt = performance.now();
    if (await attempt()) return askedAt;
    // Drawn, so that waiters that were refused together do not come again together.
    const waitMs = pauseMs * (0.5 + Math.random());
    if (askedAt + waitMs > until) return null;
    await new Promise((wake) => setTimeout(wake, waitMs));
  }
}

/** Renews at each third of the lease. Aborts when a key is not ours, and when the lease ends without an answer, however Redis fares. */
function keepAlive(renew: () => Promise<boolean>, leaseMs: number, takenAt: number): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const lose = () => controller.abort(new Error("the lock was lost"));
  let deadline = setTimeout(lose, takenAt + leaseMs - performance.now());
  const timer = setInterval(async () => {
    const askedAt = performance.now();
    const answer = await renew().catch(() => null);
    if (answer === false) lose();
    if (answer !== true || controller.signal.aborted) return;
    clearTimeout(deadline);
    deadline = setTimeout(lose, askedAt + leaseMs - performance.now());
  }, leaseMs / 3);
  return {
    signal: controller.signal,
    stop() {
      clearInterval(timer);
      clearTimeout(deadline);
      controller.abort();
    },
  };
}

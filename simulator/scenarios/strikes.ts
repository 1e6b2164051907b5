// What is struck during a sale, and when: drawn from the seed before anything runs, so that a run can be repeated.
import { createRandom } from "../world/random.ts";

/** `kill -9`, and the process is started again at once. A killed Redis starts empty; an emptied one goes on running. */
export type StrikeTarget = "web" | "worker" | "redis" | "redis_emptied" | "postgres";

export type Strike = { target: StrikeTarget; burst: number; afterMs: number };

/** Resolves when what was struck is up again. */
export type PerformStrike = (target: StrikeTarget) => Promise<void>;

/** Strikes wait at most so long into their burst and its pause. */
const withinMs = 2_000;

/** One more worker is struck when the last burst has been placed: its calls are then the only ones left to make. */
export function planStrikes(seed: number, counts: Partial<Record<StrikeTarget, number>>, bursts: number): Strike[] {
  const random = createRandom(seed ^ 0x57e1ce);
  const targets = Object.entries(counts).flatMap(([target, count]) => Array.from({ length: count }, () => target as StrikeTarget));
  const strikes = targets.map((target) => ({ target, burst: Math.floor(random.next() * bursts), afterMs: Math.round(random.next() * withinMs) }));
  return [...strikes, { target: "worker", burst: bursts - 1, afterMs: withinMs }];
}

/** Carries out the strikes of one burst, each at its time. What is down already is not struck twice at once: strikes of one target queue. */
export function createStriker(plan: readonly Strike[], perform: PerformStrike, say: (text: string) => void) {
  const underWay: Promise<void>[] = [];
  const lastOf = new Map<StrikeTarget, Promise<void>>();
  return {
    burstBegins(burst: number): void {
      for (const { target, afterMs } of plan.filter((strike) => strike.burst === burst)) {
        underWay.push(
          new Promise((wake) => setTimeout(wake, afterMs)).then(async () => {
            const before = lastOf.get(target);
            const struck = (before ?? Promise.resolve()).then(async () => {
              say(target === "redis_emptied" ? "struck: Redis is emptied" : `struck: kill -9 of ${target}`);
              await perform(target);
            });
            lastOf.set(target, struck);
            await struck;
          }),
        );
      }
    },
    /** Resolves when everything struck is up again. */
    over: async (): Promise<void> => void (await Promise.all(underWay)),
  };
}

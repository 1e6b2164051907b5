// What is struck during a sale, and when: drawn from the seed before anything runs, so that a run can be repeated.
import { createRandom } from "../world/random.ts";

/** `kill -9`, and the process is started again at once. A killed Redis starts empty; an emptied one goes on running. */
export type StrikeTarget = "web" | "worker" | "redis" | "redis_emptied" | "postgres";

/** A scenario with processes of its own has targets of its own. */
export type Strike<Target extends string = StrikeTarget> = { target: Target; burst: number; afterMs: number };

/** Resolves when what was struck is up again. */
export type PerformStrike<Target extends string = StrikeTarget> = (target: Target) => Promise<void>;

/** Strikes wait at most so long into their burst and its pause. */
const withinMs = 2_000;

/** One more worker is struck when the last burst has been placed: its calls are then the only ones left to make. */
export function planStrikes<Target extends string = StrikeTarget>(seed: number, counts: Partial<Record<Target, number>>, bursts: number): Strike<Target | "worker">[] {
  const random = createRandom(seed ^ 0x57e1ce);
  const targets = Object.entries<number | undefined>(counts).flatMap(([target, count = 0]) => Array.from({ length: count }, () => target as Target));
  const strikes = targets.map((target) => ({ target, burst: Math.floor(random.next() * bursts), afterMs: Math.round(random.next() * withinMs) }));
  return [...strikes, { target: "worker" as const, burst: bursts - 1, afterMs: withinMs }];
}

/** Carries out the strikes of one burst, each at its time. What is down already is not struck twice at once: strikes of one target queue. */
export function createStriker<Target extends string>(plan: readonly Strike<Target>[], perform: PerformStrike<Target>, say: (text: string) => void) {
  const underWay: Promise<void>[] = [];
  const lastOf = new Map<Target, Promise<void>>();
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

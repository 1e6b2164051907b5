// A rush as processes tell each other of it: one key in Redis that lives for a moment, so that a web process that dies holds nobody up.
import type { Redis } from "ioredis";
import type { Clock } from "#app/ports/clock.ts";
import type { Rush } from "#app/ports/rush.ts";
import type { RedisKeys } from "./keys.ts";
import { answerWithin } from "./wakeable-wait.ts";

/** What was said holds so long: web says it again within half of it. */
const SAID_MS = 250;
const LOOK_EVERY_MS = 25;
/** After a look that found none: a turn asks before each of its steps, and those of a quiet shop take some milliseconds. */
const NONE_HOLDS_MS = 15;
/** Redis is asked before each piece of work: one that does not answer at once is not waited for. */
const ANSWER_LIMIT_MS = 100;
/**
 * A rush that lasts longer is no rush but the shop's usual day, and web's processor is too small for it: work that waited for it
 * any longer would never be done. Shopify itself waits 5 s for an answer.
 */
export const GIVE_WAY_MS_MAX = 5_000;

export interface RedisRushOptions {
  readonly commands: Redis;
  readonly keys: RedisKeys;
  readonly clock: Clock;
}

export class RedisRush implements Rush {
  readonly #options: RedisRushOptions;
  /** When this process first gave way to the rush that is on; null when there is none. */
  #sinceMs: number | null = null;
  #noneAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RedisRushOptions) {
    this.#options = options;
  }

  say(): void {
    const { commands, keys } = this.#options;
    commands.set(keys.rush, "1", "PX", SAID_MS).catch(() => undefined);
  }

  async giveWay(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (clock.monotonicMs() - this.#noneAtMs < NONE_HOLDS_MS) return;
    while (!signal.aborted && (await this.#isOn())) {
      this.#sinceMs ??= clock.monotonicMs();
      if (clock.monotonicMs() - this.#sinceMs >= GIVE_WAY_MS_MAX) return;
      await passed(clock, LOOK_EVERY_MS, signal);
    }
  }

  async #isOn(): Promise<boolean> {
    const { commands, keys, clock } = this.#options;
    const asked = await answerWithin(clock, commands.exists(keys.rush), ANSWER_LIMIT_MS).answer;
    const isOn = asked.kind === "answered" && asked.value === 1;
    if (!isOn) {
      this.#sinceMs = null;
      this.#noneAtMs = clock.monotonicMs();
    }
    return isOn;
  }
}

function passed(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.resolve();
  const end = () => resolve();
  const timer = clock.setTimer(ms, end);
  signal.addEventListener("abort", end);
  return promise.finally(() => {
    timer.cancel();
    signal.removeEventListener("abort", end);
  });
}

// Shared looks in Redis: a key for what is looked for, set by who looks, gone after the period by itself.
import type { Redis } from "ioredis";
import type { Clock } from "#app/ports/clock.ts";
import type { SharedLooks } from "#app/ports/shared-looks.ts";
import type { RedisKeys } from "./keys.ts";
import { answerWithin } from "./wakeable-wait.ts";

/** A Redis that does not answer within it is not waited for: the look is due. */
const ANSWER_LIMIT_MS = 100;

export interface RedisSharedLooksOptions {
  readonly commands: Redis;
  readonly keys: RedisKeys;
  readonly clock: Clock;
}

export class RedisSharedLooks implements SharedLooks {
  readonly #options: RedisSharedLooksOptions;

  constructor(options: RedisSharedLooksOptions) {
    this.#options = options;
  }

  async areMine(name: string, periodMs: number): Promise<boolean> {
    const { commands, keys, clock } = this.#options;
    const asked = await answerWithin(clock, commands.set(keys.look(name), "1", "PX", Math.max(1, Math.round(periodMs)), "NX"), ANSWER_LIMIT_MS).answer;
    return asked.kind !== "answered" || asked.value === "OK";
  }
}

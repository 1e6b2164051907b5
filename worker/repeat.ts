// Runs one step again and again with a pause between; the step itself can be run alone, so tests never wait for a timer.

import type { Clock } from "#app/ports/clock.ts";
import type { SharedLooks } from "#app/ports/shared-looks.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import type { RunningService } from "./supervisor.ts";

/** Pauses of shared looks differ by chance, so that the processes, and not always the same one, come first; the period ends before the shortest of them. */
const PAUSE_PART_MIN = 0.85;
const PAUSE_PART_MAX = 1.15;
const PERIOD_PART = 0.8;

export interface RepeatOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly name: string;
  readonly everyMs: number;
  /** May say itself how long the pause after it is, in ms; after one that says nothing, or fails, it is `everyMs`. */
  readonly step: () => Promise<number | void>;
  /** Of all worker processes one runs the step in each period. One alone runs it as often as without. */
  readonly among?: SharedLooks;
}

export function repeat({ clock, logger, name, everyMs, step, among }: RepeatOptions): RunningService {
  let timer: { cancel(): void } | null = null;
  let current: Promise<void> = Promise.resolve();
  let stopped = false;

  async function once(): Promise<number | void> {
    if (among !== undefined && !(await among.areMine(name, everyMs * PERIOD_PART))) return;
    return await step();
  }

  function run(): void {
    current = once()
      .catch((cause: unknown) => void logger.error({ service: name, cause }, "a step failed; it is repeated"))
      .then((pauseMs) => {
        if (!stopped) timer = clock.setTimer(pauseMs ?? (among === undefined ? everyMs : everyMs * partByChance()), run);
      });
  }

  run();
  return {
    async stop() {
      stopped = true;
      timer?.cancel();
      await current;
    },
  };
}

function partByChance(): number {
  return PAUSE_PART_MIN + (PAUSE_PART_MAX - PAUSE_PART_MIN) * Math.random();
}

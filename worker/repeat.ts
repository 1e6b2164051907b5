// Runs one step again and again with a pause between; the step itself can be run alone, so tests never wait for a timer.

import type { Clock } from "#app/ports/clock.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import type { RunningService } from "./supervisor.ts";

/** A step may say itself how long the pause after it is, in ms; after one that says nothing, or fails, it is `everyMs`. */
export function repeat(options: { clock: Clock; logger: Logger; name: string; everyMs: number; step: () => Promise<number | void> }): RunningService {
  let timer: { cancel(): void } | null = null;
  let current: Promise<void> = Promise.resolve();
  let stopped = false;

  function run(): void {
    current = options
      .step()
      .catch((cause: unknown) => options.logger.error({ service: options.name, cause }, "a step failed; it is repeated"))
      .then((pauseMs) => {
        if (!stopped) timer = options.clock.setTimer(pauseMs ?? options.everyMs, run);
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

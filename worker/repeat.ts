// Runs one step again and again with a pause between; the step itself can be run alone, so tests never wait for a timer.

import type { Clock } from "#app/ports/clock.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import type { RunningService } from "./supervisor.ts";

export function repeat(options: { clock: Clock; logger: Logger; name: string; everyMs: number; step: () => Promise<void> }): RunningService {
  let timer: { cancel(): void } | null = null;
  let current: Promise<void> = Promise.resolve();
  let stopped = false;

  function run(): void {
    current = options
      .step()
      .catch((cause: unknown) => options.logger.error({ service: options.name, cause }, "a step failed; it is repeated"))
      .then(() => {
        if (!stopped) timer = options.clock.setTimer(options.everyMs, run);
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

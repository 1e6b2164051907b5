// Starts named services in order and stops them in reverse; one that fails to stop does not keep the others from stopping.

import type { Logger } from "#app/ports/telemetry.ts";

export interface RunningService {
  /** Takes no new work and finishes what is under way, within its own limit. Safe to call twice. */
  stop(): Promise<void>;
}

export interface Service {
  readonly name: string;
  start(): Promise<RunningService> | RunningService;
}

export interface Supervisor {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function supervise(logger: Logger, services: readonly Service[]): Supervisor {
  const running: { name: string; service: RunningService }[] = [];
  let stopping: Promise<void> | null = null;

  async function stopAll(): Promise<void> {
    for (const { name, service } of running.splice(0).toReversed()) {
      try {
        await service.stop();
      } catch (cause) {
        logger.error({ service: name, cause }, "a service did not stop cleanly");
      }
    }
  }

  return {
    async start() {
      for (const { name, start } of services) running.push({ name, service: await start() });
    },
    stop: () => (stopping ??= stopAll()),
  };
}

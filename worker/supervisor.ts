// Starts named services in order and stops them, all at once, within a limit; one that fails or hangs does not keep the others from stopping.

import type { Clock } from "#app/ports/clock.ts";
import type { Logger } from "#app/ports/telemetry.ts";

export interface RunningService {
  /** Takes no new work and finishes what is under way, within its own limit. Safe to call twice. */
  stop(): Promise<void>;
}

export interface Service {
  readonly name: string;
  /** Stops when the others have: it tells the outside that the process lives as long as work is under way. */
  readonly stopsLast?: boolean;
  start(): Promise<RunningService> | RunningService;
}

export type StopResult =
  | { readonly kind: "stopped" }
  /** What these were doing is left to other workers, as if the process had died. */
  | { readonly kind: "left_running"; readonly names: readonly string[] };

export interface Supervisor {
  start(): Promise<void>;
  stop(limits: { readonly timeoutMs: number }): Promise<StopResult>;
}

interface Running {
  readonly name: string;
  readonly stopsLast: boolean;
  readonly service: RunningService;
}

/**
 * All at once, because hosts give a process 30 s in all: one after the other, a back-fill that waits 12 s for Shopify and turns that take 16 s
 * would already be too long, and a service that is asked last would take new work until then.
 */
export function supervise({ logger, clock }: { logger: Logger; clock: Pick<Clock, "setTimer"> }, services: readonly Service[]): Supervisor {
  const running: Running[] = [];
  let stopping: Promise<StopResult> | null = null;

  async function stopOne({ name, service }: Running, left: Set<string>): Promise<void> {
    left.add(name);
    try {
      await service.stop();
    } catch (cause) {
      logger.error({ service: name, cause }, "a service did not stop cleanly");
    }
    left.delete(name);
  }

  async function stopAll(timeoutMs: number): Promise<StopResult> {
    const left = new Set<string>();
    const stopAt = async (last: boolean) => void (await Promise.all(running.filter(({ stopsLast }) => stopsLast === last).map((one) => stopOne(one, left))));
    const { promise: limit, resolve: reachLimit } = Promise.withResolvers<void>();
    const timer = clock.setTimer(timeoutMs, reachLimit);
    await Promise.race([stopAt(false), limit]);
    const names = [...left];
    await Promise.race([stopAt(true), limit]);
    timer.cancel();
    return names.length === 0 ? { kind: "stopped" } : { kind: "left_running", names };
  }

  return {
    async start() {
      for (const { name, stopsLast = false, start } of services) running.push({ name, stopsLast, service: await start() });
    },
    stop: ({ timeoutMs }) => (stopping ??= stopAll(timeoutMs)),
  };
}

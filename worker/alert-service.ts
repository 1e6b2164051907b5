// Tells merchants what they asked to be told: makes messages of events, sends what is due, and watches the operation's own figures.

import { fanOutAlerts } from "#app/alerts/fan-out-alerts.server.ts";
import type { AlertPorts } from "#app/alerts/alert-ports.ts";
import { sendNextAlert } from "#app/alerts/send-next-alert.server.ts";
import { watchSignals } from "#app/alerts/watch-signals.server.ts";
import type { SharedLooks } from "#app/ports/shared-looks.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

const FAN_OUT_EVERY_MS = 2_000;
const SEND_EVERY_MS = 1_000;
const WATCH_EVERY_MS = 30_000;
/** Each sends one message after the other; a receiver that does not answer holds up only the one that waits for it. */
const SENDERS = 4;
/** After so many in a row the others of the process have their turn. */
const STEPS_MAX = 50;

/** Until nothing is left, or enough for now; answers how many were looked at. */
export async function fanOutStep(ports: AlertPorts, signal: AbortSignal): Promise<number> {
  return untilNone(signal, async () => {
    const count = await fanOutAlerts(ports);
    return count === 0 ? null : count;
  });
}

/** Until no message is due, or enough for now; answers how many were tried. */
export async function sendStep(ports: AlertPorts, signal: AbortSignal): Promise<number> {
  return untilNone(signal, async () => ((await sendNextAlert(ports, signal)) === null ? null : 1));
}

async function untilNone(signal: AbortSignal, step: () => Promise<number | null>): Promise<number> {
  let total = 0;
  for (let count = 0; count < STEPS_MAX && !signal.aborted; count += 1) {
    const done = await step();
    if (done === null) break;
    total += done;
  }
  return total;
}

export function startAlertService({ alerts, sharedLooks }: { readonly alerts: AlertPorts; readonly sharedLooks: SharedLooks }): RunningService {
  const { clock, logger } = alerts;
  const stopping = new AbortController();
  const { signal } = stopping;
  let watchedUpTo = 0n;
  const services = [
    repeat({ clock, logger, name: "alerts: fan out", everyMs: FAN_OUT_EVERY_MS, among: sharedLooks, step: async () => void (await fanOutStep(alerts, signal)) }),
    ...Array.from({ length: SENDERS }, () => repeat({ clock, logger, name: "alerts: send", everyMs: SEND_EVERY_MS, among: sharedLooks, step: async () => void (await sendStep(alerts, signal)) })),
    repeat({
      clock,
      logger,
      name: "alerts: watch",
      everyMs: WATCH_EVERY_MS,
      step: async () => {
        watchedUpTo = (await watchSignals(alerts, watchedUpTo, signal)) ?? 0n;
      },
    }),
  ];
  return {
    async stop() {
      stopping.abort();
      await Promise.all(services.map((service) => service.stop()));
    },
  };
}

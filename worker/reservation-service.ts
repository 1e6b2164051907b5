// What reservations need done without being asked: holds whose time has passed are ended at their moment.

import type { Clock } from "#app/ports/clock.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import { EXPIRY_LIMITS, expireHolds, type ExpiryPorts } from "#app/reservations/expire-holds.server.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

export interface ReservationRounds extends ExpiryPorts {
  readonly clock: Clock;
  readonly logger: Logger;
}

export function startReservationService({ reservations }: { reservations: ReservationRounds }): RunningService {
  const { clock, logger } = reservations;
  const stopping = new AbortController();
  const services = [
    repeat({ clock, logger, name: "reservations: expiry", everyMs: EXPIRY_LIMITS.lookEveryMs, step: async () => (await expireHolds(reservations, stopping.signal)).dueInMs }),
  ];
  return {
    async stop() {
      stopping.abort();
      await Promise.all(services.map((service) => service.stop()));
    },
  };
}

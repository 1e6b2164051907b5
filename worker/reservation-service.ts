// What reservations need done without being asked: holds whose time has passed are ended at their moment, orders are tied to the holds they
// name, units go back when an order has taken its own or nobody has drawn on them for a while, and orders whose answer was lost are looked for.

import type { Clock } from "#app/ports/clock.ts";
import type { SharedLooks } from "#app/ports/shared-looks.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";
import { EXPIRY_LIMITS, expireHolds, type ExpiryPorts } from "#app/reservations/expire-holds.server.ts";
import { lookForOrders, type LookForOrdersPorts } from "#app/reservations/look-for-orders.server.ts";
import { RESIZE_LIMITS, resizeBlocks, type ResizeBlocksPorts } from "#app/reservations/resize-blocks.server.ts";
import { settleHolds, type SettleHoldsPorts } from "#app/reservations/settle-holds.server.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

/** An order that has taken its stock frees the units that were held for it, and one that was lost is asked for: both within moments. */
const SETTLE_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 1_000;

export interface ReservationRounds extends ExpiryPorts, SettleHoldsPorts, LookForOrdersPorts, ResizeBlocksPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function startReservationService({ reservations, sharedLooks }: { readonly reservations: ReservationRounds; readonly sharedLooks: SharedLooks }): RunningService {
  const { clock, logger } = reservations;
  const stopping = new AbortController();
  const services = [
    repeat({ clock, logger, name: "reservations: expiry", everyMs: EXPIRY_LIMITS.lookEveryMs, step: async () => (await expireHolds(reservations, stopping.signal)).dueInMs }),
    repeat({ clock, logger, name: "reservations: settlement", everyMs: SETTLE_EVERY_MS, among: sharedLooks, step: async () => void (await settleHolds(reservations, stopping.signal)) }),
    repeat({ clock, logger, name: "reservations: orders that were lost", everyMs: LOOK_EVERY_MS, among: sharedLooks, step: async () => void (await lookForOrders(reservations, stopping.signal)) }),
    repeat({ clock, logger, name: "reservations: blocks", everyMs: RESIZE_LIMITS.everyMs, step: async () => void (await resizeBlocks(reservations, stopping.signal)) }),
  ];
  return {
    async stop() {
      stopping.abort();
      await Promise.all(services.map((service) => service.stop()));
    },
  };
}

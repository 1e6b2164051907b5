// What the endpoints of reservations need beside what every endpoint does.

import type { ApiDependencies } from "#app/dashboard/dependencies.ts";
import type { ReservePorts } from "#app/reservations/reserve-stock.server.ts";

import type { Caller } from "./identify-caller.server.ts";

export interface ReservationApiDependencies extends ApiDependencies {
  /** `identify` remembers a caller for a second: a rush comes with one token. */
  readonly reservations: ReservePorts & { identify(token: string): Promise<Caller | null> };
}

export function identifyOnce({ reservations }: ReservationApiDependencies, token: string): Promise<Caller | null> {
  return reservations.identify(token);
}

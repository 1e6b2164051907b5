// What the endpoints of reservations need beside what every endpoint does.

import type { ApiDependencies } from "#app/dashboard/dependencies.ts";
import type { ReservePorts } from "#app/reservations/reserve-stock.server.ts";

export interface ReservationApiDependencies extends ApiDependencies {
  readonly reservations: ReservePorts;
}

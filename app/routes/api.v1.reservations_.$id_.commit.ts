// HTTP: /api/v1/reservations/:id/commit.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { commitEndpoint } from "#app/api/reservation-endpoint.server.ts";
import { reservationApiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => commitEndpoint(args, reservationApiDependencies);
export const action = (args: ActionFunctionArgs) => commitEndpoint(args, reservationApiDependencies);

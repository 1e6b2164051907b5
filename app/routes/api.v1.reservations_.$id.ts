// HTTP: /api/v1/reservations/:id.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { reservationEndpoint } from "#app/api/reservation-endpoint.server.ts";
import { reservationApiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => reservationEndpoint(args, reservationApiDependencies);
export const action = (args: ActionFunctionArgs) => reservationEndpoint(args, reservationApiDependencies);

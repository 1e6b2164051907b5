// HTTP: /api/v1/reservations/:id/release.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { releaseEndpoint } from "#app/api/reservation-endpoint.server.ts";
import { reservationApiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => releaseEndpoint(args, reservationApiDependencies);
export const action = (args: ActionFunctionArgs) => releaseEndpoint(args, reservationApiDependencies);

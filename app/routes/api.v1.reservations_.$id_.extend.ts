// HTTP: /api/v1/reservations/:id/extend.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { extendEndpoint } from "#app/api/reservation-endpoint.server.ts";
import { reservationApiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => extendEndpoint(args, reservationApiDependencies);
export const action = (args: ActionFunctionArgs) => extendEndpoint(args, reservationApiDependencies);

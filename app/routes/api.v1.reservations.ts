// HTTP: /api/v1/reservations.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { reservationsEndpoint } from "#app/api/reservations-endpoint.server.ts";
import { reservationApiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => reservationsEndpoint(args, reservationApiDependencies);
export const action = (args: ActionFunctionArgs) => reservationsEndpoint(args, reservationApiDependencies);

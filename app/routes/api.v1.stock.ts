// HTTP: /api/v1/stock.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { stockEndpoint } from "#app/api/stock-endpoint.server.ts";
import { reservationApiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => stockEndpoint(args, reservationApiDependencies);
export const action = (args: ActionFunctionArgs) => stockEndpoint(args, reservationApiDependencies);

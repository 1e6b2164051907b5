// HTTP: /api/v1/oversells.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { oversellsEndpoint } from "#app/api/oversells-endpoint.server.ts";
import { apiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => oversellsEndpoint(args, apiDependencies);
export const action = (args: ActionFunctionArgs) => oversellsEndpoint(args, apiDependencies);

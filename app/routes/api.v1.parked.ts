// HTTP: /api/v1/parked.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { parkedEndpoint } from "#app/api/parked-endpoint.server.ts";
import { apiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => parkedEndpoint(args, apiDependencies);
export const action = (args: ActionFunctionArgs) => parkedEndpoint(args, apiDependencies);

// HTTP: /api/v1/oversells/apart.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { apartEndpoint } from "#app/api/apart-endpoint.server.ts";
import { apiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => apartEndpoint(args, apiDependencies);
export const action = (args: ActionFunctionArgs) => apartEndpoint(args, apiDependencies);

// HTTP: /api/v1/pushes.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { pushesEndpoint } from "#app/api/pushes-endpoint.server.ts";
import { apiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => pushesEndpoint(args, apiDependencies);
export const action = (args: ActionFunctionArgs) => pushesEndpoint(args, apiDependencies);

// HTTP: /api/v1/drift.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { driftEndpoint } from "#app/api/drift-endpoint.server.ts";
import { apiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => driftEndpoint(args, apiDependencies);
export const action = (args: ActionFunctionArgs) => driftEndpoint(args, apiDependencies);

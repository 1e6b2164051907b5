// HTTP: /api/v1/conflicts.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { conflictsEndpoint } from "#app/api/conflicts-endpoint.server.ts";
import { apiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => conflictsEndpoint(args, apiDependencies);
export const action = (args: ActionFunctionArgs) => conflictsEndpoint(args, apiDependencies);

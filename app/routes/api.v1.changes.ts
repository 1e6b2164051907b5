// HTTP: /api/v1/changes.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { changesEndpoint } from "#app/api/changes-endpoint.server.ts";
import { apiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => changesEndpoint(args, apiDependencies);
export const action = (args: ActionFunctionArgs) => changesEndpoint(args, apiDependencies);

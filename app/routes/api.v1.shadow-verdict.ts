// HTTP: /api/v1/shadow-verdict.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { shadowVerdictEndpoint } from "#app/api/shadow-verdict-endpoint.server.ts";
import { apiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => shadowVerdictEndpoint(args, apiDependencies);
export const action = (args: ActionFunctionArgs) => shadowVerdictEndpoint(args, apiDependencies);

// HTTP: /api/v1/settings.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { settingsEndpoint } from "#app/api/settings-endpoint.server.ts";
import { apiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => settingsEndpoint(args, apiDependencies);
export const action = (args: ActionFunctionArgs) => settingsEndpoint(args, apiDependencies);

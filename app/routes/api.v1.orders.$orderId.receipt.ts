// HTTP: /api/v1/orders/:orderId/receipt.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { receiptEndpoint } from "#app/api/receipt-endpoint.server.ts";
import { apiDependencies } from "#app/dashboard/wiring.server.ts";

export const loader = (args: LoaderFunctionArgs) => receiptEndpoint(args, apiDependencies);
export const action = (args: ActionFunctionArgs) => receiptEndpoint(args, apiDependencies);

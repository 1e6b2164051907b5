// HTTP: what a person does about oversold stock.

import type { ActionFunctionArgs } from "@remix-run/node";

import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { actOnOversell } from "#app/dashboard/oversell-acts.server.ts";
import { oversellPorts } from "#app/dashboard/wiring.server.ts";

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return actOnOversell(oversellPorts(), context, await request.formData());
}

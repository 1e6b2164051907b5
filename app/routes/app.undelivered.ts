// HTTP: what a person does about pushes and alerts that were not taken.

import type { ActionFunctionArgs } from "@remix-run/node";

import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { refusedToPerson } from "#app/dashboard/staff-permission.server.ts";
import { actOnUndelivered } from "#app/dashboard/undelivered-page.server.ts";
import { undeliveredPorts } from "#app/dashboard/wiring.server.ts";

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return (await refusedToPerson(context)) ?? actOnUndelivered(undeliveredPorts(), context, await request.formData());
}

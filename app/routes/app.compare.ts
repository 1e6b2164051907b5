// HTTP: a person has one item's numbers compared with Shopify, now.

import type { ActionFunctionArgs } from "@remix-run/node";

import { compareItem } from "#app/dashboard/compare-item.server.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { comparePorts } from "#app/dashboard/wiring.server.ts";

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  const item = (await request.formData()).get("item");
  return compareItem(comparePorts(), context, typeof item === "string" ? item : "");
}

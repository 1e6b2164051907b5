// HTTP: an embedded address that no page has, an old bookmark for instance: says so inside the app, with a way back.

import type { LoaderFunctionArgs } from "@remix-run/node";

import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs): Promise<never> {
  await embeddedContext(request);
  throw new Response("There is no such page.", { status: 404 });
}

/** Never drawn: the loader always throws. Without a component the address would answer as data. */
export default function NoSuchPage() {
  return null;
}

export function ErrorBoundary() {
  return <RouteError title="Page not found" back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}

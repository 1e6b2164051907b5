// HTTP: the addresses that Shopify's library needs for itself: token bounce page, leaving the frame, callback.
import type { LoaderFunctionArgs } from "@remix-run/node";

import { authenticate, withCorrectedHeaders } from "#app/shopify.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  try {
    await authenticate.admin(request);
  } catch (thrown) {
    throw withCorrectedHeaders(thrown);
  }
  return null;
}

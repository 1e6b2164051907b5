// Sends the requests of Shopify's own library (token exchange, GraphQL) to the simulator when an origin override is set.
import { setAbstractFetchFunc } from "@shopify/shopify-api/runtime";

import { redirectedAddress } from "./shop-address.ts";

/** Call after `@shopify/shopify-app-remix/server` was imported: the import sets the function anew. */
export function redirectLibraryRequests(originOverride: string | null): void {
  if (originOverride === null) return;
  setAbstractFetchFunc((input, init) => {
    const request = new Request(input, init);
    const address = redirectedAddress(new URL(request.url), originOverride);
    const headers = new Headers(request.headers);
    for (const [name, value] of Object.entries(address.headers)) headers.set(name, value);
    return fetch(new Request(address.url, { method: request.method, headers, body: request.body, duplex: "half", signal: request.signal }));
  });
}

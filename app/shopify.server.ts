// What routes know of Shopify's library: who asks, where to log in, which headers a page gets.
import { correctDocumentHeaders } from "#app/adapters/shopify/document-headers.server.ts";
import { createShopifyApp } from "#app/adapters/shopify/shopify-app.server.ts";
import { composition } from "#app/composition.server.ts";

const { config, shopify: platform, installStore, logger } = composition();

const shopify = createShopifyApp({ environment: config.shopify, platform, installStore, logger });

export default shopify;
export const authenticate = shopify.authenticate;
export const unauthenticated = shopify.unauthenticated;
export const login = shopify.login;
export const sessionStorage = shopify.sessionStorage;

/** For every HTML page: the library's headers, corrected for the simulator. */
export function addDocumentResponseHeaders(request: Request, headers: Headers): void {
  shopify.addDocumentResponseHeaders(request, headers);
  correctDocumentHeaders(headers, config.shopify);
}

/** For pages that the library makes itself and throws (the bounce page): the same corrections. */
export function withCorrectedHeaders(thrown: unknown): unknown {
  if (thrown instanceof Response && thrown.headers.get("content-type")?.startsWith("text/html") === true) correctDocumentHeaders(thrown.headers, config.shopify);
  return thrown;
}

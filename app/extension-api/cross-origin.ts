// Lets the blocks read our answers: they run on Shopify's origin for extensions, not on ours. Pure.
//
// The same headers as the `cors` of `authenticate.admin`, but on every answer: the library gives `cors` only to whom it let in, and a block
// must be able to read why it was not. Any origin may read: an answer is given for the token in the header, never for a cookie.

/** How long a browser need not ask again whether it may. */
const PREFLIGHT_SECONDS = 7_200;
const ALLOWED_HEADERS = "Authorization, Content-Type";
const EXPOSED_HEADERS = "X-Shopify-API-Request-Failure-Reauthorize-Url";

export function allowOtherOrigins(response: Response): Response {
  response.headers.set("Access-Control-Allow-Origin", "*");
  response.headers.set("Access-Control-Allow-Headers", ALLOWED_HEADERS);
  response.headers.set("Access-Control-Expose-Headers", EXPOSED_HEADERS);
  return response;
}

/** The answer to a browser that asks beforehand. */
export function preflightResponse(): Response {
  return allowOtherOrigins(new Response(null, { status: 204, headers: { "Access-Control-Max-Age": String(PREFLIGHT_SECONDS) } }));
}

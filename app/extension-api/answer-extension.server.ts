// The frame around what the blocks in Shopify's admin ask: who asks by the session token, how often, JSON also when something throws, readable from Shopify's origin.

import { randomUUID } from "node:crypto";

import { errorResponse } from "#app/api/respond.ts";
import type { ApiDependencies } from "#app/dashboard/dependencies.ts";
import { embeddedContext, type EmbeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { apiDependencies } from "#app/dashboard/wiring.server.ts";

import { allowOtherOrigins, preflightResponse } from "./cross-origin.ts";

export type ExtensionHandler = (context: EmbeddedContext) => Promise<Response>;

type Dependencies = Pick<ApiDependencies, "rateLimiter" | "logger">;

/** @param dependencies a function, for tests and because composing them may fail. */
export async function answerExtension(request: Request, handle: ExtensionHandler, dependencies: () => Dependencies = apiDependencies): Promise<Response> {
  if (request.method === "OPTIONS") return preflightResponse();
  return allowOtherOrigins(await answer(request, handle, dependencies));
}

async function answer(request: Request, handle: ExtensionHandler, dependencies: () => Dependencies): Promise<Response> {
  // Without it Shopify's library takes the request for a page's and sends it to sign in, which no block can follow.
  if (!/^Bearer +[^ ]/i.test(request.headers.get("Authorization") ?? "")) return errorResponse("unauthorized", "A session token of Shopify's is needed: Authorization: Bearer …");
  const { rateLimiter, logger } = dependencies();
  try {
    const context = await embeddedContext(request);
    const rate = rateLimiter.take(`${context.actor}@${context.install.installId}`);
    if (rate.kind === "limited") {
      const { retryAfterSeconds } = rate;
      return errorResponse("rate_limited", `Too many requests; try again in ${retryAfterSeconds} s.`, { retryAfterSeconds }, { "Retry-After": String(retryAfterSeconds) });
    }
    return await handle(context);
  } catch (thrown) {
    // Refusals of Shopify's library, and of a shop without Holdfast.
    if (thrown instanceof Response) return new Response(thrown.body, { status: thrown.status, headers: thrown.headers });
    const errorId = randomUUID();
    logger.error({ err: thrown, errorId }, "a block in the admin was not answered");
    return errorResponse("internal_error", "Something went wrong on our side. Asking again is safe.", { errorId });
  }
}

// The frame around every /api/v1 endpoint: method, bearer token, rate limit, and JSON also when something throws.

import { randomUUID } from "node:crypto";

import type { ActiveInstall, ApiDependencies } from "#app/dashboard/dependencies.ts";
import type { TokenBearer } from "#app/ports/api-token-store.ts";

import { errorResponse } from "./respond.ts";

export interface ApiRequest {
  readonly request: Request;
  readonly url: URL;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly bearer: TokenBearer;
  readonly install: ActiveInstall;
}

/** What the frame itself needs. */
type FrameDependencies = Pick<ApiDependencies, "apiTokenStore" | "installStore" | "rateLimiter" | "logger">;

export type ApiHandler<Dependencies = ApiDependencies> = (request: ApiRequest, dependencies: Dependencies) => Promise<Response>;
type Method = "GET" | "PUT" | "POST" | "DELETE";
export type Endpoint<Dependencies = ApiDependencies> = (args: { readonly request: Request; readonly params: ApiRequest["params"] }, dependencies: () => Dependencies) => Promise<Response>;

/** `dependencies` is a function so that a failure to compose them is answered as JSON, too. */
export function apiEndpoint<Dependencies extends FrameDependencies = ApiDependencies>(methods: Partial<Record<Method, ApiHandler<Dependencies>>>): Endpoint<Dependencies> {
  return async ({ request, params }, dependencies) => {
    try {
      const handler = Object.entries(methods).find(([method]) => method === (request.method === "HEAD" ? "GET" : request.method))?.[1];
      if (handler === undefined) {
        const allowed = Object.keys(methods).join(", ");
        return errorResponse("method_not_allowed", `Use ${allowed} here.`, {}, { Allow: allowed });
      }
      return await answer(request, params, handler, dependencies());
    } catch (error) {
      return failed(error, dependencies);
    }
  };
}

async function answer<Dependencies extends FrameDependencies>(request: Request, params: ApiRequest["params"], handler: ApiHandler<Dependencies>, dependencies: Dependencies): Promise<Response> {
  const token = /^Bearer +([^ ]+) *$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  const bearer = token === undefined ? null : await dependencies.apiTokenStore.authenticate(token);
  const install = bearer === null ? null : await dependencies.installStore.active(bearer.shop);
  // The install may have ended between the two reads; a token of an older life opens nothing.
  if (bearer === null || install === null || install.installId !== bearer.installId) {
    return errorResponse("unauthorized", "A valid API token is needed: Authorization: Bearer hf_…", {}, { "WWW-Authenticate": "Bearer" });
  }
  const rate = dependencies.rateLimiter.take(bearer.tokenId);
  if (rate.kind === "limited") {
    const retryAfterSeconds = rate.retryAfterSeconds;
    return errorResponse("rate_limited", `Too many requests with this token; try again in ${retryAfterSeconds} s.`, { retryAfterSeconds }, { "Retry-After": String(retryAfterSeconds) });
  }
  return handler({ request, url: new URL(request.url), params, bearer, install }, dependencies);
}

/** What went wrong is in the log under the id that the caller gets; the message could hold SQL or a secret, so it stays there. */
function failed(error: unknown, dependencies: () => FrameDependencies): Response {
  const errorId = randomUUID();
  try {
    dependencies().logger.error({ err: error, errorId }, "an API request failed");
  } catch {
    // Without dependencies there is no logger; the process's own error output has said why.
  }
  return errorResponse("internal_error", "Something went wrong on our side. Nothing may be assumed about the request; it is safe to repeat.", { errorId });
}

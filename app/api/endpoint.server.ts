// The frame around every /api/v1 endpoint: method, bearer token, rate limit, and JSON also when something throws.

import { randomUUID } from "node:crypto";

import { databaseFailureOf } from "#app/adapters/prisma/database.server.ts";
import type { ApiDependencies } from "#app/dashboard/dependencies.ts";

import { type Caller, identifyCaller } from "./identify-caller.server.ts";
import { errorResponse } from "./respond.ts";

/** Written by our own server over whatever a sender put there. */
const CLIENT_HEADER = "X-Holdfast-Client";
/** PostgreSQL that is overrun, or away, is so for longer; a client that comes back at once only adds to it. */
const BUSY_RETRY_AFTER_SECONDS = "1";

export interface ApiRequest extends Caller {
  readonly request: Request;
  readonly url: URL;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** What the frame itself needs. */
type FrameDependencies = Pick<ApiDependencies, "apiTokenStore" | "installStore" | "rateLimiter" | "tokenGuesses" | "logger">;

export type ApiHandler<Dependencies = ApiDependencies> = (request: ApiRequest, dependencies: Dependencies) => Promise<Response>;
type Method = "GET" | "PUT" | "POST" | "DELETE";
export type Endpoint<Dependencies = ApiDependencies> = (args: { readonly request: Request; readonly params: ApiRequest["params"] }, dependencies: () => Dependencies) => Promise<Response>;

type Identify<Dependencies> = (dependencies: Dependencies, token: string) => Promise<Caller | null>;

/**
 * `dependencies` is a function so that a failure to compose them is answered as JSON, too.
 *
 * @param identify for endpoints of a rush, which do not ask PostgreSQL about the same token for each request.
 */
export function apiEndpoint<Dependencies extends FrameDependencies = ApiDependencies>(methods: Partial<Record<Method, ApiHandler<Dependencies>>>, identify: Identify<Dependencies> = identifyCaller): Endpoint<Dependencies> {
  return async ({ request, params }, dependencies) => {
    try {
      const handler = Object.entries(methods).find(([method]) => method === (request.method === "HEAD" ? "GET" : request.method))?.[1];
      if (handler === undefined) {
        const allowed = Object.keys(methods).join(", ");
        return errorResponse("method_not_allowed", `Use ${allowed} here.`, {}, { Allow: allowed });
      }
      return await answer(request, params, { handler, identify, dependencies: dependencies() });
    } catch (error) {
      return failed(error, dependencies);
    }
  };
}

interface Answering<Dependencies> {
  readonly handler: ApiHandler<Dependencies>;
  readonly identify: Identify<Dependencies>;
  readonly dependencies: Dependencies;
}

async function answer<Dependencies extends FrameDependencies>(request: Request, params: ApiRequest["params"], { handler, identify, dependencies }: Answering<Dependencies>): Promise<Response> {
  const token = /^Bearer +([^ ]+) *$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  const client = request.headers.get(CLIENT_HEADER) ?? "unknown";
  const waitSeconds = token === undefined ? null : (dependencies.tokenGuesses?.mustWaitSeconds(client, token) ?? null);
  if (waitSeconds !== null) {
    return errorResponse("rate_limited", `Too many tokens that open nothing came from this address; try again in ${waitSeconds} s.`, { retryAfterSeconds: waitSeconds }, { "Retry-After": String(waitSeconds) });
  }
  const caller = token === undefined ? null : await identify(dependencies, token);
  if (token !== undefined) {
    if (caller === null) dependencies.tokenGuesses?.failed(client);
    else dependencies.tokenGuesses?.worked(token);
  }
  if (caller === null) {
    return errorResponse("unauthorized", "A valid API token is needed: Authorization: Bearer hf_…", {}, { "WWW-Authenticate": "Bearer" });
  }
  const rate = dependencies.rateLimiter.take(caller.bearer.tokenId);
  if (rate.kind === "limited") {
    const retryAfterSeconds = rate.retryAfterSeconds;
    return errorResponse("rate_limited", `Too many requests with this token; try again in ${retryAfterSeconds} s.`, { retryAfterSeconds }, { "Retry-After": String(retryAfterSeconds) });
  }
  return handler({ request, url: new URL(request.url), params, ...caller }, dependencies);
}

/**
 * What went wrong is in the log under the id that the caller gets; the message could hold SQL or a secret, so it stays there. A PostgreSQL
 * that has no connection or no answer for us now is nobody's fault and passes: the caller is told to come back.
 */
function failed(error: unknown, dependencies: () => FrameDependencies): Response {
  const errorId = randomUUID();
  const busy = databaseFailureOf(error);
  try {
    dependencies().logger.error({ err: error, errorId }, busy === null ? "an API request failed" : "an API request was not answered by PostgreSQL in time");
  } catch {
    // Without dependencies there is no logger; the process's own error output has said why.
  }
  if (busy === null) return errorResponse("internal_error", "Something went wrong on our side. Nothing may be assumed about the request; it is safe to repeat.", { errorId });
  return errorResponse("busy", "Too much is asked for at the moment. Nothing may be assumed about the request; it is safe to repeat, a little later.", { errorId }, { "Retry-After": BUSY_RETRY_AFTER_SECONDS });
}

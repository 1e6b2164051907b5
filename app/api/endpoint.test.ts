// The frame around every endpoint: what a caller is told when PostgreSQL has no connection, or no answer, for it now.
import { describe, expect, it } from "vitest";

import type { TokenBearer } from "#app/ports/api-token-store.ts";

import { apiEndpoint } from "./endpoint.server.ts";

function fail(error: Error): never {
  throw error;
}

const GET = { request: new Request("https://holdfast.example/api/v1/stock", { headers: { Authorization: "Bearer hf_x" } }), params: {} };

function failingWith(error: Error) {
  return () => ({
    apiTokenStore: { authenticate: async (): Promise<TokenBearer | null> => fail(error), create: never, list: never, revoke: never },
    installStore: { active: never },
    rateLimiter: { take: never },
    logger: { error: () => undefined },
  });
}

function never(): never {
  throw new Error("nobody asks for this");
}

async function answerTo(error: Error): Promise<{ status: number; retryAfter: string | null; code: string }> {
  const endpoint = apiEndpoint<ReturnType<ReturnType<typeof failingWith>>>({ GET: async () => fail(error) });
  const response = await endpoint(GET, failingWith(error));
  const { error: told } = (await response.json()) as { error: { code: string } };
  return { status: response.status, retryAfter: response.headers.get("Retry-After"), code: told.code };
}

describe("an endpoint that PostgreSQL lets down", () => {
  it.each(["timeout exceeded when trying to connect", "connect ECONNREFUSED 127.0.0.1:5432", "Server has closed the connection"])("answers busy, and when to come back: %s", async (message) => {
    expect(await answerTo(new Error(message))).toEqual({ status: 503, retryAfter: "1", code: "busy" });
  });

  it("owns up to a fault of its own", async () => {
    expect(await answerTo(new TypeError("undefined is not a function"))).toEqual({ status: 500, retryAfter: null, code: "internal_error" });
  });
});

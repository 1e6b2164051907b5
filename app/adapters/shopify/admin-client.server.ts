// Sends one GraphQL request to one shop with its offline token and turns every possible ending into a value. No retries, no waiting.
import { ADMIN_API_VERSION } from "#app/domain/api-version.ts";
import type { AccessTokens } from "#app/ports/access-tokens.ts";
import type { AdminApi, AdminFailure, AdminRequest, AdminResult } from "#app/ports/admin-api.ts";

import { readAdminAnswer } from "./admin-answer.ts";
import type { ShopifyTransport } from "./shopify-transport.server.ts";

export interface AdminClientDependencies {
  transport: ShopifyTransport;
  accessTokens: AccessTokens;
}

const GRAPHQL_PATH = `/admin/api/${ADMIN_API_VERSION}/graphql.json`;
const USER_AGENT = "Holdfast (Shopify app)";

export function createAdminClient({ transport, accessTokens }: AdminClientDependencies): AdminApi {
  return {
    async send(request) {
      const token = await tokenFor(accessTokens, request.shop);
      if (typeof token !== "string") return token;
      if (request.leaves && !(await request.leaves())) return { kind: "unknown", stage: "not_sent", cause: "it had become another's to send" };
      const result = await sendWithToken(transport, token, request);
      if (result.kind === "refused" && result.reason === "unauthorized") await accessTokens.reportRefused(request.shop, token);
      return result;
    },
  };
}

/** The same request with a token that the caller holds, for example the online token of the person who clicked. */
export async function sendWithToken(transport: ShopifyTransport, accessToken: string, request: AdminRequest): Promise<AdminResult> {
  const outcome = await transport.post({
    shop: request.shop,
    path: GRAPHQL_PATH,
    headers: {
      "x-shopify-access-token": accessToken,
      "user-agent": USER_AGENT,
      ...(request.traceId === undefined ? {} : { "x-request-id": request.traceId }),
    },
    body: JSON.stringify({ query: request.document, variables: request.variables }),
    signal: request.signal,
    mayStillSend: request.mayStillSend,
  });
  return outcome.kind === "answered" ? readAdminAnswer(outcome) : { kind: "unknown", cause: outcome.cause, stage: outcome.stage };
}

async function tokenFor(accessTokens: AccessTokens, shop: string): Promise<string | AdminFailure> {
  const outcome = await accessTokens.offlineToken(shop);
  switch (outcome.kind) {
    case "token":
      return outcome.accessToken;
    case "none":
      return { kind: "refused", reason: "unauthorized", message: "the shop has no access token: the app is not installed, or nobody has opened it since it was" };
    case "revoked":
      return { kind: "refused", reason: "unauthorized", message: "Shopify no longer honours the shop's tokens: open the app in the shop's admin once" };
    case "unavailable":
      return { kind: "unknown", stage: "not_sent", cause: `no usable access token: ${outcome.cause}` };
  }
}

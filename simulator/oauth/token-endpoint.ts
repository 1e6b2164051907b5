// POST /admin/oauth/access_token: a session token exchanged for an access token, or a refresh token for the next pair.
import type { Engine } from "../engine.ts";
import type { Router, SimRequest, SimResponse } from "../http/router.ts";
import { html, json } from "../http/router.ts";
import { commits } from "../faults.ts";
import type { Fault } from "../faults.ts";
import type { AccessToken, RefreshToken, ShopState } from "../world/state.ts";
import { ACCESS_TOKEN_SECONDS, ONLINE_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS, issueLasting, issueOnline, issuePair, rotate, scopesOf } from "./access-tokens.ts";
import { readSessionToken } from "./session-token.ts";

const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ONLINE = "urn:shopify:params:oauth:token-type:online-access-token";
const OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token";

type Fields = Readonly<Record<string, string>>;

export function mountTokenEndpoint(router: Router, engine: Engine): void {
  router.post("/admin/oauth/access_token", async (request) => {
    const shop = request.shop === null ? undefined : engine.world.state.shops.get(request.shop);
    if (!shop) return json({ errors: "Not Found" }, 404);
    const grantType = readFields(request)["grant_type"];
    engine.tokenRequests.push({ shop: shop.domain, grant: grantType === "refresh_token" ? "refresh" : grantType === TOKEN_EXCHANGE ? "exchange" : "other" });
    const fault = engine.faults.take(["token"], shop.domain);
    if (fault && fault.kind === "slow") await engine.sleep(fault.delayMs);
    const issue = () => grant(engine, shop, readFields(request));
    return fault && fault.kind !== "slow" ? broken(fault, issue) : issue();
  });
}

function grant(engine: Engine, shop: ShopState, fields: Fields): SimResponse {
  const { apiKey, apiSecret, apiSecretPrevious } = engine.options;
  const secrets = [apiSecret, ...(apiSecretPrevious ? [apiSecretPrevious] : [])];
  if (fields["client_id"] !== apiKey || !secrets.includes(fields["client_secret"] ?? "")) return refuse("application_cannot_be_found", "The client id or secret is wrong.");
  if (fields["grant_type"] === "refresh_token") return refresh(engine, shop, fields);
  if (fields["grant_type"] === TOKEN_EXCHANGE) return exchange(engine, shop, fields, secrets);
  return refuse("unsupported_grant_type", `The grant type ${fields["grant_type"] ?? ""} is not supported.`);
}

function exchange(engine: Engine, shop: ShopState, fields: Fields, secrets: readonly string[]): SimResponse {
  const { world, options } = engine;
  const claims = readSessionToken(fields["subject_token"] ?? "", { apiKey: options.apiKey, secrets, nowMs: Date.now() });
  const { install } = shop;
  if (!claims || claims.dest !== `https://${shop.domain}` || !install) return refuse("invalid_subject_token", "The session token is not valid for this shop.");
  const scope = install.granted.join(",");
  const wanted = fields["requested_token_type"];
  if (wanted === ONLINE) return json(onlineAnswer(shop, issueOnline(world, shop, install.gid, claims.sub), scope));
  if (wanted !== OFFLINE) return refuse("invalid_request", `The token type ${wanted ?? ""} is not known.`);
  if (fields["expiring"] === "1") return json(pairAnswer(issuePair(world, shop, install.gid, null), scope));
  if (!world.assumptions.lastingTokensAccepted) return refuse("invalid_request", "Non-expiring access tokens are no longer accepted.");
  return json({ access_token: issueLasting(world, shop, install.gid).token, scope });
}

function refresh(engine: Engine, shop: ShopState, fields: Fields): SimResponse {
  const pair = rotate(engine.world, shop, fields["refresh_token"] ?? "");
  if (!pair) return refuse("invalid_grant", "The refresh token is not valid any more.");
  return json(pairAnswer(pair, shop.install?.granted.join(",") ?? ""));
}

function pairAnswer(pair: { access: AccessToken; refresh: RefreshToken }, scope: string): Record<string, unknown> {
  return {
    access_token: pair.access.token,
    scope,
    expires_in: ACCESS_TOKEN_SECONDS,
    refresh_token: pair.refresh.token,
    refresh_token_expires_in: REFRESH_TOKEN_SECONDS,
  };
}

function onlineAnswer(shop: ShopState, token: AccessToken, scope: string): Record<string, unknown> {
  const owner = shop.staff.get(token.userId ?? "")?.accountOwner ?? true;
  return {
    access_token: token.token,
    scope,
    expires_in: ONLINE_TOKEN_SECONDS,
    associated_user_scope: scopesOf(shop, token).join(","),
    associated_user: {
      id: Number(token.userId),
      first_name: "Store",
      last_name: owner ? "Owner" : "Staff",
      email: owner ? "owner@shop.example.com" : "staff@shop.example.com",
      email_verified: true,
      account_owner: owner,
      locale: "en",
      collaborator: false,
    },
  };
}

function broken(fault: Fault, issue: () => SimResponse): SimResponse {
  const done = commits(fault) ? issue() : null;
  switch (fault.kind) {
    case "http_429":
    case "throttled":
      return { ...json({ errors: "Too many requests" }, 429), headers: { "content-type": "application/json", "retry-after": "2.0" } };
    case "http_5xx":
      return json({ errors: "Internal Server Error" }, Number(fault.code ?? 503));
    case "html":
      return html("<!DOCTYPE html><html><body>Something went wrong</body></html>", Number(fault.code ?? 200));
    case "half_body":
      return { ...(done ?? json({})), cut: "half_body" };
    case "user_error":
    case "token_revoked":
      return refuse(String(fault.code ?? "invalid_subject_token"), "Refused by a fault.");
    default:
      return { status: 0, cut: "before_answer" };
  }
}

function refuse(error: string, description: string): SimResponse {
  return json({ error, error_description: description }, 400);
}

function readFields(request: SimRequest): Fields {
  const type = request.headers["content-type"] ?? "";
  if (type.includes("application/x-www-form-urlencoded")) return Object.fromEntries(new URLSearchParams(request.body.toString("utf8")));
  const value = request.json();
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, String(field)]));
}

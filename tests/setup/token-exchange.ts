// How a shop's app comes by its tokens without a browser: the session token is exchanged at the simulated Shopify, kept as the app keeps it, and the install registered.
import { Session } from "@shopify/shopify-api";

import { registerInstall } from "#app/adapters/shopify/register-install.server.ts";
import type { Composition } from "#app/composition.server.ts";

export interface AppIdentity {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** What Shopify's token endpoint is sent for an expiring offline token. */
export function tokenExchangeBody({ apiKey, apiSecret }: AppIdentity, sessionToken: string): string {
  return JSON.stringify({
    client_id: apiKey,
    client_secret: apiSecret,
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: sessionToken,
    subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
    requested_token_type: "urn:shopify:params:oauth:token-type:offline-access-token",
    expiring: "1",
  });
}

export interface Exchange {
  /** The simulator's. */
  readonly origin: string;
  readonly app: AppIdentity;
  readonly sessionToken: string;
}

/** As the first page that somebody opens does. */
export async function storeOfflineSession({ shopify }: Pick<Composition, "shopify">, shop: string, { origin, app, sessionToken }: Exchange): Promise<void> {
  const answer = await fetch(`${origin}/admin/oauth/access_token`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Forwarded-Host": shop },
    body: tokenExchangeBody(app, sessionToken),
  });
  const pair = (await answer.json()) as { access_token: string; scope: string; expires_in: number; refresh_token: string };
  const expires = new Date(Date.now() + pair.expires_in * 1_000);
  await shopify.sessionStorage.storeSession(
    new Session({ id: `offline_${shop}`, shop, state: "", isOnline: false, scope: pair.scope, accessToken: pair.access_token, expires, refreshToken: pair.refresh_token }),
  );
}

/** @returns the install's id. */
export async function registerShop({ shopify, installStore }: Pick<Composition, "shopify" | "installStore">, shop: string): Promise<bigint> {
  const registered = await registerInstall({ adminApi: shopify.adminApi, installStore }, { shop });
  if (registered.kind !== "registered") throw new Error(`the app could not be installed in ${shop}: ${JSON.stringify(registered)}`);
  return registered.install.installId;
}

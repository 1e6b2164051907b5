// Who is looking at an embedded page: the signed session, and the active install of its shop that every query is scoped by.

import { authenticate, sessionStorage, withCorrectedHeaders } from "#app/shopify.server.ts";

import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { personScopesOf, readStockPermission } from "./staff-permission.server.ts";
import { knownTimeZone } from "./time-zone.ts";
import { dashboardDependencies, recordInstall } from "./wiring.server.ts";

export interface EmbeddedContext {
  readonly dependencies: DashboardDependencies;
  readonly install: ActiveInstall;
  /** The install's zone, or UTC when this runtime does not know it. */
  readonly timeZone: string;
  /** `staff:<id>`: the person whose session token came with the request. */
  readonly actor: string;
  /** The person's own access token, whose permissions count where the person acts in Shopify; null where the session is the app's. */
  readonly personToken: string | null;
  /**
   * Whether the person may, by Shopify's permissions; true, too, where the app itself has no permission yet, for then nothing of it can reach
   * Shopify. Pass the app's scopes where they were just read. `session`: as of the session, which may be a day old, for what is only shown.
   */
  readonly mayChangeStock: (appScopes?: readonly string[], as?: "shopify" | "session") => Promise<boolean>;
  /** Asks Shopify which scopes are granted right now and puts them on record: the notice of a change may still be on its way. */
  readonly grantedScopesNow: () => Promise<readonly string[]>;
}

/**
 * Throws the redirects and refusals of `authenticate.admin`, and 403 when the install cannot be put on record.
 *
 * The first page of a new install runs several loaders at once. Shopify's library calls the hook that records the install in one of
 * them and lets the others go on before it has ended, so whoever finds no install records it, too; that is safe to do concurrently.
 */
export async function embeddedContext(request: Request): Promise<EmbeddedContext> {
  const authenticated = () =>
    authenticate.admin(request).catch((thrown: unknown) => {
      throw withCorrectedHeaders(thrown);
    });
  const { session, sessionToken } = await authenticated();
  const dependencies = dashboardDependencies();
  const install = (await dependencies.installStore.active(session.shop)) ?? (await recordInstall(session.shop));
  if (install === null) throw new Response("Holdfast is not installed in this shop.", { status: 403 });
  return {
    dependencies,
    install,
    timeZone: knownTimeZone(install.timezone),
    actor: `staff:${sessionToken.sub}`,
    personToken: session.isOnline ? (session.accessToken ?? null) : null,
    async mayChangeStock(appScopes = install.scopes, as = "shopify") {
      const person = personScopesOf(session);
      const permission = await readStockPermission({
        appScopes,
        person,
        async askShopify() {
          if (as === "session") return person;
          // Without a stored session the library asks Shopify for a new one, and with it what the person may do now.
          await sessionStorage.deleteSession(session.id);
          return personScopesOf((await authenticated()).session);
        },
      });
      return permission !== "refused";
    },
    grantedScopesNow: async () => (await recordInstall(session.shop))?.scopes ?? install.scopes,
  };
}

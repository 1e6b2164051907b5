// After a merchant opened the app and tokens were stored: makes sure that this life of the app in the shop is on record.
import { z } from "zod";

import type { AdminApi, AdminFailure } from "#app/ports/admin-api.ts";
import type { BegunInstall, InstallStore } from "#app/ports/install-store.ts";
import type { ReadContext } from "#app/ports/shopify-orders.ts";

import { INSTALLATION_QUERY } from "./documents/installation.ts";
import { gidOf } from "./gid-schema.ts";
import { sendRead } from "./read-request.server.ts";

const installationSchema = z.object({
  currentAppInstallation: z.object({ id: gidOf("AppInstallation"), accessScopes: z.array(z.object({ handle: z.string() })) }),
  shop: z.object({
    name: z.string(),
    ianaTimezone: z.string(),
    currencyCode: z.string(),
    plan: z.object({ publicDisplayName: z.string(), partnerDevelopment: z.boolean(), shopifyPlus: z.boolean() }),
  }),
});

export type Registration = { kind: "registered"; install: BegunInstall } | { kind: "failed"; failure: AdminFailure };

export interface RegisterInstallDependencies {
  adminApi: AdminApi;
  installStore: Pick<InstallStore, "begin">;
}

export async function registerInstall({ adminApi, installStore }: RegisterInstallDependencies, context: ReadContext): Promise<Registration> {
  const answer = await sendRead(adminApi, context, { document: INSTALLATION_QUERY, variables: {}, schema: installationSchema });
  if (answer.kind !== "ok") return { kind: "failed", failure: answer };
  const { currentAppInstallation, shop } = answer.value;
  const install = await installStore.begin({
    shop: context.shop,
    appInstallationGid: `gid://shopify/AppInstallation/${currentAppInstallation.id}`,
    scopes: currentAppInstallation.accessScopes.map((scope) => scope.handle).toSorted(),
    timezone: shop.ianaTimezone,
    shopName: shop.name,
  });
  return { kind: "registered", install };
}

// Before every /api/v1 request: whose token it is, and the life of the app that it belongs to.

import type { ActiveInstall, DashboardDependencies } from "#app/dashboard/dependencies.ts";
import type { TokenBearer } from "#app/ports/api-token-store.ts";

export interface Caller {
  readonly bearer: TokenBearer;
  readonly install: ActiveInstall;
}

/** Null: the token opens nothing. The install may have ended between the two reads; a token of an older life opens nothing. */
export async function identifyCaller({ apiTokenStore, installStore }: Pick<DashboardDependencies, "apiTokenStore" | "installStore">, token: string): Promise<Caller | null> {
  const bearer = await apiTokenStore.authenticate(token);
  const install = bearer === null ? null : await installStore.active(bearer.shop);
  return bearer === null || install === null || install.installId !== bearer.installId ? null : { bearer, install };
}

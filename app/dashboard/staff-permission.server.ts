// Whether the person who clicks may change stock by Shopify's permissions: asked before every act that changes stock, or the rules by which it is changed.
//
// Holdfast's own writes run with the app's token, whatever the person may do. Without this, somebody who may only look in Shopify could
// change stock through Holdfast.

import { WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";

/** What Shopify says of the person. */
export interface PersonScopes {
  readonly accountOwner: boolean;
  /** Granted to the app and covered by the person's permissions. */
  readonly scopes: readonly string[];
}

/** `unknown`: Shopify was not asked yet for the app itself, so nobody's permission can be told, and Shopify takes no change from Holdfast either. */
export type StockPermission = "granted" | "refused" | "unknown";

export interface PermissionQuestion {
  /** Granted to the app. */
  readonly appScopes: readonly string[];
  /** As of the session, up to a day old; null where no person's session came with the request. */
  readonly person: PersonScopes | null;
  /** Shopify's answer of this moment; costs a call. */
  readonly askShopify: () => Promise<PersonScopes | null>;
}

export async function readStockPermission({ appScopes, person, askShopify }: PermissionQuestion): Promise<StockPermission> {
  if (!appScopes.includes(WRITE_SCOPE)) return "unknown";
  if (person === null) return "refused";
  if (allows(person)) return "granted";
  // The session may be older than the app's own permission, or than the person's.
  const now = await askShopify();
  return now !== null && allows(now) ? "granted" : "refused";
}

function allows({ accountOwner, scopes }: PersonScopes): boolean {
  return accountOwner || scopes.includes(WRITE_SCOPE);
}

/** The answer of an act that was not begun. */
export interface NotPermitted {
  readonly kind: "not_permitted";
}

/** For the first line of an action: null when the person may go on. */
export async function refusedToPerson(context: { mayChangeStock(): Promise<boolean> }): Promise<NotPermitted | null> {
  return (await context.mayChangeStock()) ? null : { kind: "not_permitted" };
}

interface SessionOfLibrary {
  readonly isOnline: boolean;
  readonly scope?: string | undefined;
  readonly onlineAccessInfo?: { readonly associated_user_scope?: string | undefined; readonly associated_user: { readonly account_owner?: boolean | undefined } } | undefined;
}

/** Of a session that was just made or comes from the storage, which keeps a person's scopes as the session's own. */
export function personScopesOf({ isOnline, scope, onlineAccessInfo }: SessionOfLibrary): PersonScopes | null {
  if (!isOnline || onlineAccessInfo === undefined) return null;
  const scopes = (onlineAccessInfo.associated_user_scope ?? scope ?? "").split(",").map((one) => one.trim());
  return { accountOwner: onlineAccessInfo.associated_user.account_owner === true, scopes: scopes.filter((one) => one !== "") };
}

// Shopify did not carry a move out because `available` was not what it was said to be: nobody's fault, and no person's business.

import { reasonOf } from "../refusal.ts";

const STALE_CODES: ReadonlySet<string> = new Set(["CHANGE_FROM_QUANTITY_STALE"]);

/** The reason under which such a move ends. */
export const REFUSED_STALE = reasonOf({ code: "CHANGE_FROM_QUANTITY_STALE" });

export function isStale({ code }: { readonly code: string | null }): boolean {
  return code !== null && STALE_CODES.has(code);
}

// What holds are promised from right now, and why, in the merchant's words; as the saved settings and the permission have it. Pure.

import type { Settings } from "#app/domain/settings.ts";

export interface HoldPromise {
  readonly label: string;
  readonly meaning: string;
  readonly seenByShopify: boolean;
  /** The next thing that keeps Shopify from seeing holds; null: nothing does. */
  readonly missing: "choice" | "protection" | "permission" | null;
}

const LOCAL_LABEL = "Promised from the stock last seen";
const LOCAL_RISK = "Two buyers of your checkout never get the same unit, but Shopify may sell a held unit to somebody else.";

/** Says the same as `promiseFromOf`, by which reservations go; a test compares them. */
export function holdPromise({ mode, reservations }: Pick<Settings, "mode" | "reservations">, mayWrite: boolean): HoldPromise {
  if (!reservations.mirrorInShopify) {
    return { label: LOCAL_LABEL, seenByShopify: false, missing: "choice", meaning: `Showing held stock in Shopify is switched off. ${LOCAL_RISK}` };
  }
  if (mode === "observe") {
    return { label: LOCAL_LABEL, seenByShopify: false, missing: "protection", meaning: `Holdfast only watches, so it moves no stock in Shopify. ${LOCAL_RISK}` };
  }
  if (!mayWrite) {
    return { label: LOCAL_LABEL, seenByShopify: false, missing: "permission", meaning: `Holdfast has no permission to change inventory. ${LOCAL_RISK}` };
  }
  const away = reservations.whenShopifyIsAway === "promise_local" ? " While Shopify does not answer, they are promised from the stock last seen, as you chose." : "";
  return { label: "Kept aside in Shopify", seenByShopify: true, missing: null, meaning: `Held units are moved from available to reserved, so nothing else can sell them.${away}` };
}

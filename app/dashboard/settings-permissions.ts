// Which permissions of Shopify's a change of the settings needs and the shop has not granted: asked for when it is saved, not before. Pure.

import { HOLD_SCOPES, WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";
import type { Settings } from "#app/domain/settings.ts";

type Wanted = Pick<Settings, "mode"> & { readonly oversell: Pick<Settings["oversell"], "holdFulfilment"> };

/**
 * Protection cannot be saved without its permission. Holding fulfilment asks only when it is switched on: a permission that was withdrawn
 * later is shown on its page and keeps nobody from saving anything else.
 */
export function missingScopes(wanted: Wanted, saved: Wanted, granted: readonly string[]): string[] {
  const needed = [...(wanted.mode === "enforce" ? [WRITE_SCOPE] : []), ...(wanted.oversell.holdFulfilment && !saved.oversell.holdFulfilment ? HOLD_SCOPES : [])];
  return needed.filter((scope) => !granted.includes(scope));
}

export function mayHoldFulfilment(granted: readonly string[]): boolean {
  return HOLD_SCOPES.every((scope) => granted.includes(scope));
}

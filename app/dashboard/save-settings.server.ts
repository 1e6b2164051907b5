// The one way settings change, for the page and for the API: validate all, ask Shopify about what is new, store, wake the shop.

import { sealAlertTargets } from "#app/alerts/seal-alert-targets.server.ts";
import type { Fault } from "#app/domain/document-reader.ts";
import { checkRules, checkScopes, referencesToCheck } from "#app/domain/settings-rules-check.ts";
import { validateSettings } from "#app/domain/settings-validation.ts";
import type { Settings } from "#app/domain/settings.ts";

import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";

export interface SaveSettingsRequest {
  readonly install: ActiveInstall;
  /** Unchecked; its `version` is the one the writer had read. */
  readonly document: unknown;
  readonly actor: string;
}

export type SaveSettingsOutcome =
  | { readonly kind: "saved"; readonly settings: Settings }
  | { readonly kind: "faults"; readonly faults: readonly Fault[] }
  | { readonly kind: "conflict"; readonly current: Settings }
  /** Shopify could not be asked about a rule that is new; nothing changed. */
  | { readonly kind: "unavailable"; readonly reason: string };

type CheckDependencies = Pick<DashboardDependencies, "settingsStore" | "catalog">;

export async function saveSettings(
  dependencies: CheckDependencies & Pick<DashboardDependencies, "waker" | "alerts">,
  { install, document, actor }: SaveSettingsRequest,
): Promise<SaveSettingsOutcome> {
  const { settingsStore, waker, alerts } = dependencies;
  const checked = await checkSettings(dependencies, install, document);
  if (checked.kind !== "ok") return checked;
  // Last, so that nothing is kept of a document that is refused; what is kept of one that turns out stale is found again by its fingerprint.
  const sealed = await sealAlertTargets(alerts.secrets, install.installId, checked.settings);
  if (sealed.kind === "faults") return sealed;
  const saved = await settingsStore.save({ installId: install.installId, expectedVersion: checked.settings.version, document: sealed.settings, actor });
  // What waited for this rule may go on now; without the wake it would wait for the sweeper.
  if (saved.kind === "saved") await waker.wake(install.shop);
  return saved;
}

export type SettingsCheck = { readonly kind: "ok"; readonly settings: Settings; readonly current: Settings } | Exclude<SaveSettingsOutcome, { kind: "saved" }>;

/** Everything that can be wrong with a document, Shopify asked; nothing is stored. */
export async function checkSettings({ settingsStore, catalog }: CheckDependencies, install: ActiveInstall, document: unknown): Promise<SettingsCheck> {
  const validation = validateSettings(document);
  if (validation.kind === "faults") return validation;
  const next = validation.settings;
  const current = await settingsStore.current(install.installId);
  // Told before the faults of single rules: whoever is out of date must read again anyway.
  if (next.version !== current.version) return { kind: "conflict", current };
  const faults = checkScopes(next, install.scopes);
  const references = referencesToCheck(current, next);
  const asked = references.variantIds.length + references.inventoryItemIds.length + references.locationIds.length + references.appIds.length;
  if (asked > 0) {
    const answer = await catalog.verifyRules({ installId: install.installId, shop: install.shop, ...references });
    if (answer.kind === "unavailable") return faults.length > 0 ? { kind: "faults", faults } : answer;
    faults.push(...checkRules(next, references, answer));
  }
  return faults.length > 0 ? { kind: "faults", faults } : { kind: "ok", settings: next, current };
}

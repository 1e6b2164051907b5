// Takes the settings back to an earlier version, as a new one: undoing a save, or restoring what was in force at some time.

import type { Settings } from "#app/domain/settings.ts";

import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { saveSettings, type SaveSettingsOutcome } from "./save-settings.server.ts";

export interface RestoreSettingsRequest {
  readonly install: ActiveInstall;
  readonly version: number;
  /** The version that the person saw in force. */
  readonly expectedVersion: number;
  readonly actor: string;
}

export type RestoreSettingsOutcome = SaveSettingsOutcome | { readonly kind: "version_not_found" };

/** Checked as whatever is saved: what Shopify allowed then, it may not allow now. */
export async function restoreSettings(
  dependencies: Pick<DashboardDependencies, "settingsStore" | "catalog" | "waker" | "alerts">,
  { install, version, expectedVersion, actor }: RestoreSettingsRequest,
): Promise<RestoreSettingsOutcome> {
  const { settingsStore } = dependencies;
  const [earlier, current] = await Promise.all([settingsStore.at(install.installId, version), settingsStore.current(install.installId)]);
  if (earlier === null) return { kind: "version_not_found" };
  return saveSettings(dependencies, { install, document: asNext(earlier, current, expectedVersion), actor });
}

/** A part that did not exist yet at the time is switched off: left out, the store would keep it as it is now. */
export function asNext(earlier: Settings, current: Settings, expectedVersion: number): Settings {
  const external = earlier.external ?? (current.external === undefined ? undefined : { enabled: false, url: null });
  return { ...earlier, version: expectedVersion, ...(external === undefined ? {} : { external }) };
}

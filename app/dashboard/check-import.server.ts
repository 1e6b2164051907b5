// A settings file before it is saved: read, checked as a whole, and laid beside what is in force.

import { maskedFingerprint, isSecretTarget } from "#app/domain/alert-target.ts";
import type { Fault } from "#app/domain/document-reader.ts";
import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";

import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { checkSettings } from "./save-settings.server.ts";
import type { SettingsActionResult } from "./settings-action.ts";
import { describeDifference } from "./settings-difference.ts";
import { readSettingsNames } from "./settings-names.server.ts";

/** A file of 500 bundles with 50 parts each is about 2.5 MB. */
export const IMPORT_LENGTH_MAX = 3_000_000;

type Dependencies = Pick<DashboardDependencies, "database" | "settingsStore" | "catalog" | "alerts">;

/** `version` of the file says nothing here: what it was in another shop, or then. */
export async function checkImport(dependencies: Dependencies, install: ActiveInstall, text: string): Promise<SettingsActionResult> {
  const read = text.length > IMPORT_LENGTH_MAX ? undefined : parsed(text);
  if (typeof read !== "object" || read === null || Array.isArray(read)) return { kind: "not_json" };
  const current = await dependencies.settingsStore.current(install.installId);
  const document: Record<string, unknown> = { ...read, version: current.version };
  // The mode's permission is asked for when the import is saved; without it everything else is still worth checking.
  const checked = await checkSettings(dependencies, { ...install, scopes: [...install.scopes, ...SCOPES_ASKED_LATER] }, document);
  if (checked.kind === "unavailable") return { kind: "unavailable" };
  if (checked.kind !== "ok") return checked;
  const faults = await hiddenAddresses(dependencies, install, checked.settings);
  if (faults.length > 0) return { kind: "faults", faults };
  const names = await readSettingsNames(dependencies.database, install.installId, [checked.settings, current]);
  return { kind: "import_checked", document: checked.settings, differences: describeDifference(current, checked.settings, names) };
}

const SCOPES_ASKED_LATER: readonly string[] = ["write_inventory"];

/** A hidden address can be taken back into its own shop, where it is stored, and into no other. */
async function hiddenAddresses({ alerts }: Pick<Dependencies, "alerts">, { installId }: ActiveInstall, { alerts: targets }: Settings): Promise<Fault[]> {
  const hidden = targets.map((target) => (isSecretTarget(target) ? maskedFingerprint(target.target) : null));
  const asked = hidden.filter((fingerprint) => fingerprint !== null);
  const known = asked.length === 0 ? new Set<string>() : await alerts.secrets.knownAddresses(installId, asked);
  return hidden.flatMap((fingerprint, index): Fault[] =>
    fingerprint === null || known.has(fingerprint)
      ? []
      : [{ path: `alerts[${index}].target`, code: "invalid_target", message: "This address is hidden, and it is not stored in this shop. Write the whole address into the file." }],
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a file begins as: the document without the shop's version, in the documented order of its fields. */
export function exportText(settings: Settings): string {
  const { version: _, ...rest } = settings;
  const fields = [...Object.keys(DEFAULT_SETTINGS), "external"].filter((name) => name in rest);
  const ordered = Object.fromEntries(fields.map((name) => [name, rest[name as keyof typeof rest]]));
  return `${JSON.stringify({ ...ordered, ...rest }, null, 2)}\n`;
}

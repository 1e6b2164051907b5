// Which answers of the settings' forms are good news, and what the others are to the person who reads them. Pure.

import type { Fault } from "#app/domain/document-reader.ts";
import type { Settings } from "#app/domain/settings.ts";

import type { SettingsActionResult } from "./settings-action.ts";

export type SaveProblem =
  | { readonly kind: "faults"; readonly faults: readonly Fault[] }
  | { readonly kind: "conflict"; readonly current: Settings }
  | { readonly kind: "declined"; readonly scopes: readonly string[] }
  | { readonly kind: "unavailable" | "not_permitted" | "failed" };

export function isSettled(result: SettingsActionResult): result is Extract<SettingsActionResult, { kind: "saved" | "restored" }> {
  return result.kind === "saved" || result.kind === "restored";
}

/** Null: what was asked for was done. */
export function resultProblem(result: SettingsActionResult): SaveProblem | null {
  switch (result.kind) {
    case "saved":
    case "restored":
    case "import_checked":
      return null;
    case "faults":
    case "conflict":
      return result;
    case "unavailable":
    case "not_permitted":
      return { kind: result.kind };
    default:
      // The other answers belong to buttons that have a fetcher of their own.
      return { kind: "failed" };
  }
}

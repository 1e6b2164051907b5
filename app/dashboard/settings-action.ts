// What the forms of the settings are answered. One union, so that each part takes what is its own and no answer is overlooked.

import type { Fault } from "#app/domain/document-reader.ts";
import type { RulesPreview } from "#app/domain/preview-rules.ts";
import type { Settings } from "#app/domain/settings.ts";

import type { DescribedPart } from "./settings-difference.ts";

export type SettingsActionResult =
  | { readonly kind: "saved"; readonly settings: Settings }
  /** An earlier version is in force again, as a new one. */
  | { readonly kind: "restored"; readonly settings: Settings }
  | { readonly kind: "faults"; readonly faults: readonly Fault[] }
  | { readonly kind: "conflict"; readonly current: Settings }
  | { readonly kind: "unavailable" }
  /** The person may not change stock in Shopify, and so not the rules by which it is changed. */
  | { readonly kind: "not_permitted" }
  | { readonly kind: "version_not_found" }
  | { readonly kind: "resumed" | "not_paused" }
  | { readonly kind: "alert_tested"; readonly delivered: boolean; readonly message: string }
  /** Shown this once. */
  | { readonly kind: "secret_made"; readonly secret: string }
  | { readonly kind: "previewed"; readonly preview: RulesPreview; readonly orderCount: number; readonly cut: boolean }
  /** What a file would change; `document` is what saving it sends. */
  | { readonly kind: "import_checked"; readonly document: Settings; readonly differences: readonly DescribedPart[] }
  | { readonly kind: "not_json" }
  /** Where everything can be downloaded for a minute. */
  | { readonly kind: "everything_offered"; readonly address: string }
  /** What Shopify grants right now is on record. */
  | { readonly kind: "permissions_read" }
  | { readonly kind: "not_understood" }
  /** Something that should not happen; it is in the log, and what was typed stays on the page. */
  | { readonly kind: "failed" };

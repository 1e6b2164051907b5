// The words of Stock history and its export that no other page uses. Pure.

import { ANYBODY } from "./queries/change-filter.ts";
import { actorText } from "./terms.ts";

export const HISTORY_MODES = {
  protect: { label: "Protect", meaning: "Changes that Holdfast made, or was about to make." },
  watch: { label: "Watch only", meaning: "Changes that Holdfast would have made. No stock was changed." },
} as const;

export type HistoryMode = keyof typeof HISTORY_MODES;

/** Names of the filters, as the form and the tags say them. */
export const FILTER_NAMES = {
  order: "Order",
  item: "SKU or item",
  state: "State",
  cause: "Cause",
  location: "Location",
  source: "Order source",
  who: "Who acted",
  mode: "Mode",
  why: "Needs review because",
  when: "When",
  from: "From day",
  to: "To day",
  trace: "Trace id",
} as const;

export const WHEN_NAMES: Readonly<Record<string, string>> = { today: "Today", day: "Last 24 hours", week: "Last 7 days", month: "Last 30 days" };

export function whoText(who: string): string {
  return who === ANYBODY ? "Anybody but Holdfast itself" : actorText(who);
}

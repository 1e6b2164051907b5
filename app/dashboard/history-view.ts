// What Stock history says about its filters: the tags of those in use, and what a search left out. Pure.

import type { HistoryFilters } from "./history-filters.ts";
import { historyQueryWithout } from "./history-filters.ts";
import { FILTER_NAMES, HISTORY_MODES, whoText, WHEN_NAMES } from "./history-terms.ts";
import { CAUSES, CHANGE_STATES, REVIEW_REASON_TERMS, sourceText, termFor } from "./terms.ts";

/** What was seen in this shop, to choose from. */
export interface FilterOptions {
  readonly locations: readonly { readonly value: string; readonly label: string }[];
  /** `name:my-channel`; see `sourceText`. */
  readonly sources: readonly string[];
  readonly actors: readonly string[];
}

export interface FilterTag {
  readonly name: keyof HistoryFilters;
  /** "State: Needs review" */
  readonly label: string;
  /** The address without it. */
  readonly without: string;
}

/** Of the filters in use; one that was not understood has its message beside its field instead. */
export function filterTags(filters: HistoryFilters, problems: Readonly<Partial<Record<keyof HistoryFilters, string>>>, options: FilterOptions): FilterTag[] {
  const names = Object.keys(FILTER_NAMES) as (keyof HistoryFilters)[];
  return names
    .filter((name) => filters[name] !== "" && problems[name] === undefined)
    // A period is in the place of days.
    .filter((name) => filters.when === "" || (name !== "from" && name !== "to"))
    .map((name) => ({ name, label: `${FILTER_NAMES[name]}: ${valueText(name, filters[name], options)}`, without: `/app/history${historyQueryWithout(filters, name)}` }));
}

function valueText(name: keyof HistoryFilters, value: string, { locations }: FilterOptions): string {
  switch (name) {
    case "state":
      return value.split(",").map((state) => termFor(CHANGE_STATES, state).label).join(" or ");
    case "cause":
      return termFor(CAUSES, value).label;
    case "mode":
      return termFor(HISTORY_MODES, value).label;
    case "why":
      return termFor(REVIEW_REASON_TERMS, value).label;
    case "when":
      return WHEN_NAMES[value] ?? value;
    case "location":
      return locations.find((location) => location.value === value)?.label ?? `Location ${value}`;
    case "source":
      return sourceText(value);
    case "who":
      return whoText(value);
    case "order":
    case "item":
    case "from":
    case "to":
    case "trace":
      return value;
  }
}

const VAGUE: Readonly<Record<"order" | "item", string>> = {
  order: "More than 200 orders begin so: only 200 of them are searched. Type more of the order's name.",
  item: "More than 200 items match: only 200 of them are searched. Type more of the SKU or title.",
};

export function vagueText(what: "order" | "item"): string {
  return VAGUE[what];
}

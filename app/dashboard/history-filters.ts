// The filters of Stock history as they stand in the address: read for the query, written for links and forms. Pure.

import { readId } from "#app/domain/gid.ts";
import { REVIEW_REASONS } from "#app/domain/review.ts";

import { HISTORY_MODES, type HistoryMode } from "./history-terms.ts";
import {
  CHANGE_CAUSES,
  CHANGE_STATES,
  type ChangeState,
  readChoices,
  readText,
  type ChangeFilter,
  type FilterReading,
} from "./queries/change-filter.ts";
import { endOfNamedDay, HOUR_MS, startOfDay, startOfNamedDay } from "./time-zone.ts";

export const WHEN_CHOICES = ["today", "day", "week", "month"] as const;
export type When = (typeof WHEN_CHOICES)[number];

/** As typed or chosen; an empty text is no filter. */
export interface HistoryFilters {
  readonly order: string;
  readonly item: string;
  readonly state: string;
  readonly cause: string;
  /** Shopify's id. */
  readonly location: string;
  /** As stored: `name:my-channel`. */
  readonly source: string;
  /** As in the audit trail, or `anybody`. */
  readonly who: string;
  readonly mode: string;
  readonly why: string;
  readonly when: string;
  readonly from: string;
  readonly to: string;
  readonly trace: string;
}

export const NO_HISTORY_FILTERS: HistoryFilters = {
  order: "",
  item: "",
  state: "",
  cause: "",
  location: "",
  source: "",
  who: "",
  mode: "",
  why: "",
  when: "",
  from: "",
  to: "",
  trace: "",
};

const NAMES = Object.keys(NO_HISTORY_FILTERS) as (keyof HistoryFilters)[];

export interface HistoryFilterReading {
  /** What the form shows, wrong values included so that they can be corrected. */
  readonly filters: HistoryFilters;
  readonly changeFilter: ChangeFilter;
  /** By field: why its value was not used. */
  readonly problems: Readonly<Partial<Record<keyof HistoryFilters, string>>>;
}

export function readHistoryFilters(query: URLSearchParams, now: Date, timeZone: string): HistoryFilterReading {
  const filters = { ...NO_HISTORY_FILTERS };
  // The form shows what was typed, but never a text long enough to hurt the page.
  for (const name of NAMES) filters[name] = (query.get(name) ?? "").trim().slice(0, 300);
  const problems: Partial<Record<keyof HistoryFilters, string>> = {};
  const take = <Value>(name: keyof HistoryFilters, reading: FilterReading<Value>): Value | undefined => {
    if (reading.kind === "invalid") problems[name] = "This was not understood and is not used.";
    return reading.kind === "value" ? reading.value : undefined;
  };
  const when = take("when", readChoices(filters.when, WHEN_CHOICES))?.[0];
  const from = filters.from === "" ? null : startOfNamedDay(filters.from, timeZone);
  const to = filters.to === "" ? null : endOfNamedDay(filters.to, timeZone);
  if (filters.from !== "" && from === null) problems.from = "Write a day as 2026-11-21.";
  if (filters.to !== "" && to === null) problems.to = "Write a day as 2026-11-21.";
  const since = when === undefined ? from : startOfPeriod(when, now, timeZone);
  const reviewReason = take("why", readChoices(filters.why, REVIEW_REASONS))?.[0];
  // A gid is the same location, and is shown by its name as well.
  filters.location = readId("Location", filters.location) ?? filters.location;
  const location = take("location", readText(filters.location));
  const changeFilter: ChangeFilter = withoutUndefined({
    states: statesOf(take("state", readChoices(filters.state, CHANGE_STATES)), take("mode", readChoices(filters.mode, Object.keys(HISTORY_MODES) as HistoryMode[]))?.[0], reviewReason !== undefined),
    reviewReason,
    cause: take("cause", readChoices(filters.cause, CHANGE_CAUSES))?.[0],
    // What is no id names no location: nothing is found, rather than everything.
    locationId: location,
    sourceKey: take("source", readText(filters.source)),
    actor: take("who", readText(filters.who)),
    orderText: take("order", readText(filters.order)),
    itemText: take("item", readText(filters.item)),
    traceId: take("trace", readText(filters.trace)),
    happenedFrom: since ?? undefined,
    happenedBefore: when === undefined ? (to ?? undefined) : undefined,
  });
  return { filters, changeFilter, problems };
}

/** What all of them allow; an empty list when they exclude each other. */
function statesOf(chosen: readonly ChangeState[] | undefined, mode: HistoryMode | undefined, needsReview: boolean): readonly ChangeState[] | undefined {
  if (chosen === undefined && mode === undefined && !needsReview) return undefined;
  return (chosen ?? CHANGE_STATES).filter((state) => (mode === undefined || (state === "shadow") === (mode === "watch")) && (!needsReview || state === "parked"));
}

export function startOfPeriod(when: When, now: Date, timeZone: string): Date {
  switch (when) {
    case "today":
      return startOfDay(now, timeZone);
    case "day":
      return new Date(now.getTime() - 24 * HOUR_MS);
    case "week":
      return new Date(now.getTime() - 7 * 24 * HOUR_MS);
    case "month":
      return new Date(now.getTime() - 30 * 24 * HOUR_MS);
  }
}

/** `?state=parked&when=today`, or an empty text; in the order of the form, so that equal filters give equal addresses. */
export function historyQuery(filters: Partial<HistoryFilters>, page?: { readonly older?: string; readonly newer?: string }): string {
  const query = new URLSearchParams();
  for (const name of NAMES) {
    const value = filters[name];
    if (value !== undefined && value !== "") query.set(name, value);
  }
  if (page?.older !== undefined) query.set("older", page.older);
  if (page?.newer !== undefined) query.set("newer", page.newer);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** The address without one of the filters; without a period, its days stay. */
export function historyQueryWithout(filters: HistoryFilters, name: keyof HistoryFilters): string {
  return historyQuery({ ...filters, [name]: "" });
}

function withoutUndefined<Value extends object>(value: { [Key in keyof Value]: Value[Key] | undefined }): Value {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Value;
}

// What was prevented, as Home lists it: only what is measured, each with its evidence. Pure.

import type { ActivitySums } from "./activity-sums.ts";
import { PREVENTED_TERMS, type PreventedKind } from "./home-terms.ts";
import type { MissedOrdersFound } from "./queries/missed-orders.server.ts";
import type { FoundIncidents } from "./queries/prevented.server.ts";

export interface PreventedLine {
  readonly kind: PreventedKind;
  readonly label: string;
  readonly meaning: string;
  readonly term: string;
  readonly today: number;
  readonly week: number;
  readonly url: string;
  /** Where those of today are listed by themselves; null: only with the others. */
  readonly todayUrl: string | null;
}

export interface PreventedInput {
  readonly today: Pick<ActivitySums, "orderDuplicatesStopped" | "lostAnswers">;
  readonly week: Pick<ActivitySums, "orderDuplicatesStopped" | "lostAnswers">;
  readonly found: FoundIncidents;
  readonly missed: Pick<MissedOrdersFound, "count" | "todayCount">;
  /** A checkout asks for holds here: otherwise there was nobody to refuse. */
  readonly holdsUsed: boolean;
  readonly mode: "observe" | "enforce";
}

const URLS: Readonly<Record<PreventedKind, string>> = {
  duplicates: "/app/history/notifications?duplicated=yes&about=orders",
  missed: "/app/prevented#missed",
  answers: "/app/prevented#answers",
  holds: "/app/holds?span=week",
  overwrites: "/app/overwritten?show=all",
  doubled: "/app/mismatches?show=all",
};

const TODAY_URLS: Readonly<Partial<Record<PreventedKind, string>>> = {
  duplicates: "/app/history/notifications?when=today&duplicated=yes&about=orders",
  holds: "/app/holds",
};

/** What cannot happen here is left out: calls and their answers while Holdfast only watches, holds where no checkout asks for any. */
export function preventedLines({ today, week, found, missed, holdsUsed, mode }: PreventedInput): PreventedLine[] {
  const calls = mode === "enforce" || week.lostAnswers > 0 || found.week.doubledCalls > 0;
  return [
    line("duplicates", today.orderDuplicatesStopped, week.orderDuplicatesStopped),
    line("missed", missed.todayCount, missed.count),
    ...(calls ? [line("answers", today.lostAnswers, week.lostAnswers)] : []),
    ...(holdsUsed ? [line("holds", found.today.refusedHolds, found.week.refusedHolds)] : []),
    line("overwrites", found.today.overwrites, found.week.overwrites),
    ...(calls ? [line("doubled", found.today.doubledCalls, found.week.doubledCalls)] : []),
  ];
}

function line(kind: PreventedKind, today: number, week: number): PreventedLine {
  return { kind, ...PREVENTED_TERMS[kind], today, week, url: URLS[kind], todayUrl: TODAY_URLS[kind] ?? null };
}

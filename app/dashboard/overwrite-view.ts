// How an overwrite is told: what happened in sentences, the rhythm of whoever writes there, and where to look for them. Pure.

import { formatCount, formatDuration, formatExact, formatQuantity, plural } from "./formatting.ts";
import { OVERWRITE_VIEWS, type OverwriteView } from "./problem-terms.ts";

export function readOverwriteView(text: string | null): OverwriteView {
  return OVERWRITE_VIEWS.find((view) => view === text) ?? "open";
}

export interface ListAddress {
  readonly older?: string;
  readonly newer?: string;
  /** Only one item's; decimal. */
  readonly item?: string;
}

/** `/app/overwritten?show=all&item=1&older=…` */
export function overwrittenUrl(view: OverwriteView, page: ListAddress = {}): string {
  const query = new URLSearchParams({ ...(view === "open" ? {} : { show: view }), ...page }).toString();
  return `/app/overwritten${query === "" ? "" : `?${query}`}`;
}

interface Overwrite {
  readonly at: Date;
  readonly valueBefore: number;
  readonly valueWritten: number;
  readonly sameAsAt: Date;
  readonly unitsAtRisk: number;
}

/** What happened, one sentence a step. */
export function overwriteStory({ at, valueBefore, valueWritten, sameAsAt, unitsAtRisk }: Overwrite, timeZone: string): readonly string[] {
  const same = formatQuantity(valueWritten);
  return [
    `Until ${formatExact(sameAsAt, timeZone)} the number was ${same}.`,
    `Then ${plural(unitsAtRisk, "unit")} ${unitsAtRisk === 1 ? "was" : "were"} taken, and ${formatQuantity(valueBefore)} ${valueBefore === 1 ? "was" : "were"} left.`,
    `At ${formatExact(at, timeZone)} another app or a person wrote ${same} again. Whoever it was had read the number before and knew nothing of what was taken since.`,
    `${unitsAtRisk === 1 ? "1 unit that is sold is" : `${formatCount(unitsAtRisk)} units that are sold are`} on sale again.`,
  ];
}

/** Foreign writes that a page lists; the rhythm of a writer shows in fewer. */
export const FOREIGN_WRITES_MAX = 25;

/** Writes closer to each other than this are one. */
const SAME_WRITE_MS = 60_000;
/** Gaps from which a rhythm is read at least. */
const GAPS_MIN = 3;
/** A timer is late by its own work, and an unchanged number leaves a gap of several beats. */
const TOLERANCE = 0.12;
const BEATS_MAX = 6;

/** The interval of somebody who writes by a timer, ms; null where the times show none. */
export function writerRhythmMs(times: readonly Date[]): number | null {
  const sorted = times.map((at) => at.getTime()).toSorted((a, b) => a - b);
  const moments = sorted.filter((ms, index) => index === 0 || ms - (sorted[index - 1] ?? 0) >= SAME_WRITE_MS);
  const gaps = moments.slice(1).map((ms, index) => ms - (moments[index] ?? 0));
  if (gaps.length < GAPS_MIN) return null;
  const ordered = gaps.toSorted((a, b) => a - b);
  // A low one of the gaps is the beat, if there is one: those of several beats lie above it.
  const beat = ordered[Math.floor(ordered.length / 3)] ?? 0;
  const beats = gaps.map((gap) => Math.max(1, Math.round(gap / beat)));
  const fits = gaps.every((gap, index) => (beats[index] ?? 1) <= BEATS_MAX && Math.abs(gap - (beats[index] ?? 1) * beat) <= TOLERANCE * beat * (beats[index] ?? 1));
  const single = beats.filter((count) => count === 1).length;
  if (!fits || single * 2 < gaps.length) return null;
  return gaps.reduce((sum, gap) => sum + gap, 0) / beats.reduce((sum, count) => sum + count, 0);
}

/** So many other items at once are nobody's few products. */
const WHOLE_LIST_MIN = 5;

export interface WriterFacts {
  readonly timesLastDay: number;
  readonly rhythmMs: number | null;
  /** Other items that were overwritten in the same minute. */
  readonly othersAtOnce: number;
}

/** Who it may have been, and where to look: the likeliest first. */
export function writerAdvice({ timesLastDay, rhythmMs, othersAtOnce }: WriterFacts): readonly string[] {
  const signs: string[] = [];
  if (rhythmMs !== null) {
    signs.push(
      `Numbers from outside come here about every ${formatDuration(Math.max(60_000, Math.round(rhythmMs / 60_000) * 60_000))}. Apps that synchronise by a timer write like this: look for a stock, accounting or marketplace integration with that interval.`,
    );
  }
  if (othersAtOnce > 0) {
    const together = othersAtOnce >= WHOLE_LIST_MIN ? "A whole list was written at once, as an import or a full synchronisation does." : "Several numbers were written together: by an import, a synchronisation, or a person with a list.";
    signs.push(`${plural(othersAtOnce, "other item")} ${othersAtOnce === 1 ? "was" : "were"} overwritten in the same minute. ${together}`);
  }
  if (signs.length === 0) {
    signs.push(
      timesLastDay <= 1
        ? "It happened here once in a day, and to nothing else in the same minute. A person does this who saves a product page that has been open for a while, or imports a file that was exported earlier."
        : `It happened here ${timesLastDay} times in a day, at no steady interval. An integration that writes after each of its own sales does this, and so does a person who works from a list.`,
    );
  }
  return signs;
}

// Numbers and times as merchants read them. Put together from parts, so that server and browser write the very same text. Pure.

import { BACKLOG_COUNT_MAX } from "./limits.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** 12345 → "12,345". */
export function formatCount(count: number): string {
  return count.toString().replace(/\B(?=([0-9]{3})+$)/g, ",");
}

/** A backlog that was counted up to a limit: 10000 → "10,000+". */
export function formatCapped(count: number): string {
  return count >= BACKLOG_COUNT_MAX ? `${formatCount(BACKLOG_COUNT_MAX)}+` : formatCount(count);
}

/** A signed quantity with a real minus sign: 3 → "+3", −2 → "−2". */
export function formatDelta(delta: number): string {
  return delta < 0 ? `−${formatCount(-delta)}` : `+${formatCount(delta)}`;
}

/** A stock level, which may be negative. */
export function formatQuantity(quantity: number | null): string {
  if (quantity === null) return "not known";
  return quantity < 0 ? `−${formatCount(-quantity)}` : formatCount(quantity);
}

/** What Shopify calls the only variant of a product that has no options; it says nothing to anybody. */
const UNNAMED_VARIANT = / - Default Title$/;

/** A variant's title as Shopify composes it, without what says nothing. */
export function formatItemName(title: string | null): string | null {
  return title?.replace(UNNAMED_VARIANT, "") ?? null;
}

/** "just now", "14 minutes ago", "3 hours ago", "2 days ago"; a time ahead of `nowMs` (another clock) counts as now. */
export function formatRelative(atMs: number, nowMs: number): string {
  const ageMs = nowMs - atMs;
  if (ageMs < MINUTE_MS) return "just now";
  return `${formatDuration(ageMs)} ago`;
}

/** "just now, 14:05:09" by the shop's clock within the last hour; further back as `formatRelative`. */
export function formatRecent(at: Date, nowMs: number, timeZone: string): string {
  const relative = formatRelative(at.getTime(), nowMs);
  if (nowMs - at.getTime() >= HOUR_MS) return relative;
  const part = partsOf(at, timeZone);
  return `${relative}, ${part("hour")}:${part("minute")}:${part("second")}`;
}

/** The largest whole unit: "45 seconds", "1 minute", "5 hours", "12 days". */
export function formatDuration(durationMs: number): string {
  if (durationMs < MINUTE_MS) return plural(Math.max(0, Math.floor(durationMs / 1000)), "second");
  if (durationMs < HOUR_MS) return plural(Math.floor(durationMs / MINUTE_MS), "minute");
  if (durationMs < DAY_MS) return plural(Math.floor(durationMs / HOUR_MS), "hour");
  return plural(Math.floor(durationMs / DAY_MS), "day");
}

/** Short and exact, for steps that take milliseconds: "240 ms", "3.1 s", "2 minutes". */
export function formatElapsed(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.max(0, Math.round(durationMs))} ms`;
  if (durationMs < MINUTE_MS) return `${(durationMs / 1_000).toFixed(1)} s`;
  return formatDuration(durationMs);
}

/** "21 Nov 2026, 14:05:09" by the shop's clock. */
export function formatExact(at: Date, timeZone: string): string {
  const part = partsOf(at, timeZone);
  return `${part("day")} ${part("month")} ${part("year")}, ${part("hour")}:${part("minute")}:${part("second")}`;
}

/** "21 Nov, 14:00" by the shop's clock. */
export function formatHour(at: Date, timeZone: string): string {
  const part = partsOf(at, timeZone);
  return `${part("day")} ${part("month")}, ${part("hour")}:${part("minute")}`;
}

/** "14:00" by the shop's clock. */
export function formatTimeOfDay(at: Date, timeZone: string): string {
  const part = partsOf(at, timeZone);
  return `${part("hour")}:${part("minute")}`;
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : nouns}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a DateTimeFormat costs more than using it; one per zone is kept. */
function partsOf(at: Date, timeZone: string): (type: Intl.DateTimeFormatPartTypes) => string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB-u-hc-h23", { timeZone, day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(at).map((part) => [part.type, part.value]));
  return (type) => parts.get(type) ?? "";
}

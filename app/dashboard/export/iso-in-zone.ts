// Times for spreadsheets and programs: ISO 8601 by a shop's clock, with its distance from UTC. Pure.

import { zoneOffsetMs } from "../time-zone.ts";

/** Clocks are changed on quarter hours of UTC, so within one the distance stays. */
const QUARTER_HOUR_MS = 900_000;

/** "2026-11-21T15:05:09+01:00". Remembers the distance, which costs more to find out than all the rest: rows of an export are close in time. */
export function isoClock(timeZone: string): (at: Date) => string {
  let quarter = Number.NaN;
  let offsetMs = 0;
  return (at) => {
    const now = Math.floor(at.getTime() / QUARTER_HOUR_MS);
    if (now !== quarter) [quarter, offsetMs] = [now, zoneOffsetMs(at, timeZone)];
    const wall = new Date(at.getTime() + offsetMs).toISOString().slice(0, 19);
    const minutes = Math.abs(Math.round(offsetMs / 60_000));
    return `${wall}${offsetMs < 0 ? "-" : "+"}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
  };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

// Days and hours as the shop's clock shows them. Pure.

const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** The zone itself when this runtime knows it, else UTC: a shop with an unknown zone still gets its numbers. */
export function knownTimeZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone === "" ? "UTC" : timeZone;
  } catch {
    return "UTC";
  }
}

/** Milliseconds that the zone's wall clock is ahead of UTC at `instant`. */
export function zoneOffsetMs(instant: Date, timeZone: string): number {
  const parts = new Map(
    new Intl.DateTimeFormat("en-US-u-hc-h23", { timeZone, year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" })
      .formatToParts(instant)
      .map((part) => [part.type, Number(part.value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return wall - Math.floor(instant.getTime() / 1000) * 1000;
}

/** The instant at which the zone's wall clock shows `wallMs` (read as if UTC). In the hour that is skipped it is the moment of the jump's end. */
function instantOfWall(wallMs: number, timeZone: string): Date {
  // The offset is not known before the instant is: two rounds settle it on either side of a change of the clocks.
  const guess = wallMs - zoneOffsetMs(new Date(wallMs), timeZone);
  return new Date(wallMs - zoneOffsetMs(new Date(guess), timeZone));
}

/** Midnight, by the zone's clock, of the day that `instant` lies in. */
export function startOfDay(instant: Date, timeZone: string): Date {
  const wallMs = instant.getTime() + zoneOffsetMs(instant, timeZone);
  return instantOfWall(wallMs - (((wallMs % DAY_MS) + DAY_MS) % DAY_MS), timeZone);
}

/** Midnight of a day written `2026-11-21`, or null when it is none. */
export function startOfNamedDay(day: string, timeZone: string): Date | null {
  // In this century and its neighbours, as shops have them: zones' tables and PostgreSQL's drivers fail at the ends of time.
  if (!/^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$/.test(day)) return null;
  const wallMs = Date.parse(`${day}T00:00:00Z`);
  // `2026-02-31` parses as nothing or as another day; both are refused.
  if (Number.isNaN(wallMs) || new Date(wallMs).toISOString().slice(0, 10) !== day) return null;
  return instantOfWall(wallMs, timeZone);
}

/** Midnight after a day written `2026-11-21`: the end of a range that includes it. */
export function endOfNamedDay(day: string, timeZone: string): Date | null {
  if (startOfNamedDay(day, timeZone) === null) return null;
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
  return startOfNamedDay(next, timeZone);
}

/** Start of the hour, by the zone's clock: zones with half hours have their hours begin at :30 of UTC. */
export function startOfHour(instant: Date, timeZone: string): Date {
  const offsetMs = zoneOffsetMs(instant, timeZone);
  return new Date(Math.floor((instant.getTime() + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs);
}

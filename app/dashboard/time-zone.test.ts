// Days and hours by the shop's clock, also when the clocks change.
import { describe, expect, it } from "vitest";

import { endOfNamedDay, knownTimeZone, startOfDay, startOfHour, startOfNamedDay } from "./time-zone.ts";

const iso = (date: Date | null) => date?.toISOString() ?? null;

describe("startOfDay", () => {
  it.each([
    ["2026-11-21T14:05:09Z", "UTC", "2026-11-21T00:00:00.000Z"],
    ["2026-11-21T03:00:00Z", "America/New_York", "2026-11-20T05:00:00.000Z"],
    ["2026-11-21T18:45:00Z", "Asia/Kathmandu", "2026-11-21T18:15:00.000Z"],
    ["2026-03-29T12:00:00Z", "Europe/Berlin", "2026-03-28T23:00:00.000Z"],
    ["2026-10-25T22:59:59Z", "Europe/Berlin", "2026-10-24T22:00:00.000Z"],
    ["2026-10-25T23:00:00Z", "Europe/Berlin", "2026-10-25T23:00:00.000Z"],
  ])("of %s in %s is %s", (instant, zone, expected) => {
    expect(iso(startOfDay(new Date(instant), zone))).toBe(expected);
  });
});

describe("named days", () => {
  it("lasts 23 hours when the clocks go forward", () => {
    expect(iso(startOfNamedDay("2026-03-29", "Europe/Berlin"))).toBe("2026-03-28T23:00:00.000Z");
    expect(iso(endOfNamedDay("2026-03-29", "Europe/Berlin"))).toBe("2026-03-29T22:00:00.000Z");
  });

  it.each(["2026-02-31", "2026-13-01", "21.11.2026", "", "2026-11-21T00:00", "0000-00-00", "99999-01-01"])("does not read %j as a day", (day) => {
    expect(startOfNamedDay(day, "UTC")).toBeNull();
    expect(endOfNamedDay(day, "UTC")).toBeNull();
  });
});

describe("other", () => {
  it("begins an hour at :30 of UTC where the zone does", () => {
    expect(iso(startOfHour(new Date("2026-11-21T14:05:09Z"), "Asia/Kolkata"))).toBe("2026-11-21T13:30:00.000Z");
  });

  it("counts in UTC for a zone that nobody knows", () => {
    expect([knownTimeZone("Mars/Olympus"), knownTimeZone(""), knownTimeZone("Europe/Berlin")]).toEqual(["UTC", "UTC", "Europe/Berlin"]);
  });
});

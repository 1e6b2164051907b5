// Times in exports.
import { describe, expect, it } from "vitest";

import { isoClock } from "./iso-in-zone.ts";

describe("isoClock", () => {
  it.each([
    ["Europe/Berlin", "2026-11-21T14:05:09.900Z", "2026-11-21T15:05:09+01:00"],
    ["America/St_Johns", "2026-11-21T14:05:09Z", "2026-11-21T10:35:09-03:30"],
    ["Asia/Kathmandu", "2026-11-21T20:05:09Z", "2026-11-22T01:50:09+05:45"],
    ["UTC", "2026-11-21T14:05:09Z", "2026-11-21T14:05:09+00:00"],
  ])("writes the time of %s with its distance from UTC", (zone, at, text) => {
    expect(isoClock(zone)(new Date(at))).toBe(text);
  });

  it("follows the change of the clocks, forwards and back", () => {
    const clock = isoClock("Europe/Berlin");
    const texts = ["2026-10-25T00:59:59Z", "2026-10-25T01:00:00Z", "2026-10-25T00:59:59Z"].map((at) => clock(new Date(at)));
    expect(texts).toEqual(["2026-10-25T02:59:59+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:59:59+02:00"]);
  });
});

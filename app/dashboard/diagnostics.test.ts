// What a merchant copies when something is wrong.
import { describe, expect, it } from "vitest";

import { diagnosticsText, type DiagnosticsInput } from "./diagnostics.ts";

const AT = new Date("2026-11-21T14:05:09Z");
const INPUT: DiagnosticsInput = {
  appVersion: "1.2.3",
  apiVersion: "2026-10",
  shop: "acme.myshopify.com",
  epoch: 2,
  installedAt: AT,
  mode: "enforce",
  settingsVersion: 7,
  scopes: ["read_orders", "write_inventory"],
  timeZone: "Europe/Vienna",
  personMayChangeStock: true,
  facts: {
    lastNotificationAt: AT,
    lastAppliedAt: null,
    lastCheckAt: null,
    notificationsWaiting: 10_000,
    changesWaiting: 3,
    changesParked: 1,
    oversellsOpen: 2,
    overwritesOpen: 0,
    mismatchesOpen: 4,
    pushesParked: 0,
    alertsFailed: 5,
    sourcesPaused: 0,
    signals: [{ kind: "webhook_lag", figure: 12.5 }],
  },
  now: AT,
};

describe("the diagnostics", () => {
  it("say on one line each what whoever helps asks first", () => {
    const text = diagnosticsText(INPUT);
    expect(text.split("\n").every((line) => /^[a-z ]+: \S/.test(line))).toBe(true);
    for (const part of ["holdfast: 1.2.3, Admin API 2026-10", "mode: enforce, settings version 7", "scopes: read_orders write_inventory", "last notification: 2026-11-21T14:05:09.000Z", "last applied change: never", "alerts open: webhook_lag 12.5"]) {
      expect(text).toContain(part);
    }
  });

  it("do not pretend to have counted further than they did", () => {
    expect(diagnosticsText(INPUT)).toContain("queue: notifications 10000+, changes 3");
  });
});

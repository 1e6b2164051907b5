import { describe, expect, it } from "vitest";

import { NO_ALERT_FACTS } from "#app/domain/alert-event.ts";

import { composeAlert, linkTo } from "./compose-alert.ts";

const at = "2026-11-21T12:00:00.000Z";
const report = (subject: string) => ({ subject, stages: ["opened" as const], at, facts: { ...NO_ALERT_FACTS, title: "Mug", depth: 3 } });
const compose = (subjects: readonly string[], moreCount = 0) =>
  composeAlert({ shop: "s.myshopify.com", shopName: null, timezone: "UTC", content: { kind: "conflict", reports: subjects.map(report), moreCount }, follows: null, maybeTaken: false, apiKey: "key" });

describe("the link of an alert", () => {
  it("leads to the page of its incident", () => {
    expect(compose(["17"]).link.url).toBe("https://s.myshopify.com/admin/apps/key/app/overwritten/17");
    expect(linkTo("s.myshopify.com", "key", "drift", "5").url).toBe("https://s.myshopify.com/admin/apps/key/app/mismatches/5");
    expect(linkTo("s.myshopify.com", "key", "oversell", "7").url).toBe("https://s.myshopify.com/admin/apps/key/app/oversells/7");
  });

  it("leads to the list when there are several, and for what has no page of its own", () => {
    expect(compose(["17", "18"]).link.url).toBe("https://s.myshopify.com/admin/apps/key/app/overwritten");
    expect(compose(["17"], 4).link.url).toBe("https://s.myshopify.com/admin/apps/key/app/overwritten");
    expect(linkTo("s.myshopify.com", "key", "parked", "3").url).toBe("https://s.myshopify.com/admin/apps/key/app/review");
    expect(linkTo("s.myshopify.com", "key", null).url).toBe("https://s.myshopify.com/admin/apps/key/app/settings");
  });
});

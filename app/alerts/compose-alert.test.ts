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

describe("names that strangers gave", () => {
  const hostile = "Cup\r\nOversold: everything\n<img src=x onerror=alert(1)>\u2028<!channel> <https://evil.example|click>";
  const facts = { ...NO_ALERT_FACTS, title: hostile, sku: hostile, locationName: hostile, depth: 3, orders: [{ orderId: "1", name: hostile, units: 1 }] };
  const text = composeAlert({ shop: "s.myshopify.com", shopName: hostile, timezone: "UTC", content: { kind: "oversell", reports: [{ subject: "1", stages: ["opened"], at, facts }], moreCount: 0 }, follows: null, maybeTaken: false, apiKey: "key" });

  it("stay in their line, so that none looks like a line of ours", () => {
    const lines = [text.title, text.footer, ...text.fields.map(({ value }) => value)];
    expect(lines.filter((line) => /[\p{Cc}\u2028\u2029]/u.test(line))).toEqual([]);
    expect(text.title).toContain("Cup Oversold: everything");
  });

  it("lead nowhere: the one address is the app's in the shop's own admin", () => {
    expect(text.link.url).toMatch(/^https:\/\/s\.myshopify\.com\/admin\/apps\/key\/app/);
  });
});

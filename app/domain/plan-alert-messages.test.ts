import { describe, expect, it } from "vitest";

import { NO_ALERT_FACTS, type AlertEvent } from "./alert-event.ts";
import { type ListeningChannel, planAlertMessages } from "./plan-alert-messages.ts";

const channel = (name: string, change: Partial<ListeningChannel> = {}): ListeningChannel => ({ channel: name, kind: "webhook", target: name, quietMinutes: 0, on: ["drift", "oversell"], threshold: {}, ...change });
const event = (change: Partial<AlertEvent> = {}) => ({ kind: "drift" as const, stage: "opened" as const, facts: { ...NO_ALERT_FACTS, depth: -3 }, ...change });
const chosen = (...parameters: Parameters<typeof planAlertMessages>) => planAlertMessages(...parameters).map((one) => one.channel);

describe("who is told", () => {
  it("are those who listen to the kind, each address once", () => {
    expect(chosen(event(), [channel("a"), channel("a"), channel("b", { on: ["parked"] })], new Set())).toEqual(["a"]);
  });

  it("are those whose threshold is reached, whatever the sign", () => {
    expect(chosen(event(), [channel("a", { threshold: { driftUnits: 4 } }), channel("b", { threshold: { driftUnits: 3 } })], new Set())).toEqual(["b"]);
  });

  it("hear every later stage once they were told, below the threshold too", () => {
    const small = event({ stage: "changed:1", facts: { ...NO_ALERT_FACTS, depth: 1 } });
    expect(chosen(small, [channel("a", { threshold: { driftUnits: 3 } })], new Set(["a"]))).toEqual(["a"]);
  });

  it("never hear of the mere end of something they did not know", () => {
    expect(chosen(event({ stage: "closed" }), [channel("a"), channel("b")], new Set(["b"]))).toEqual(["b"]);
  });

  it("include Shopify Flow when an oversell opens, and not when stock only has to be moved", () => {
    const oversell = (kind: string) => event({ kind: "oversell", facts: { ...NO_ALERT_FACTS, depth: 1, detail: { kind } } });
    expect(chosen(oversell("oversold"), [], new Set())).toEqual(["flow"]);
    expect(chosen(oversell("move_stock"), [], new Set())).toEqual([]);
    expect(chosen({ ...oversell("oversold"), stage: "closed" }, [], new Set(["flow"]))).toEqual([]);
  });
});

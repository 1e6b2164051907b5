import { describe, expect, it } from "vitest";

import { type OversellStoryInput, tellOversell } from "./oversell-story.ts";
import type { StockPoint } from "./queries/stock-over-time.server.ts";

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 12, 0, second));
const point = (id: number, second: number, available: number | null, verdict: string | null = "shopify_order"): StockPoint => ({ id: BigInt(id), at: at(second), available, delta: null, seenBy: "notification", verdict, foreignDelta: null });

const incident = { openedAt: at(30), closedAt: null, closeReason: null, depth: 1 };
const nothing: OversellStoryInput = { events: { deliveries: [], changes: [], audit: [], stages: [] }, points: [], authors: [], incident };
const tell = (over: Partial<OversellStoryInput["events"]>, more: Partial<OversellStoryInput> = {}) => tellOversell({ ...nothing, ...more, events: { ...nothing.events, ...over } });

describe("the time line of an oversell", () => {
  it("puts what comes from everywhere into one order of time", () => {
    const steps = tell(
      {
        deliveries: [{ id: 1n, topic: "orders/create", orderId: "9", orderName: "#9", triggeredAt: at(10), receivedAt: at(12), state: "processed", duplicates: 2 }],
        audit: [{ id: 4n, at: at(50), kind: "oversell_handled", actor: "staff:7", orderId: null, note: "Called", reason: null }],
        stages: [
          { id: 2n, at: at(31), stage: "opened", depth: 1, told: [{ channel: "slack", state: "sent", at: at(33).toISOString() }, { channel: "email", state: "waiting", at: null }] },
          { id: 3n, at: at(40), stage: "changed:1", depth: 2, told: [] },
        ],
      },
      { points: [point(1, 5, 1), point(2, 11, 0), point(3, 20, -1)], authors: [{ observationId: 3n, orders: [{ orderId: "9", name: "#9" }] }] },
    );
    expect(steps.map(({ title }) => title)).toEqual([
      "Available 1 → 0",
      "Notification received: Order placed, #9",
      "Available 0 → −1",
      "Holdfast found that more is promised than there is: 1 unit",
      "You were told by Slack",
      "Now 2 units too many",
      "Oversold stock marked as handled",
    ]);
    expect(steps[1]?.text).toBe("2.0 s after it happened in Shopify. It came 3 times; only the first counted.");
    expect(steps[2]?.text).toBe("−1. Told by Shopify. Changed by: Shopify, for an order (#9).");
    expect(steps[6]).toMatchObject({ text: "By Staff member 7.", facts: [{ name: "Note", value: "Called" }] });
  });

  it("knows its opening and its end, also when the record of its stages is gone", () => {
    const steps = tell({}, { incident: { ...incident, closedAt: at(59), closeReason: "moved" } });
    expect(steps.map(({ title, at: moment }) => [title, moment])).toEqual([
      ["Holdfast found that more is promised than there is", at(30)],
      ["Over", at(59)],
    ]);
    expect(steps[1]?.text).toBe("Stock was moved here from another location.");
  });

  it("tells a change from its decision over each try to Shopify's answer", () => {
    const attempts = [
      { number: 1, outcome: "unknown", sentAt: at(21).toISOString(), finishedAt: at(23).toISOString() },
      { number: 2, outcome: "applied", sentAt: at(24).toISOString(), finishedAt: at(25).toISOString() },
    ];
    const change = { id: 5n, orderId: "9", orderName: "#9", cause: "order", quantityName: "available", delta: -2, state: "applied", reason: null, acceptedAt: at(19), createdAt: at(20), finishedAt: at(25), before: 1, after: -1, attempts };
    const steps = tell({ changes: [change] }).filter(({ key }) => key.startsWith("change-"));
    expect(steps.map(({ title, text }) => [title, text])).toEqual([
      ["Holdfast decided: −2, #9", "Order placed."],
      ["Sent to Shopify: No answer", "−2, #9. Answered after 2.0 s. It may or may not have taken effect; the same key makes asking again safe."],
      ["Sent to Shopify, try 2: Shopify applied it", "−2, #9. Answered after 1.0 s. Available 1 → −1."],
    ]);
    expect(steps[0]?.facts).toEqual([{ name: "Change", value: "Its whole way, with key and answer", url: "/app/history/5" }]);
    const parked = tell({ changes: [{ ...change, state: "parked", reason: "unknown_variant", attempts: [], finishedAt: at(26) }] }).filter(({ key }) => key.startsWith("change-"));
    expect(parked.map(({ title }) => title)).toEqual(["Holdfast decided: −2, #9", "Needs review: −2, #9"]);
  });

  it("says nothing of numbers that did not move, and warns of those that others wrote", () => {
    const steps = tell({}, { points: [point(1, 1, 3), point(2, 2, 3), point(3, 3, 7, "another_writer"), point(4, 4, null, null)] }).filter(({ key }) => key.startsWith("seen-"));
    expect(steps.map(({ title, tone, text }) => [title, tone, text])).toEqual([
      ["Available 3 → 7", "warning", "+4. Told by Shopify. Changed by: Another app or a person."],
      ["Available 7 → not stocked", undefined, "Told by Shopify. Changed by: Not judged yet."],
    ]);
  });

  it("says why a hold was refused", () => {
    const [, step] = tell({ audit: [{ id: 4n, at: at(50), kind: "fulfilment_hold_failed", actor: "holdfast", orderId: "9", note: null, reason: "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED" }] });
    expect(step).toMatchObject({ title: "Fulfilment could not be put on hold", tone: "warning" });
    expect(step?.text).toBe("By Holdfast. This order has as many holds as Shopify allows. Release one of them in Shopify first.");
  });
});

// The probe against the simulator: it agrees with itself, says so when an assumption is turned the other way, and leaves nothing behind.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readFidelity } from "../fidelity/rules.ts";
import { SHOP, startTestApp } from "../testing/running-simulator.ts";
import type { TestApp } from "../testing/running-simulator.ts";
import { createAdminClient } from "./admin-client.ts";
import { createOrderPace } from "./bench.ts";
import { NOT_ASKED } from "./not-asked.ts";
import { recordingProbes } from "./recording-probes.ts";
import { PROBES, planProbes, runProbes } from "./run-probes.ts";
import type { RecordedRequest } from "../webhooks/recording.ts";

const { rules, apiVersion } = readFidelity();
const SCOPES = ["read_orders", "read_products", "read_inventory", "read_locations", "write_products", "write_order_edits"];

let app: TestApp;
/** The simulator's own clock: pauses pass on it. */
let nowMs: number;
const pause = async (ms: number) => {
  nowMs += ms;
  app.simulator.control.setClock({ advanceMs: ms });
  await app.simulator.control.settleBulk();
};

beforeAll(async () => {
  app = await startTestApp({ scopes: SCOPES }, { plan: "standard" });
});
afterAll(() => app.simulator.close());
beforeEach(() => {
  nowMs = Date.now();
  // Every run begins with a full bucket.
  app.simulator.control.setClock({ advanceMs: 60_000 });
});

const run = (only?: string[], recording?: RecordedRequest[]) => {
  const client = createAdminClient({ shop: SHOP, token: app.token, apiVersion, originOverride: app.simulator.origin, pause });
  return runProbes({ client, rules, only, recording, pause, nowMs: () => nowMs, say: () => undefined });
};
const remains = () => ({ levels: app.simulator.control.levels(SHOP), orders: app.simulator.control.orders(SHOP) });

describe("the probes", () => {
  it("ask every assumed rule, or say why one cannot be asked", () => {
    const assumed = rules.filter(({ status }) => status === "assumed").map(({ id }) => id);
    const known = [...PROBES.map(({ rule }) => rule), ...recordingProbes.map(({ rule }) => rule), ...Object.keys(NOT_ASKED)];
    expect(known.toSorted()).toEqual(assumed.toSorted());
    expect(new Set(known).size).toBe(known.length);
  });

  it("agree with the simulator as it is, and take away what they made", async () => {
    app.simulator.control.setLatency({ graphqlMs: 5 });
    const before = remains();
    const { findings, left, ok } = await run(PROBES.map(({ rule }) => rule));
    expect(findings.filter(({ verdict }) => verdict !== "agrees")).toEqual([]);
    expect({ ok, left, count: findings.length }).toEqual({ ok: true, left: [], count: PROBES.length });
    expect(remains()).toEqual(before);
  }, 60_000);

  it.each([
    ["key-honoured", "keysHonoured", false],
    ["key-before-content", "noOpBindsKey", false],
    ["replay-quantities", "replayShowsPresent", true],
    ["key-user-errors", "userErrorsUnderKey", "replayed"],
    ["key-user-errors", "userErrorsUnderKey", "previous_attempt_failed"],
    ["batch-all-or-nothing", "failingBatchIsAllOrNothing", false],
    ["unstocked-location", "unstockedLocation", "refuse"],
    ["bypass-restock", "shopifyRestocksBypassed", true],
    ["bypass-fulfilment", "fulfilBypassedLowersOnHand", true],
    ["bypass-edit", "editOfBypassedMovesStock", true],
    ["edit-refund", "editRemovalMakesRefund", false],
    ["unique-metafields", "uniqueMetafieldsHonoured", false],
    ["throttled-status", "throttledStatus", 429],
    ["bulk-limit-code", "bulkLimitCode", "OPERATION_IN_PROGRESS"],
  ])("say so when a shop does otherwise: %s, %s = %s", async (rule, assumption, value) => {
    app.simulator.control.setLatency({ graphqlMs: rule === "throttled-status" ? 5 : 0 });
    const before = app.simulator.control.assumptions();
    app.simulator.control.setAssumptions({ [assumption]: value });
    const { findings, ok } = await run([rule]);
    app.simulator.control.setAssumptions({ ...before });
    expect(findings).toMatchObject([{ rule, verdict: "differs", saw: value }]);
    expect(ok).toBe(false);
  });

  it.each([
    ["search-lag", "searchLagMs"],
    ["identifier-lag", "identifierLagMs"],
  ])("measure how late an order is found: %s", async (rule, assumption) => {
    app.simulator.control.setAssumptions({ [assumption]: 5_000 });
    const { findings } = await run([rule]);
    app.simulator.control.setAssumptions({ [assumption]: 0 });
    expect(findings).toMatchObject([{ rule, verdict: "differs", saw: 5_000 }]);
  });

  it("ask nothing that is not an assumed rule", async () => {
    await expect(run(["wishful"])).rejects.toThrow("wishful is no assumed rule");
    expect(planProbes(rules, ["reasons"])).toMatchObject([{ rule: "reasons", scopes: ["write_products", "write_inventory"] }]);
  });

  it("name what they could not take away", async () => {
    app.simulator.control.addFault({ boundary: "productDelete", kind: "http_5xx", times: 1 });
    const { left, ok } = await run(["group-on-hand"]);
    expect(left).toEqual([expect.stringMatching(/^product gid:/)]);
    expect(ok).toBe(false);
  });
});

describe("a recording of webhooks", () => {
  it("answers what no request can: this simulator shares event ids with levels and tells no new order twice", async () => {
    const record = (topic: string, eventId: string, body: unknown): RecordedRequest => ({ headers: { "X-Shopify-Topic": topic, "X-Shopify-Event-Id": eventId }, body: JSON.stringify(body) });
    const line = { id: 1, quantity: 1 };
    const recording = [record("orders/create", "e1", { id: 7, line_items: [line] }), record("inventory_levels/update", "e1", {}), record("orders/fulfilled", "e2", { id: 7 }), record("orders/updated", "e2", { id: 7 })];
    const { findings } = await run(["orders-updated", "level-events", "order-fulfilled-topics", "include-fields-nested", "bulk-finish"], recording);
    expect(Object.fromEntries(findings.map(({ rule, verdict }) => [rule, verdict]))).toEqual({
      "orders-updated": "agrees",
      "level-events": "agrees",
      "order-fulfilled-topics": "agrees",
      "include-fields-nested": "agrees",
      "bulk-finish": "unclear",
    });
  });
});

describe("the pace of orders", () => {
  it("lets five through and waits out the minute before the sixth", async () => {
    const waits: number[] = [];
    let clock = 0;
    const next = createOrderPace({ nowMs: () => clock, perMinute: 5, pause: async (ms) => void (waits.push(ms), (clock += ms)) });
    for (let count = 0; count < 6; count += 1) await next();
    expect(waits).toEqual([61_000]);
  });
});

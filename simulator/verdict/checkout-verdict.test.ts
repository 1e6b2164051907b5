import { describe, expect, it } from "vitest";
import { judgeRush } from "./checkout-verdict.ts";
import type { RushFacts } from "./checkout-verdict.ts";

const ITEM = "gid://shopify/InventoryItem/1";
const entry = (name: string, delta: number) => ({ inventoryItemId: ITEM, name, delta, after: 0 });

/** Two units, both sold well: to ada, and to ben, whose first charge came too late and went back. */
const GOOD: RushFacts = {
  scenario: "checkout-rush",
  seed: 1,
  naive: false,
  units: 2,
  inventoryItemId: ITEM,
  buyers: ["ada", "ben", "cleo"],
  script: { declined: 0, doubleClicks: 0, leaving: 0 },
  orders: [{ orderId: "o1", units: 1, buyer: "ada" }, { orderId: "o2", units: 1, buyer: "ben" }],
  truth: [entry("available", 2), entry("available", -2), entry("reserved", 2), entry("available", -2), entry("committed", 2), entry("reserved", -2), entry("available", 2)],
  charges: [{ chargeId: "c1", buyer: "ada" }, { chargeId: "c2", buyer: "ben" }, { chargeId: "c3", buyer: "ben" }],
  refunds: [{ chargeId: "c2" }],
  mishaps: {},
  told: new Map([["ada", "sold"], ["ben", "sold"], ["cleo", "sold_out"]]),
  cutOff: 1,
  cutOffWanted: 1,
  strikes: {},
  unfinished: 0,
  seconds: 1,
};

describe("the verdict of a rush", () => {
  it("is ok when each unit went to one buyer who paid once for it", () => {
    expect(judgeRush(GOOD)).toMatchObject({ ok: true, faults: [], sold: 2, charged: 3, refunded: 1, available: 0, reserved: 0, committed: 2 });
  });

  it.each<[string, Partial<RushFacts>, string]>([
    ["a unit is sold that was not there", { orders: [...GOOD.orders, { orderId: "o3", units: 1, buyer: "cleo" }] }, "3 units were sold of 2"],
    ["a unit is left", { orders: GOOD.orders.slice(1) }, "1 units were sold of 2"],
    ["somebody paid and got nothing", { charges: [...GOOD.charges, { chargeId: "c4", buyer: "cleo" }] }, "1 charges were kept from buyers who got nothing"],
    ["somebody paid twice", { charges: [...GOOD.charges, { chargeId: "c4", buyer: "ada" }] }, "1 buyers paid more than once"],
    ["somebody got it for nothing", { charges: GOOD.charges.slice(1) }, "1 units went to buyers who paid nothing"],
    ["money went back twice", { refunds: [...GOOD.refunds, { chargeId: "c2" }] }, "1 units went to buyers who paid nothing"],
    ["an order is nobody's", { orders: [{ orderId: "o1", units: 1, buyer: null }, ...GOOD.orders.slice(1)] }, "1 units went to buyers who paid nothing"],
    ["a buyer was told wrong", { told: new Map([...GOOD.told, ["cleo", "sold"]]) }, "1 buyers heard another end"],
    ["a buyer heard nothing", { told: new Map([["ben", "sold"]]) }, "1 buyers heard another end"],
    ["units are stranded", { truth: [...GOOD.truth, entry("available", -1), entry("reserved", 1)] }, "1 units are stranded in reserved"],
    ["units got lost", { truth: [...GOOD.truth, entry("available", -1)] }, "is not 2"],
    ["a purchase hangs", { unfinished: 1 }, "1 purchases were neither finished nor undone"],
    ["nothing was struck", { cutOff: 0 }, "only 0 buyers were cut off"],
  ])("is not ok when %s", (_what, change, fault) => {
    const { ok, faults } = judgeRush({ ...GOOD, ...change });
    expect(ok).toBe(false);
    expect(faults.join("; ")).toContain(fault);
  });
});

// Goal: what a person discarded stays so. Neither news of the order nor a later edit, refund or cancellation takes those units again, and
// none gives back a unit that was never taken. Method: hand-picked histories, then random ones with discards at any moment.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { deriveChanges, type Derivation, type ExistingChange } from "./derive-changes.ts";
import type { LinePlan, VariantFacts } from "./line-plan.ts";
import { EMPTY_ORDER, type OrderState, type Refund } from "./order-state.ts";
import { DEFAULT_SETTINGS, type Settings } from "./settings.ts";

const SETTINGS: Settings = { ...DEFAULT_SETTINGS, mode: "enforce", deduct: { ...DEFAULT_SETTINGS.deduct, sources: [{ sourceName: "my-channel", confirmedBypass: true }] } };
const VARIANT: VariantFacts = { variantId: "50", inventoryItemId: "500", sku: "S", title: "T", tracked: true, requiresComponents: false, missing: false };
const UNKNOWN: VariantFacts = { ...VARIANT, inventoryItemId: null, missing: true };

interface News {
  readonly quantity: number;
  /** Units that an edit took out of the order. */
  readonly removed?: number;
  readonly returned?: number;
  readonly cancelled?: boolean;
}

function order({ quantity, removed = 0, returned = 0, cancelled = false }: News, lineIds: readonly string[] = ["5"]): OrderState {
  const refunds: Refund[] = returned === 0 ? [] : [{ id: "9", lines: [{ id: "91", lineId: "5", quantity: returned, restockType: "return" }] }];
  const lines = lineIds.map((id) => ({ id, variantId: "50", sku: "S", title: "T", quantity, currentQuantity: Math.max(0, quantity - removed - returned), giftCard: false, tracked: true, groupId: null }));
  const version = { id: "1", name: "#1", sourceName: "my-channel", appId: null, test: false, createdAt: "2026-11-01T10:00:00Z", updatedAt: "2026-11-01T10:00:00Z", cancelledAt: null, financialStatus: "paid", locationId: "77", lines, refunds };
  return { ...EMPTY_ORDER, version, refunds, cancelledAt: cancelled ? "2026-11-01T10:01:00Z" : null };
}

/** Units that the order wants out of stock. */
function wanted({ quantity, removed = 0, returned = 0, cancelled = false }: News): number {
  return cancelled ? 0 : Math.max(0, quantity - removed - returned);
}

/** The ledger of one order in memory: carries a derivation out, new changes end as the test wants. */
class Ledger {
  pins: Readonly<Record<string, LinePlan>> = {};
  changes: ExistingChange[] = [];

  derive(state: OrderState, outcome: ExistingChange["state"] = "applied", variant: VariantFacts = VARIANT): Derivation {
    const derivation = deriveChanges({ order: state, settings: SETTINGS, variants: new Map([["50", variant]]), locationOverdue: false, mode: "enforce", pins: this.pins, existing: this.changes, itemNames: new Map() });
    this.pins = derivation.pins;
    this.changes = this.changes.map((change) => (derivation.cancel.includes(change.id) ? { ...change, state: "cancelled" as const } : change));
    for (const change of derivation.create) {
      this.changes.push({ ...change, id: String(this.changes.length + 1), state: change.state === "waiting" ? outcome : change.state, outcomeUnknown: false });
    }
    return derivation;
  }

  move(from: ExistingChange["state"], to: ExistingChange["state"], which: (change: ExistingChange) => boolean = () => true): number {
    const moved = this.changes.filter((change) => change.state === from && which(change));
    this.changes = this.changes.map((change) => (moved.includes(change) ? { ...change, state: to } : change));
    return moved.length;
  }

  discard(which?: (change: ExistingChange) => boolean): number {
    return this.move("parked", "rejected", which);
  }

  sum(which: (change: ExistingChange) => boolean): number {
    return this.changes.filter(which).reduce((total, change) => total + change.delta, 0);
  }

  get net(): number {
    return this.sum((change) => change.state !== "cancelled" && change.state !== "rejected");
  }
}

const NOTHING = { create: [], cancel: [], blocked: false };

describe("a discarded take", () => {
  it("is not taken again with the next news of its order, and not given back when the order is cancelled", () => {
    const ledger = new Ledger();
    ledger.derive(order({ quantity: 3 }), "parked");
    ledger.discard();
    expect(ledger.derive(order({ quantity: 3 }))).toMatchObject(NOTHING);
    expect(ledger.derive(order({ quantity: 3, cancelled: true }))).toMatchObject(NOTHING);
    expect(ledger.net).toBe(0);
  });

  it("waives its own units and no others: what an edit adds is taken, and that alone comes back", () => {
    const ledger = new Ledger();
    ledger.derive(order({ quantity: 3 }), "parked");
    ledger.discard();
    expect(ledger.derive(order({ quantity: 5 })).create).toMatchObject([{ delta: -2 }]);
    expect(ledger.derive(order({ quantity: 5, returned: 1 })).create).toMatchObject([{ delta: 1, cause: "refund" }]);
    expect(ledger.derive(order({ quantity: 5, returned: 1, cancelled: true })).create).toMatchObject([{ delta: 1 }]);
    expect(ledger.net).toBe(0);
  });
});

describe("a discarded return", () => {
  it("stays out of stock, while what comes back later still comes back", () => {
    const ledger = new Ledger();
    ledger.derive(order({ quantity: 3 }));
    ledger.derive(order({ quantity: 3, returned: 1 }), "parked");
    ledger.discard();
    expect(ledger.derive(order({ quantity: 3, returned: 1 }))).toMatchObject(NOTHING);
    expect(ledger.derive(order({ quantity: 3, returned: 1, cancelled: true })).create).toMatchObject([{ delta: 2 }]);
    expect(ledger.net).toBe(-1);
  });

  it("beside a discarded take of the same line keeps its own unit out, too", () => {
    const ledger = new Ledger();
    ledger.derive(order({ quantity: 3 }), "parked");
    ledger.discard();
    ledger.derive(order({ quantity: 5 }));
    ledger.derive(order({ quantity: 5, removed: 1 }), "parked");
    ledger.discard();
    expect(ledger.derive(order({ quantity: 5, removed: 1, cancelled: true })).create).toMatchObject([{ delta: 1 }]);
    expect(ledger.net).toBe(-1);
  });
});

describe("a discarded question", () => {
  const asked = () => {
    const ledger = new Ledger();
    ledger.derive(order({ quantity: 2 }), "applied", UNKNOWN);
    expect(ledger.changes).toMatchObject([{ state: "parked", reason: "unknown_variant", inventoryItemId: null }]);
    return ledger;
  };

  it("is not asked again, and its line takes nothing even when it could be assigned later", () => {
    const ledger = asked();
    ledger.discard();
    expect(ledger.derive(order({ quantity: 2 }), "applied", UNKNOWN)).toMatchObject(NOTHING);
    expect(ledger.derive(order({ quantity: 2 }))).toMatchObject(NOTHING);
    expect(ledger.derive(order({ quantity: 4, cancelled: true }))).toMatchObject(NOTHING);
  });

  it("waives its own line and no other of the order", () => {
    const ledger = asked();
    ledger.discard();
    expect(ledger.derive(order({ quantity: 2 }, ["5", "6"])).create).toMatchObject([{ lineId: "6", delta: -2 }]);
  });

  it("about a line that has taken stock before leaves what was taken to be given back", () => {
    const ledger = new Ledger();
    ledger.derive(order({ quantity: 2 }));
    expect(ledger.derive(order({ quantity: -1 })).create).toMatchObject([{ state: "parked", reason: "invalid_quantity" }]);
    ledger.discard();
    expect(ledger.derive(order({ quantity: -1 }))).toMatchObject(NOTHING);
    expect(ledger.derive(order({ quantity: 2, cancelled: true })).create).toMatchObject([{ delta: 2 }]);
  });

  it("about a whole order waives what had no plan yet; without a discard it is withdrawn once the order can be derived", () => {
    const whole = { id: "1", lineId: null, inventoryItemId: null, locationId: null, delta: 0, reason: "underivable", outcomeUnknown: false };
    const ledger = new Ledger();
    ledger.changes = [{ ...whole, state: "parked" }];
    expect(ledger.derive(order({ quantity: 2 }))).toMatchObject({ cancel: ["1"], create: [{ delta: -2 }] });
    const waived = new Ledger();
    waived.changes = [{ ...whole, state: "rejected" }];
    expect(waived.derive(order({ quantity: 2 }))).toMatchObject(NOTHING);
  });
});

describe("any history with discards", () => {
  const news = fc.record({ quantity: fc.integer({ min: 0, max: 6 }), removed: fc.integer({ min: 0, max: 3 }), returned: fc.integer({ min: 0, max: 3 }) });
  const step = fc.record({
    news: fc.option(news, { nil: null }),
    outcome: fc.constantFrom<ExistingChange["state"]>("applied", "waiting", "claimed", "parked"),
    /** What happens to what is open before the next step; `discard` takes every parked change whose id is a multiple of `every`. */
    next: fc.constantFrom("discard", "retry", "apply", "park", "nothing"),
    every: fc.integer({ min: 1, max: 2 }),
  });

  it("never takes a discarded unit again, never gives back one that was not taken, and ends where the order and the discards want it", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), fc.boolean(), (steps, cancelledAtLast) => {
        const ledger = new Ledger();
        let present: News = { quantity: 3 };
        const applied = () => ledger.sum((change) => change.state === "applied");
        for (const { news: latest, outcome, next, every } of steps) {
          present = latest ?? present;
          ledger.derive(order(present), outcome);
          if (next === "retry") ledger.move("parked", "waiting");
          if (next === "apply") ledger.move("waiting", "applied");
          if (next === "park") ledger.move("waiting", "parked");
          ledger.move("claimed", "applied");
          ledger.derive(order(present), outcome);
          const discarded = next === "discard" ? ledger.discard((change) => Number(change.id) % every === 0) : 0;
          const settled = ledger.derive(order(present), outcome);
          // A discard alone, like no news at all, leaves nothing to be done.
          expect([discarded, settled]).toMatchObject([discarded, NOTHING]);
          expect(applied()).toBeLessThanOrEqual(0);
        }
        present = { ...present, cancelled: cancelledAtLast };
        ledger.move("claimed", "applied");
        ledger.derive(order(present));
        ledger.derive(order(present));
        ledger.move("waiting", "applied");
        expect(ledger.derive(order(present))).toMatchObject(NOTHING);
        const takes = -ledger.sum((change) => change.state === "rejected" && change.delta < 0);
        const returns = ledger.sum((change) => change.state === "rejected" && change.delta > 0);
        const owed = Math.max(0, wanted(present) - takes) + returns;
        expect(ledger.net).toBe(0 - owed);
      }),
      { numRuns: 400 },
    );
  });
});

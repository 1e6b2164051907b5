// Goal: wanted minus done. Every history of an order, however it is cut into deliveries, ends with the same net stock taken.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { deriveChanges, effectKey, type Derivation, type DeriveInput, type ExistingChange } from "./derive-changes.ts";
import type { LinePlan, VariantFacts } from "./line-plan.ts";
import { EMPTY_ORDER, type OrderLine, type OrderState, type Refund, type RestockType } from "./order-state.ts";
import { DEFAULT_SETTINGS, type Settings } from "./settings.ts";

const LOCATION = "77";
const line = (over: Partial<OrderLine> = {}): OrderLine => ({
  id: "5",
  variantId: "50",
  sku: "S",
  title: "T",
  quantity: 1,
  currentQuantity: 1,
  giftCard: false,
  tracked: true,
  groupId: null,
  ...over,
});
const order = (over: Partial<OrderState> = {}, lines: readonly OrderLine[] = [line()], sourceName = "my-channel"): OrderState => ({
  ...EMPTY_ORDER,
  version: {
    id: "1",
    name: "#1",
    sourceName,
    appId: null,
    test: false,
    createdAt: "2026-11-01T10:00:00Z",
    updatedAt: "2026-11-01T10:00:00Z",
    cancelledAt: null,
    financialStatus: "pending",
    locationId: null,
    lines,
    refunds: [],
  },
  routing: { fulfilmentOrders: [{ locationId: LOCATION, lines: null }], firstAskedAt: "2026-11-01T10:00:01Z" },
  ...over,
});
const refund = (quantity: number, restockType: RestockType, id = "9"): Refund => ({ id, lines: [{ id: `${id}1`, lineId: "5", quantity, restockType }] });
const settings = (over: Partial<Settings> = {}): Settings => ({
  ...DEFAULT_SETTINGS,
  mode: "enforce",
  deduct: { ...DEFAULT_SETTINGS.deduct, sources: [{ sourceName: "my-channel", confirmedBypass: true }] },
  ...over,
});
const variant = (over: Partial<VariantFacts> = {}): VariantFacts => ({
  variantId: "50",
  inventoryItemId: "500",
  sku: "S",
  title: "T",
  tracked: true,
  requiresComponents: false,
  missing: false,
  ...over,
});
const derive = (over: Partial<DeriveInput> = {}): Derivation =>
  deriveChanges({
    order: order(),
    settings: settings(),
    variants: new Map([["50", variant()]]),
    locationOverdue: false,
    mode: "enforce",
    pins: {},
    existing: [],
    itemNames: new Map([["600", { sku: "PART", title: "A part" }]]),
    ...over,
  });

/** Carries a derivation out in memory, as the ledger would; new changes end as `state`. */
class Ledger {
  pins: Readonly<Record<string, LinePlan>> = {};
  changes: ExistingChange[] = [];
  run(over: Partial<DeriveInput>, settle: ExistingChange["state"] = "applied"): Derivation {
    const derivation = derive({ ...over, pins: this.pins, existing: this.changes });
    this.pins = derivation.pins;
    this.changes = this.changes.map((change) => (derivation.cancel.includes(change.id) ? { ...change, state: "cancelled" } : change));
    for (const change of derivation.create) {
      const state = change.state === "waiting" ? settle : change.state;
      this.changes.push({ ...change, id: String(this.changes.length + 1), state, outcomeUnknown: false });
    }
    return derivation;
  }
  get net(): number {
    return this.changes.filter((change) => ["applied", "waiting", "claimed"].includes(change.state)).reduce((sum, change) => sum + change.delta, 0);
  }
}

describe("deriving changes", () => {
  it("takes each unit of a bypassed order once, at the location of its fulfilment order", () => {
    const { create } = derive({ order: order({}, [line({ quantity: 3, currentQuantity: 3 })]) });
    expect(create).toMatchObject([{ inventoryItemId: "500", locationId: LOCATION, delta: -3, cause: "order", state: "waiting" }]);
  });

  it("derives nothing the second time", () => {
    const ledger = new Ledger();
    ledger.run({});
    expect(ledger.run({}).create).toEqual([]);
  });

  it("follows a line that is edited from 1 to 3 and back to 2", () => {
    const ledger = new Ledger();
    ledger.run({});
    ledger.run({ order: order({}, [line({ quantity: 3, currentQuantity: 3 })]) });
    expect(ledger.net).toBe(-3);
    ledger.run({ order: order({}, [line({ quantity: 3, currentQuantity: 2 })]) });
    expect(ledger.net).toBe(-2);
  });

  it("undoes nothing when the cancellation comes before the order", () => {
    const ledger = new Ledger();
    ledger.run({ order: order({ cancelledAt: "2026-11-01T10:01:00Z" }) });
    expect(ledger.changes).toEqual([]);
  });

  it("withdraws a waiting change instead of undoing it", () => {
    const ledger = new Ledger();
    ledger.run({}, "waiting");
    const { create, cancel } = ledger.run({ order: order({ cancelledAt: "2026-11-01T10:01:00Z" }) });
    expect(create).toEqual([]);
    expect(cancel).toEqual(["1"]);
  });

  it("waits for the outcome of a claimed change before it undoes it", () => {
    const ledger = new Ledger();
    ledger.run({}, "claimed");
    const { create, blocked } = ledger.run({ order: order({ cancelledAt: "2026-11-01T10:01:00Z" }) });
    expect(create).toEqual([]);
    expect(blocked).toBe(true);
  });

  it("gives back once what was refunded and then cancelled, and keeps out what was refunded without restocking", () => {
    const lines = [line({ quantity: 3, currentQuantity: 0 })];
    const refunds = [refund(1, "return", "9"), refund(1, "no_restock", "8")];
    const ledger = new Ledger();
    ledger.run({ order: order({}, [line({ quantity: 3, currentQuantity: 3 })]) });
    ledger.run({ order: order({ refunds }, lines.map((entry) => ({ ...entry, currentQuantity: 1 }))) });
    expect(ledger.net).toBe(-2);
    ledger.run({ order: order({ refunds: [...refunds, refund(1, "cancel", "7")], cancelledAt: "2026-11-01T10:01:00Z" }, lines) });
    expect(ledger.net).toBe(-1);
  });

  it("keeps what it took when Shopify itself restocks bypassed orders", () => {
    const restock = { ...DEFAULT_SETTINGS.restock, shopifyRestocksBypassed: true };
    const ledger = new Ledger();
    ledger.run({ settings: settings({ restock }) });
    ledger.run({ settings: settings({ restock }), order: order({ refunds: [refund(1, "return")] }, [line({ currentQuantity: 0 })]) });
    expect(ledger.net).toBe(-1);
  });

  it("takes a bundle's components instead of the parent, and for a native order nothing but the components", () => {
    const bundles = [{ variantId: "gid://shopify/ProductVariant/50", parentStock: "leave" as const, components: [{ inventoryItemId: "gid://shopify/InventoryItem/600", quantity: 2 }] }];
    for (const source of ["my-channel", "web"]) {
      const { create } = derive({ settings: settings({ bundles }), order: order({}, [line({ quantity: 2, currentQuantity: 2 })], source) });
      expect(create).toMatchObject([{ inventoryItemId: "600", delta: -4, sku: "PART", title: "A part" }]);
    }
  });

  it("takes nothing of native orders, gift cards, custom lines, untracked items and native bundles", () => {
    expect(derive({ order: order({}, [line()], "web") }).create).toEqual([]);
    expect(derive({ order: order({}, [line({ giftCard: true })]) }).create).toEqual([]);
    expect(derive({ order: order({}, [line({ variantId: null })]) }).create).toEqual([]);
    expect(derive({ variants: new Map([["50", variant({ tracked: false })]]) }).create).toEqual([]);
    expect(derive({ order: order({}, [line({ groupId: "4" })], "web") }).create).toEqual([]);
  });

  it("takes nothing of a native order even when a rule names its app", () => {
    const deduct = { ...settings().deduct, sources: [{ appId: "580111", confirmedBypass: true }] };
    const placed = order({}, [line()], "web");
    const native = { ...placed, version: placed.version && { ...placed.version, appId: "580111" } };
    expect(derive({ settings: settings({ deduct }), order: native }).create).toEqual([]);
  });

  it("keeps to the pinned components when the rule has changed since", () => {
    const bundle = (item: string) => [{ variantId: "50", parentStock: "leave" as const, components: [{ inventoryItemId: item, quantity: 1 }] }];
    const ledger = new Ledger();
    ledger.run({ settings: settings({ bundles: bundle("600") }) });
    ledger.run({ settings: settings({ bundles: bundle("700") }), order: order({ cancelledAt: "2026-11-01T10:01:00Z" }) });
    expect(ledger.changes.map((change) => [change.inventoryItemId, change.delta])).toEqual([
      ["600", -1],
      ["600", 1],
    ]);
  });

  it("waits for the payment when the merchant deducts on payment", () => {
    const deduct = { ...settings().deduct, on: "orders/paid" as const };
    expect(derive({ settings: settings({ deduct }) }).create).toEqual([]);
    expect(derive({ settings: settings({ deduct }), order: order({ paid: true }) }).create).toMatchObject([{ delta: -1 }]);
  });

  it("splits a line over the locations it ships from and gives back to the same ones", () => {
    const routing = { fulfilmentOrders: [{ locationId: "1", lines: [{ lineId: "5", quantity: 2 }] }, { locationId: "2", lines: [{ lineId: "5", quantity: 1 }] }], firstAskedAt: "2026-11-01T10:00:01Z" };
    const lines = [line({ quantity: 3, currentQuantity: 3 })];
    const ledger = new Ledger();
    ledger.run({ order: order({ routing }, lines) });
    ledger.run({ order: order({ routing: null, cancelledAt: "2026-11-01T10:01:00Z" }, lines) });
    expect(ledger.changes.map((change) => [change.locationId, change.delta])).toEqual([["1", -2], ["2", -1], ["1", 2], ["2", 1]]);
  });

  it.each([-1, 1.5, 1e12, Number.NaN])("asks a person about a quantity of %s", (quantity) => {
    expect(derive({ order: order({}, [line({ quantity })]) }).create).toMatchObject([{ state: "parked", reason: "invalid_quantity", inventoryItemId: null }]);
  });

  it("asks a person when a bundle multiplies a quantity beyond what Shopify can adjust", () => {
    const bundles = [{ variantId: "50", parentStock: "leave" as const, components: [{ inventoryItemId: "600", quantity: 10_000 }] }];
    const lines = [line({ quantity: 300_000, currentQuantity: 300_000 })];
    expect(derive({ settings: settings({ bundles }), order: order({}, lines) }).create).toMatchObject([{ state: "parked", reason: "invalid_quantity" }]);
  });

  it("asks a person about an unknown variant once, and withdraws the question when it is cured", () => {
    const unknown = new Map([["50", variant({ missing: true, inventoryItemId: null })]]);
    const ledger = new Ledger();
    expect(ledger.run({ variants: unknown }).create).toMatchObject([{ state: "parked", reason: "unknown_variant" }]);
    expect(ledger.run({ variants: unknown }).create).toEqual([]);
    const cured = ledger.run({});
    expect(cured.cancel).toEqual(["1"]);
    expect(cured.create).toMatchObject([{ inventoryItemId: "500", delta: -1 }]);
  });

  it("names what is missing and asks a person about the location only when waiting is over", () => {
    expect(derive({ variants: new Map() }).missing).toEqual(["variant"]);
    expect(derive({ order: order({ routing: null }) }).missing).toEqual(["location"]);
    expect(derive({ order: order({ routing: null }), locationOverdue: true }).create).toMatchObject([{ state: "parked", reason: "no_location" }]);
  });

  it("only watches in shadow and leaves older orders alone", () => {
    expect(derive({ mode: "shadow" }).create).toMatchObject([{ state: "shadow", delta: -1 }]);
    expect(derive({ mode: "untouched" }).create).toEqual([]);
  });

  it("gives each effect a key of its own", () => {
    const ledger = new Ledger();
    const keys = new Set<string>();
    for (const quantity of [1, 3, 2, 5]) {
      for (const change of ledger.run({ order: order({}, [line({ quantity: 5, currentQuantity: quantity })]) }).create) keys.add(effectKey("1", change));
    }
    expect(keys.size).toBe(4);
  });

  it("ends at what is wanted after any history, wherever the outcomes of earlier changes stood", () => {
    const step = fc.record({
      quantity: fc.integer({ min: 0, max: 5 }),
      removed: fc.integer({ min: 0, max: 5 }),
      cancelled: fc.boolean(),
      outcome: fc.constantFrom<ExistingChange["state"]>("applied", "waiting", "claimed", "parked"),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const ledger = new Ledger();
        for (const { quantity, removed, cancelled, outcome } of steps) {
          const current = Math.max(0, quantity - removed);
          const state = order({ cancelledAt: cancelled ? "2026-11-01T10:01:00Z" : null }, [line({ quantity, currentQuantity: current })]);
          ledger.run({ order: state }, outcome);
          // Outcomes arrive: claimed changes are applied.
          ledger.changes = ledger.changes.map((change) => (change.state === "claimed" ? { ...change, state: "applied" } : change));
          const last = ledger.run({ order: state }, "applied");
          const live = ledger.changes.filter((change) => change.state !== "cancelled" && change.state !== "rejected");
          expect(last.blocked).toBe(false);
          expect(live.reduce((sum, change) => sum + change.delta, 0)).toBe(cancelled ? 0 : 0 - current);
        }
      }),
    );
  });
});

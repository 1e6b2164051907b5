// What an order wants of stock, and which changes of stock it must have made.
import { describe, expect, it } from "vitest";

import { EMPTY_ORDER, type OrderLine, type OrderState, type OrderVersion, type Refund } from "#app/domain/order-state.ts";
import type { VariantFacts } from "#app/domain/line-plan.ts";
import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";
import { orderFacts, type OrderFactsInput, variantsOf } from "./order-facts.ts";

const line = (change: Partial<OrderLine> = {}): OrderLine => ({ id: "L1", variantId: "V1", sku: "MUG", title: "Mug", quantity: 3, currentQuantity: 3, fulfillableQuantity: 3, giftCard: false, tracked: true, groupId: null, ...change });

const version = (change: Partial<OrderVersion> = {}): OrderVersion => ({
  id: "O1",
  name: "#1001",
  sourceName: "web",
  appId: null,
  test: false,
  createdAt: "2026-11-20T10:00:00Z",
  updatedAt: "2026-11-20T11:00:00Z",
  processedAt: "2026-11-20T09:00:00Z",
  cancelledAt: null,
  financialStatus: "paid",
  fulfillmentStatus: null,
  locationId: null,
  lines: [line()],
  refunds: [],
  ...change,
});

const variant = (change: Partial<VariantFacts> = {}): VariantFacts => ({ variantId: "V1", inventoryItemId: "I1", sku: "MUG", title: "Mug", tracked: true, requiresComponents: false, policy: "deny", missing: false, ...change });

const bypassed: Settings = { ...DEFAULT_SETTINGS, deduct: { ...DEFAULT_SETTINGS.deduct, sources: [{ sourceName: "channel", confirmedBypass: true }] } };

interface Told extends Partial<Omit<OrderFactsInput, "state" | "variants">> {
  readonly state?: Partial<OrderState>;
  readonly variant?: Partial<VariantFacts>;
}

function facts({ state, variant: known = {}, ...input }: Told = {}) {
  return orderFacts({
    orderId: "O1",
    state: { ...EMPTY_ORDER, version: version(), paid: true, ...state },
    mode: null,
    pins: {},
    settings: DEFAULT_SETTINGS,
    source: null,
    variants: new Map([["V1", variant(known)]]),
    places: new Map([["I1", ["P1"]]]),
    known: [],
    told: [],
    effectsFromMs: 0,
    ...input,
  });
}

const of = (change: Partial<OrderVersion>, state: Partial<OrderState> = {}) => ({ state: { version: version(change), ...state } });
const refund = (quantity: number, restockType: Refund["lines"][number]["restockType"]): Refund => ({ id: "R1", createdAt: "2026-11-20T12:00:00Z", lines: [{ id: "RL1", lineId: "L1", quantity, restockType }] });

describe("what a line wants of its item", () => {
  it("is what is neither fulfilled nor taken back, since it was sold, at the only place that has it", () => {
    expect(facts(of({ lines: [line({ fulfillableQuantity: 2 })] })).items).toMatchObject([{ units: 3, unitsOpen: 2, committedAt: "2026-11-20T09:00:00Z", locationId: "P1", paid: true, component: false, exempt: null }]);
    expect(facts(of({}, { refunds: [refund(1, "no_restock")] })).items).toMatchObject([{ units: 2, unitsOpen: 2 }]);
  });

  it("is open no more once the order is cancelled or fulfilled", () => {
    expect(facts(of({}, { cancelledAt: "2026-11-20T12:00:00Z" })).items).toMatchObject([{ unitsOpen: 0 }]);
    expect(facts(of({ fulfillmentStatus: "fulfilled" })).items).toMatchObject([{ unitsOpen: 0 }]);
  });

  it("is nothing before the order itself was seen, without a variant, or for a quantity that is none", () => {
    expect(orderFacts({ ...({ orderId: "O1", mode: null, pins: {}, settings: DEFAULT_SETTINGS, source: null, known: [], told: [], effectsFromMs: 0 } as const), state: EMPTY_ORDER, variants: new Map(), places: new Map() })).toEqual({ items: [], effects: [] });
    expect(facts(of({ lines: [line({ variantId: null }), line({ id: "L2", quantity: 1.5 })] })).items).toEqual([]);
    expect(variantsOf(EMPTY_ORDER)).toEqual([]);
  });

  it.each([
    ["test", of({ test: true })],
    ["pos", of({ sourceName: "pos" })],
    ["gift_card", of({ lines: [line({ giftCard: true })] })],
    ["untracked", { variant: { tracked: false } }],
    ["continue", { variant: { policy: "continue" as const } }],
  ])("can never be short: %s", (exempt, told) => {
    expect(facts(told).items).toMatchObject([{ exempt }]);
  });

  it("can be short of a variant that may go on selling where the merchant says so", () => {
    const settings = { ...DEFAULT_SETTINGS, oversell: { ...DEFAULT_SETTINGS.oversell, ignoreContinuePolicy: false } };
    expect(facts({ settings, variant: { policy: "continue" } }).items).toMatchObject([{ exempt: null }]);
  });

  it("has no place where two have the item and nothing says which", () => {
    expect(facts({ places: new Map([["I1", ["P1", "P2"]]]) })).toMatchObject({ items: [{ locationId: null }], effects: [{ locationId: null, expected: false }] });
    const routing = { fulfilmentOrders: [{ locationId: "P2", lines: null }], firstAskedAt: "2026-11-20T10:00:01Z" };
    expect(facts({ ...of({}, { routing }), places: new Map([["I1", ["P1", "P2"]]]) }).items).toMatchObject([{ locationId: "P2" }]);
  });

  it("is the components of a bundle beside the thing itself, and instead of it where Shopify takes nothing", () => {
    const settings = { ...bypassed, bundles: [{ variantId: "gid://shopify/ProductVariant/V1", parentStock: "leave" as const, components: [{ inventoryItemId: "gid://shopify/InventoryItem/C1", quantity: 2 }] }] };
    const items = (told: Told) => facts({ ...told, settings }).items.map(({ inventoryItemId, units, component }) => [inventoryItemId, units, component]);
    expect(items({})).toEqual([["I1", 3, false], ["C1", 6, true]]);
    expect(items(of({ sourceName: "channel" }))).toEqual([["C1", 6, true]]);
  });
});

describe("the changes of stock that an order must have made", () => {
  it("are what it took when it was made, by the event of its notification", () => {
    const told = [{ topic: "orders/create", eventId: "e1", refundId: null }];
    expect(facts({ told }).effects).toMatchObject([{ key: "order:O1:L1:I1", kind: "order", delta: -3, at: "2026-11-20T10:00:00Z", eventId: "e1", expected: true }]);
  });

  it("are none where Shopify takes nothing, or keeps no count", () => {
    expect(facts({ ...of({ sourceName: "channel" }), settings: bypassed }).effects).toEqual([]);
    expect(facts({ variant: { tracked: false } }).effects).toEqual([]);
  });

  it("are possible, not expected, where it is not known whether Shopify takes stock", () => {
    const source = (bypassCount: number, tookStockCount: number) => facts({ ...of({ sourceName: "channel" }), source: { bypassCount, tookStockCount, paused: false } }).effects;
    expect(source(0, 0)).toMatchObject([{ expected: false }]);
    expect(source(0, 4)).toMatchObject([{ expected: true }]);
    expect(source(2, 4)).toMatchObject([{ expected: false }]);
  });

  it("are an edit of what was added to what is known", () => {
    const known = [{ key: "order:O1:L1:I1", kind: "order" as const, lineId: "L1", inventoryItemId: "I1", delta: -2 }];
    expect(facts({ known }).effects.map(({ key, delta }) => [key, delta])).toEqual([["order:O1:L1:I1", -2], ["edit:O1:L1:I1:+3", -1]]);
  });

  it("are a restock of what a refund gives back, and only possible ones of what left without a refund", () => {
    const restocks = (told: Told) => facts(told).effects.slice(1).map(({ key, kind, delta, expected }) => [key, kind, delta, expected]);
    expect(restocks(of({}, { refunds: [refund(1, "cancel")] }))).toEqual([["refund:O1:L1:I1:R1", "restock", 1, true]]);
    expect(restocks(of({}, { refunds: [refund(1, "no_restock")] }))).toEqual([]);
    expect(restocks(of({ lines: [line({ currentQuantity: 1 })] }))).toEqual([["edit:O1:L1:I1:-2", "edit", 2, false]]);
    expect(restocks(of({}, { cancelledAt: "2026-11-20T12:00:00Z" }))).toEqual([["cancel:O1:L1:I1", "restock", 3, false]]);
    expect(restocks(of({}, { cancelledAt: "2026-11-20T12:00:00Z", refunds: [refund(3, "cancel")] }))).toEqual([["refund:O1:L1:I1:R1", "restock", 3, true]]);
  });

  it("are left out where they are too old to explain anything", () => {
    expect(facts({ effectsFromMs: Date.parse("2026-11-20T10:00:01Z") }).effects).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGate } from "../testing/gate.ts";
import { addVariant, availableAt, startTestApp, SHOP } from "../testing/running-simulator.ts";
import type { Answer, TestApp } from "../testing/running-simulator.ts";

const ADJUST = `mutation($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id reason referenceDocumentUri changes { name delta quantityAfterChange item { id } location { id } } }
    userErrors { code field message }
  }
}`;
const SET = `mutation($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { inventoryAdjustmentGroup { changes { name delta } } userErrors { code field message } }
}`;
const MOVE = `mutation($input: InventoryMoveQuantitiesInput!, $key: String!) {
  inventoryMoveQuantities(input: $input) @idempotent(key: $key) { inventoryAdjustmentGroup { changes { name delta ledgerDocumentUri } } userErrors { code field message } }
}`;

interface Payload {
  inventoryAdjustmentGroup: { id: string; changes: { name: string; delta: number; quantityAfterChange: number }[] } | null;
  userErrors: { code: string; field: string[] | null; message: string }[];
}

function payload(answer: Answer): Payload {
  return Object.values(answer.body.data ?? {})[0] as Payload;
}

function codes(answer: Answer): string[] {
  return payload(answer).userErrors.map(({ code }) => code);
}

describe("inventory mutations of the simulated Admin API", () => {
  let app: TestApp;
  const gate = createGate();
  let keys = 0;
  const nextKey = () => `key-${(keys += 1)}`;
  type Change = Record<string, unknown>;
  const adjust = (changes: Change[], more: Record<string, unknown> = {}, key = nextKey()) =>
    app.graphql(ADJUST, { input: { name: "available", reason: "correction", changes, ...more }, key });

  beforeAll(async () => {
    app = await startTestApp({ sleep: gate.sleep });
  });
  afterAll(async () => {
    await app.simulator.close();
  });

  it("applies a delta, reports available and on-hand, and writes one truth entry with the key and the document", async () => {
    const place = addVariant(app, 10);
    const { variantId: _, ...ids } = place;
    const answer = await adjust([{ ...ids, delta: -3, changeFromQuantity: null }], { referenceDocumentUri: "gid://holdfast/Mutation/1" }, "first-key");
    expect(payload(answer).inventoryAdjustmentGroup?.changes).toMatchObject([
      { name: "available", delta: -3, quantityAfterChange: 7 },
      { name: "on_hand", delta: -3, quantityAfterChange: 7 },
    ]);
    const truth = app.simulator.control.truth(SHOP, { limit: 10_000 }).items.filter((entry) => entry.inventoryItemId === place.inventoryItemId);
    expect(truth.at(-1)).toMatchObject({
      name: "available",
      delta: -3,
      after: 7,
      cause: { kind: "app", idempotencyKey: "first-key", referenceDocumentUri: "gid://holdfast/Mutation/1", adjustmentGroupId: payload(answer).inventoryAdjustmentGroup?.id },
    });
  });

  it("refuses a mutation without @idempotent and one with a blank key, with nothing applied", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    const input = { name: "available", reason: "correction", changes: [{ ...ids, delta: 1, changeFromQuantity: null }] };
    const bare = await app.graphql(ADJUST.replace(", $key: String!", "").replace("@idempotent(key: $key)", ""), { input });
    expect(bare.body.errors?.[0]).toMatchObject({ extensions: { code: "BAD_REQUEST" } });
    expect(bare.body.errors?.[0]?.message).toContain("@idempotent");
    const blank = await app.graphql(ADJUST, { input, key: "  " });
    expect(blank.body.errors?.[0]?.extensions).toEqual({ code: "BAD_REQUEST" });
    expect(availableAt(app, ids)).toBe(10);
  });

  it("refuses an entry that leaves changeFromQuantity out, and takes an explicit null", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    const omitted = await adjust([{ ...ids, delta: 1 }]);
    expect(omitted.body.errors?.[0]).toMatchObject({ extensions: { code: "INVALID_FIELD_ARGUMENTS" } });
    expect(omitted.body.errors?.[0]?.message).toContain("changeFromQuantity");
    const given = await adjust([{ ...ids, delta: 1, changeFromQuantity: null }]);
    expect(codes(given)).toEqual([]);
    expect(availableAt(app, ids)).toBe(11);
  });

  it("answers a replayed key with the first result and applies nothing", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    const change = { ...ids, delta: -1, changeFromQuantity: null };
    const first = await adjust([change], {}, "replayed");
    await adjust([change]);
    const second = await adjust([change], {}, "replayed");
    expect(payload(second)).toEqual(payload(first));
    expect(availableAt(app, ids)).toBe(8);
  });

  it("refuses a key that comes with other parameters", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    await adjust([{ ...ids, delta: -1, changeFromQuantity: null }], {}, "bound");
    expect(codes(await adjust([{ ...ids, delta: -2, changeFromQuantity: null }], {}, "bound"))).toEqual(["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]);
    expect(availableAt(app, ids)).toBe(9);
  });

  it("forgets a key after 24 hours: the same request then applies a second time", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    const change = { ...ids, delta: -1, changeFromQuantity: null };
    const variables = { input: { name: "available", reason: "correction", changes: [change] }, key: "a-day-old" };
    await app.graphql(ADJUST, variables);
    app.simulator.control.setClock({ advanceMs: 24 * 3_600_000 - 60_000 });
    await app.graphql(ADJUST, variables);
    expect(availableAt(app, ids)).toBe(9);
    app.simulator.control.setClock({ advanceMs: 120_000 });
    await app.graphql(ADJUST, variables);
    expect(availableAt(app, ids)).toBe(8);
  });

  it("answers IDEMPOTENCY_CONCURRENT_REQUEST while the first request with the key is in flight, and counts the overlap", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    const before = app.simulator.control.requests({ limit: 10_000 }).items.at(-1)?.seq ?? 0;
    const bothArrived = gate.close(2);
    app.simulator.control.setLatency({ graphqlMs: 1 });
    const change = { ...ids, delta: -1, changeFromQuantity: null };
    const both = [adjust([change], {}, "twice"), adjust([change], {}, "twice")];
    await bothArrived;
    app.simulator.control.setLatency({ graphqlMs: 0 });
    gate.open();
    expect((await Promise.all(both)).flatMap(codes)).toEqual(["IDEMPOTENCY_CONCURRENT_REQUEST"]);
    expect(availableAt(app, ids)).toBe(9);
    expect(app.simulator.control.requests({ after: before }).maxInFlightPerItem).toBe(2);
  });

  it.each([
    ["forgotten", []],
    ["replayed", ["CHANGE_FROM_QUANTITY_STALE"]],
    ["previous_attempt_failed", ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"]],
  ] as const)("treats a refused request's key as assumed: %s", async (assumption, expected) => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    app.simulator.control.setAssumptions({ userErrorsUnderKey: assumption });
    const key = nextKey();
    const change = { ...ids, delta: -1, changeFromQuantity: 11 };
    expect(codes(await adjust([change], {}, key))).toEqual(["CHANGE_FROM_QUANTITY_STALE"]);
    app.simulator.control.adjustLevel(SHOP, { ...ids, delta: 1, writer: "erp" });
    expect(codes(await adjust([change], {}, key))).toEqual(expected);
    app.simulator.control.setAssumptions({ userErrorsUnderKey: "forgotten" });
  });

  it("names the entry at fault, and applies none of the batch or all but the bad one as assumed", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    const good = { ...ids, delta: -1, changeFromQuantity: null };
    const bad = { ...good, inventoryItemId: "gid://shopify/InventoryItem/999" };
    const refused = await adjust([good, bad]);
    expect(payload(refused).userErrors).toMatchObject([{ code: "INVALID_INVENTORY_ITEM", field: ["input", "changes", "1", "inventoryItemId"] }]);
    expect(availableAt(app, ids)).toBe(10);
    app.simulator.control.setAssumptions({ failingBatchIsAllOrNothing: false });
    const partly = await adjust([good, bad]);
    app.simulator.control.setAssumptions({ failingBatchIsAllOrNothing: true });
    expect(payload(partly).inventoryAdjustmentGroup).not.toBeNull();
    expect(availableAt(app, ids)).toBe(9);
  });

  it("refuses an unknown location, an unknown reason, a bad document, committed, and the parent of a bundle", async () => {
    const place = addVariant(app, 10);
    const { variantId: _, ...ids } = place;
    const change = { ...ids, delta: 1, changeFromQuantity: null };
    expect(codes(await adjust([{ ...change, locationId: "gid://shopify/Location/1" }]))).toEqual(["INVALID_LOCATION"]);
    expect(codes(await adjust([change], { reason: "because" }))).toEqual(["INVALID_REASON"]);
    expect(codes(await adjust([change], { referenceDocumentUri: "not a uri" }))).toEqual(["INVALID_REFERENCE_DOCUMENT"]);
    expect(codes(await adjust([{ ...change, ledgerDocumentUri: "gid://holdfast/Doc/1" }], { name: "committed" }))).toEqual(["INVALID_QUANTITY_NAME"]);
    const bundle = app.simulator.control.createProduct(SHOP, {
      title: "Set",
      variants: [{ sku: "SET", requiresComponents: true, components: [{ variantId: place.variantId, quantity: 2 }] }],
    });
    expect(codes(await adjust([{ ...change, inventoryItemId: bundle.variants[0]?.inventoryItemId }]))).toEqual(["NON_MUTABLE_INVENTORY_ITEM"]);
  });

  it("keeps the ledger document rules", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    const change = { ...ids, delta: 1, changeFromQuantity: null };
    const document = "gid://holdfast/Hold/1";
    expect(codes(await adjust([{ ...change, ledgerDocumentUri: document }]))).toEqual(["INVALID_AVAILABLE_DOCUMENT"]);
    expect(codes(await adjust([change], { name: "reserved" }))).toEqual(["INVALID_QUANTITY_DOCUMENT"]);
    expect(codes(await adjust([{ ...change, ledgerDocumentUri: "gid://shopify/Order/1" }], { name: "reserved" }))).toEqual(["INTERNAL_LEDGER_DOCUMENT"]);
    const two = [{ ...change, ledgerDocumentUri: document }, { ...change, ledgerDocumentUri: "gid://holdfast/Hold/2" }];
    expect(codes(await adjust(two, { name: "reserved" }))).toEqual(["MAX_ONE_LEDGER_DOCUMENT"]);
    expect(codes(await adjust([{ ...change, ledgerDocumentUri: document }], { name: "reserved" }))).toEqual([]);
    expect(availableAt(app, ids, "reserved")).toBe(1);
  });

  it("takes 250 entries and not one more", async () => {
    const { variantId: _, ...ids } = addVariant(app, 1_000);
    const entries = Array.from({ length: 251 }, () => ({ ...ids, delta: -1, changeFromQuantity: null }));
    expect((await adjust(entries)).body.errors?.[0]?.extensions).toEqual({ code: "MAX_INPUT_SIZE_EXCEEDED" });
    expect(codes(await adjust(entries.slice(1)))).toEqual([]);
    expect(availableAt(app, ids)).toBe(750);
  });

  it("makes the level of an item that is not stocked at the location, or refuses the location, as assumed", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    const elsewhere = { ...ids, locationId: app.locationIds[1] ?? "", delta: 4, changeFromQuantity: null };
    app.simulator.control.setAssumptions({ unstockedLocation: "refuse" });
    expect(codes(await adjust([elsewhere]))).toEqual(["INVALID_LOCATION"]);
    app.simulator.control.setAssumptions({ unstockedLocation: "activate" });
    expect(codes(await adjust([elsewhere]))).toEqual([]);
    expect(availableAt(app, elsewhere)).toBe(4);
  });

  it("sets absolute numbers by compare-and-swap and refuses a stale one", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    const set = (quantity: number, changeFromQuantity: number | null, name = "available") =>
      app.graphql(SET, { input: { name, reason: "correction", quantities: [{ ...ids, quantity, changeFromQuantity }] }, key: nextKey() });
    expect(codes(await set(4, 9))).toEqual(["CHANGE_FROM_QUANTITY_STALE"]);
    expect(codes(await set(4, 10))).toEqual([]);
    expect(availableAt(app, ids)).toBe(4);
    expect(codes(await set(-1, null, "on_hand"))).toEqual(["INVALID_QUANTITY_NEGATIVE"]);
    expect(codes(await set(1, null, "reserved"))).toEqual(["INVALID_NAME"]);
  });

  it("moves units between two names of one location, and only there", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    const move = (from: Record<string, unknown>, to: Record<string, unknown>) =>
      app.graphql(MOVE, {
        input: {
          reason: "reservation_created",
          referenceDocumentUri: "gid://holdfast/Hold/7",
          changes: [{ inventoryItemId: ids.inventoryItemId, quantity: 4, from: { locationId: ids.locationId, changeFromQuantity: null, ...from }, to: { locationId: ids.locationId, changeFromQuantity: null, ...to } }],
        },
        key: nextKey(),
      });
    const reserved = { name: "reserved", ledgerDocumentUri: "gid://holdfast/Hold/7" };
    expect(codes(await move({ name: "available" }, { ...reserved, locationId: app.locationIds[1] }))).toEqual(["DIFFERENT_LOCATIONS"]);
    expect(codes(await move({ name: "available" }, { name: "available" }))).toEqual(["SAME_QUANTITY_NAME"]);
    expect(codes(await move({ name: "available", changeFromQuantity: 3 }, reserved))).toEqual(["CHANGE_FROM_QUANTITY_STALE"]);
    const moved = await move({ name: "available" }, reserved);
    expect(payload(moved).inventoryAdjustmentGroup?.changes.map(({ name, delta }) => [name, delta])).toEqual([["available", -4], ["reserved", 4]]);
    expect([availableAt(app, ids), availableAt(app, ids, "reserved"), availableAt(app, ids, "on_hand")]).toEqual([6, 4, 10]);
  });

  it("is refused in Shopify's words without write_inventory", async () => {
    const { variantId: _, ...ids } = addVariant(app, 10);
    const granted = app.simulator.control.listShops()[0]?.granted ?? [];
    app.simulator.control.setScopes(SHOP, { granted: granted.filter((scope) => scope !== "write_inventory") });
    const answer = await adjust([{ ...ids, delta: 1, changeFromQuantity: null }]);
    app.simulator.control.setScopes(SHOP, { granted });
    expect(answer.status).toBe(200);
    expect(answer.body.data).toEqual({ inventoryAdjustQuantities: null });
    expect(answer.body.errors?.[0]).toMatchObject({ path: ["inventoryAdjustQuantities"], extensions: { code: "ACCESS_DENIED" } });
    expect(answer.body.errors?.[0]?.message).toMatch(/^Access denied for inventoryAdjustQuantities field\. Required access: `write_inventory` access scope\./);
    expect(availableAt(app, ids)).toBe(10);
  });
});

// The typed calls against the simulator: each says what it promises when Shopify answers well, late, wrongly or not at all.
import { randomUUID } from "node:crypto";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";

import { createAdminClient } from "#app/adapters/shopify/admin-client.server.ts";
import { createRefreshToken } from "#app/adapters/shopify/refresh-token.server.ts";
import { registerInstall } from "#app/adapters/shopify/register-install.server.ts";
import { createShopifyInventory, createShopifyOrders } from "#app/adapters/shopify/shopify-api.server.ts";
import { createShopifyTransport, type ShopifyTransport } from "#app/adapters/shopify/shopify-transport.server.ts";
import { idFromGid, type GidKind } from "#app/domain/gid.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import type { InstallFacts } from "#app/ports/install-store.ts";
import type { AdjustRequest, MoveRequest, ShopifyInventory } from "#app/ports/shopify-inventory.ts";
import type { ShopifyOrders } from "#app/ports/shopify-orders.ts";
import { startSimulator, type Simulator } from "#simulator/start.ts";
import { tokenExchangeBody } from "#tests/setup/token-exchange.ts";

const APP = { apiKey: "contract-key", apiSecret: "contract-secret" };
const READ_SCOPES = ["read_orders", "read_products", "read_inventory", "read_locations", "read_merchant_managed_fulfillment_orders", "read_third_party_fulfillment_orders", "read_returns"];

let simulator: Simulator;
let transport: ShopifyTransport;
let inventory: ShopifyInventory;
let orders: ShopifyOrders;
let adminApi: AdminApi;
let shopCount = 0;
let keyCount = 0;
let shop: string;
let context: { shop: string };
let locations: string[];
let accessToken: string;
let refusedTokens: string[];

beforeAll(async () => {
  simulator = await startSimulator({ ...APP, scopes: READ_SCOPES, optionalScopes: ["write_inventory"], schemaPath: inject("adminSchemaPath"), seed: 7 });
  transport = createShopifyTransport({ originOverride: simulator.origin, totalTimeoutMs: 30_000 });
});

afterAll(async () => {
  await transport.close();
  await simulator.close();
});

beforeEach(async () => {
  shop = `contract-${(shopCount += 1)}.myshopify.com`;
  context = { shop };
  refusedTokens = [];
  const created = simulator.control.createShop({ shop, plan: "plus", bigIds: true, locations: [{ name: "North" }, { name: "South" }] });
  locations = created.locations.map((location) => idOf("Location", location.id));
  simulator.control.install(shop, { scopes: ["write_inventory"] });
  accessToken = (await exchange()).access_token;
  adminApi = createAdminClient({
    transport,
    accessTokens: { offlineToken: () => Promise.resolve({ kind: "token", accessToken }), reportRefused: (_shop, token) => Promise.resolve(void refusedTokens.push(token)) },
  });
  inventory = createShopifyInventory(adminApi);
  orders = createShopifyOrders(adminApi);
});

afterEach(() => simulator.control.clearFaults());

function idOf(kind: GidKind, gid: string): string {
  const id = idFromGid(kind, gid);
  if (id === null) throw new Error(`${gid} is no ${kind}`);
  return id;
}

async function exchange(): Promise<{ access_token: string; refresh_token: string }> {
  const outcome = await transport.post({ shop, path: "/admin/oauth/access_token", headers: {}, body: tokenExchangeBody(APP, simulator.control.sessionToken(shop).token) });
  if (outcome.kind !== "answered" || outcome.status !== 200) throw new Error(`no token: ${JSON.stringify(outcome)}`);
  return JSON.parse(outcome.text);
}

interface Sold {
  variantId: string;
  inventoryItemId: string;
}

/** Products with one variant each, 100 units at every location unless said otherwise. */
function stock(count: number, options: { tracked?: boolean; at?: readonly string[] } = {}): Sold[] {
  const levels = (options.at ?? locations).map((id) => ({ locationId: `gid://shopify/Location/${id}`, available: 100 }));
  return Array.from({ length: count }, (_, index) => {
    const product = simulator.control.createProduct(shop, { title: `Thing ${index}`, variants: [{ sku: `SKU-${index}`, tracked: options.tracked ?? true, levels }] });
    const [variant] = product.variants;
    if (variant === undefined) throw new Error("no variant");
    return { variantId: idOf("ProductVariant", variant.variantId), inventoryItemId: idOf("InventoryItem", variant.inventoryItemId) };
  });
}

function only(values: readonly Sold[]): Sold {
  const [value] = values;
  if (value === undefined) throw new Error("none");
  return value;
}

function adjustment(items: readonly Sold[], delta = -1, changes: Partial<AdjustRequest> = {}): AdjustRequest {
  return {
    key: `key-${(keyCount += 1)}`,
    name: "available",
    reason: "correction",
    referenceDocumentUri: "gid://holdfast/Mutation/1",
    changes: items.map(({ inventoryItemId }) => ({ inventoryItemId, locationId: locations[0] ?? "", delta, changeFrom: null })),
    ...changes,
  };
}

async function availableOf(item: Sold): Promise<number | null> {
  const read = await inventory.readLevels(context, [{ inventoryItemId: item.inventoryItemId, locationId: locations[0] ?? "" }]);
  if (read.kind !== "ok") throw new Error(read.kind);
  return read.found[0]?.available ?? null;
}

function place(items: readonly Sold[], quantity = 1) {
  const placed = simulator.control.placeOrder(shop, {
    channel: "api",
    sourceName: "contract-channel",
    appId: "424242",
    lines: items.map(({ variantId }) => ({ variantId: `gid://shopify/ProductVariant/${variantId}`, quantity })),
  });
  if (!("orderId" in placed)) throw new Error("the order was refused");
  return { gid: placed.orderId, id: idOf("Order", placed.orderId), lines: placed.lines };
}

describe("adjusting quantities", () => {
  it("applies 250 entries in one call and tells what each quantity is afterwards", async () => {
    const items = stock(250);
    const result = await inventory.adjustQuantities(context, adjustment(items, -3));
    if (result.kind !== "applied") throw new Error(JSON.stringify(result));
    expect(result.groupId).toMatch(/^[1-9][0-9]*$/);
    expect(result.errors).toEqual([]);
    expect(result.entries).toEqual(items.map(({ inventoryItemId }) => ({ inventoryItemId, locationId: locations[0], delta: -3, after: 97 })));
    expect(result.cost?.requested).toBeLessThanOrEqual(inventory.limits.adjust.estimateCost(250));
  });

  it("takes effect once when the same key and content are sent again, whatever happened to the first answer", async () => {
    const item = only(stock(1));
    for (const kind of ["after_commit", "half_body", "cut", "http_5xx"] as const) {
      const request = adjustment([item]);
      const before = (await availableOf(item)) ?? 0;
      simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind, committed: true, shop });
      expect(await inventory.adjustQuantities(context, request)).toMatchObject({ kind: "unknown", stage: "sent" });
      const again = await inventory.adjustQuantities(context, request);
      expect(again).toMatchObject({ kind: "applied", entries: [{ delta: -1 }] });
      expect(await availableOf(item), `after ${kind}`).toBe(before - 1);
    }
  });

  it("reports a key that is used for other content", async () => {
    const item = only(stock(1));
    const request = adjustment([item]);
    await inventory.adjustQuantities(context, request);
    expect(await inventory.adjustQuantities(context, { ...request, changes: request.changes.map((change) => ({ ...change, delta: -2 })) })).toMatchObject({ kind: "key_mismatch" });
    expect(await availableOf(item)).toBe(99);
  });

  it("moves units into a block and back, tells what is available afterwards, and carries out once what is sent again", async () => {
    const [first, second] = stock(2);
    if (!first || !second) throw new Error("two items were made");
    const stockOf = (item: Sold) => ({ inventoryItemId: item.inventoryItemId, locationId: locations[0] ?? "" });
    const move = (changes: MoveRequest["changes"]): MoveRequest => ({ key: randomUUID(), reason: "reservation_updated", referenceDocumentUri: "gid://holdfast/Mutation/1", ledgerDocumentUri: "gid://holdfast/Holds/1", changes });
    const into = move([{ ...stockOf(first), delta: 10, changeFrom: 100 }, { ...stockOf(second), delta: 4, changeFrom: null }]);
    simulator.control.addFault({ boundary: "inventoryMoveQuantities", kind: "after_commit", shop });
    expect(await inventory.moveQuantities(context, into)).toMatchObject({ kind: "unknown", stage: "sent" });
    expect(await inventory.moveQuantities(context, into)).toMatchObject({ kind: "applied", entries: [{ delta: 10, after: 90 }, { delta: 4, after: 96 }] });
    expect(await inventory.moveQuantities(context, move([{ ...stockOf(first), delta: -3, changeFrom: null }]))).toMatchObject({ kind: "applied", entries: [{ delta: -3, after: 93 }] });
    const stale = move([{ ...stockOf(first), delta: 1, changeFrom: 93 }, { ...stockOf(second), delta: 1, changeFrom: 100 }]);
    expect(await inventory.moveQuantities(context, stale)).toMatchObject({ kind: "rejected", errors: [{ code: "CHANGE_FROM_QUANTITY_STALE", index: 1 }] });
    expect(await availableOf(first)).toBe(93);
    expect(await inventory.bindKey(context, into.key, stockOf(first), "move")).toMatchObject({ kind: "bound_before" });
    const free = move([{ ...stockOf(first), delta: 1, changeFrom: null }]);
    expect(await inventory.bindKey(context, free.key, stockOf(first), "move")).toMatchObject({ kind: "bound" });
    expect(await inventory.moveQuantities(context, free)).toMatchObject({ kind: "key_mismatch" });
    expect(await availableOf(first)).toBe(93);
  });

  it("tells what Shopify makes of a key, and moves no stock by asking", async () => {
    const item = only(stock(1));
    const stocked = { inventoryItemId: item.inventoryItemId, locationId: locations[0] ?? "" };
    const used = adjustment([item]);
    await inventory.adjustQuantities(context, used);
    expect(await inventory.bindKey(context, used.key, stocked, "adjust")).toMatchObject({ kind: "bound_before" });
    const free = adjustment([item]);
    expect(await inventory.bindKey(context, free.key, stocked, "adjust")).toMatchObject({ kind: "bound" });
    expect(await inventory.bindKey(context, free.key, stocked, "adjust")).toMatchObject({ kind: "bound" });
    // Used up: what is sent under it now has no effect.
    expect(await inventory.adjustQuantities(context, free)).toMatchObject({ kind: "key_mismatch" });
    simulator.control.setAssumptions({ keysHonoured: false });
    try {
      expect(await inventory.bindKey(context, used.key, stocked, "adjust")).toMatchObject({ kind: "forgotten" });
    } finally {
      simulator.control.setAssumptions({ keysHonoured: true });
    }
    expect(await inventory.bindKey(context, adjustment([item]).key, { ...stocked, inventoryItemId: "999999999999" }, "adjust")).toMatchObject({ kind: "refused" });
    expect(await availableOf(item)).toBe(99);
  });

  it("does not send what has become another's to send", async () => {
    const item = only(stock(1));
    expect(await inventory.adjustQuantities({ ...context, mayStillSend: () => false }, adjustment([item]))).toMatchObject({ kind: "unknown", stage: "not_sent" });
    expect(await availableOf(item)).toBe(100);
  });

  it("names the entry that was refused, and nothing took effect", async () => {
    const [first, second] = [only(stock(1)), { variantId: "1", inventoryItemId: "999999999999" }];
    const result = await inventory.adjustQuantities(context, adjustment([first, second]));
    expect(result).toMatchObject({ kind: "rejected", errors: [{ code: "INVALID_INVENTORY_ITEM", index: 1 }] });
    expect(await availableOf(first)).toBe(100);
  });

  it.each([
    ["IDEMPOTENCY_CONCURRENT_REQUEST", "concurrent"],
    ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "previous_attempt_failed"],
    ["SERVICE_UNAVAILABLE", "rejected"],
  ])("tells %s apart as %s", async (code, kind) => {
    simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "user_error", code, shop });
    expect(await inventory.adjustQuantities(context, adjustment(stock(1)))).toMatchObject({ kind });
  });

  it("counts errors beside an adjustment group as applied and reports them", async () => {
    simulator.control.setAssumptions({ failingBatchIsAllOrNothing: false });
    try {
      const good = only(stock(1));
      const result = await inventory.adjustQuantities(context, adjustment([good, { variantId: "1", inventoryItemId: "999999999999" }]));
      expect(result).toMatchObject({ kind: "applied", errors: [{ code: "INVALID_INVENTORY_ITEM", index: 1 }] });
      expect(await availableOf(good)).toBe(99);
    } finally {
      simulator.control.setAssumptions({ failingBatchIsAllOrNothing: true });
    }
  });

  it("is refused while the write scope is not granted", async () => {
    simulator.control.setScopes(shop, { granted: READ_SCOPES });
    expect(await inventory.adjustQuantities(context, adjustment(stock(1)))).toMatchObject({ kind: "refused", reason: "access_denied" });
  });

  it.each([
    ["throttled", { kind: "throttled" }],
    ["http_429", { kind: "throttled" }],
    ["before_commit", { kind: "unknown", stage: "sent" }],
    ["html", { kind: "unknown", stage: "sent" }],
  ] as const)("under the fault %s ends as it should", async (kind, expected) => {
    simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind, shop });
    expect(await inventory.adjustQuantities(context, adjustment(stock(1)))).toMatchObject(expected);
  });
});

describe("reading", () => {
  it("finds variants with their items and names the missing ones", async () => {
    const item = only(stock(1));
    const untracked = only(stock(1, { tracked: false }));
    const read = await orders.readVariants(context, [item.variantId, untracked.variantId, "12345", item.inventoryItemId]);
    if (read.kind !== "ok") throw new Error(JSON.stringify(read));
    expect(read.found).toEqual([
      { ...item, sku: "SKU-0", title: expect.stringContaining("Thing 0"), tracked: true, policy: "deny", requiresComponents: false },
      { ...untracked, sku: "SKU-0", title: expect.any(String), tracked: false, policy: "deny", requiresComponents: false },
    ]);
    expect(read.missing).toEqual(["12345", item.inventoryItemId]);
    expect(read.cost?.requested).toBeLessThanOrEqual(orders.limits.variants.estimateCost(4));
  });

  it("finds levels at several locations, nulls where an item is not stocked", async () => {
    const item = only(stock(1));
    const read = await inventory.readLevels(context, [
      { inventoryItemId: item.inventoryItemId, locationId: locations[0] ?? "" },
      { inventoryItemId: item.inventoryItemId, locationId: locations[1] ?? "" },
      { inventoryItemId: "77777", locationId: locations[0] ?? "" },
    ]);
    if (read.kind !== "ok") throw new Error(JSON.stringify(read));
    expect(read.found).toHaveLength(2);
    expect(read.found[0]).toMatchObject({ inventoryItemId: item.inventoryItemId, available: 100, committed: 0, tracked: true });
    expect(read.missing).toEqual(["77777"]);
    expect(read.cost?.requested).toBeLessThanOrEqual(inventory.limits.levels.estimateCost(3));
  });

  it("lists the locations, deactivated ones too", async () => {
    simulator.control.deactivateLocation(shop, { locationId: `gid://shopify/Location/${locations[1] ?? ""}` });
    const read = await inventory.readLocations(context);
    if (read.kind !== "ok") throw new Error(JSON.stringify(read));
    expect(read.found.map(({ locationId, active }) => [locationId, active])).toEqual([
      [locations[0], true],
      [locations[1], false],
    ]);
  });

  it("takes an order whole: source, edited lines, refunds, cancellation", async () => {
    const [kept, grown, shrunk] = stock(3);
    if (kept === undefined || grown === undefined || shrunk === undefined) throw new Error("none");
    const order = place([kept, grown, shrunk], 2);
    const [, second, third] = order.lines;
    if (second === undefined || third === undefined) throw new Error("no lines");
    simulator.control.editOrder(shop, order.gid, { setQuantities: [{ lineItemId: second.lineItemId, quantity: 3 }] });
    simulator.control.refundOrder(shop, order.gid, { lines: [{ lineItemId: third.lineItemId, quantity: 1, restockType: "no_restock" }] });
    const read = await orders.readOrders(context, [order.id, "999"]);
    if (read.kind !== "ok") throw new Error(JSON.stringify(read));
    expect(read.missing).toEqual(["999"]);
    const [snapshot] = read.found;
    expect(snapshot).toMatchObject({ id: order.id, sourceName: "contract-channel", appId: "424242", test: false, cancelledAt: null, locationId: null });
    expect(snapshot?.lines.map((line) => [line.variantId, line.quantity, line.currentQuantity, line.tracked, line.giftCard])).toEqual([
      [kept.variantId, 2, 2, true, false],
      [grown.variantId, 3, 3, true, false],
      [shrunk.variantId, 2, 1, true, false],
    ]);
    expect(snapshot?.refunds).toMatchObject([{ lines: [{ lineId: idOf("LineItem", third.lineItemId), quantity: 1, restockType: "no_restock" }] }]);
    expect(read.cost?.requested).toBeLessThanOrEqual(orders.limits.orders.estimateCost(2));
    simulator.control.cancelOrder(shop, order.gid, { restock: false });
    const after = await orders.readOrders(context, [order.id]);
    expect(after.kind === "ok" ? after.found[0]?.cancelledAt : null).toMatch(/^20/);
  });

  it("takes an order with more lines and refunds than one page holds", async () => {
    const items = stock(150);
    const order = place(items, 1);
    for (const line of order.lines.slice(0, 8)) {
      simulator.control.refundOrder(shop, order.gid, { lines: [{ lineItemId: line.lineItemId, quantity: 1, restockType: "no_restock" }] });
    }
    simulator.control.refundOrder(shop, order.gid, { lines: order.lines.slice(10, 40).map((line) => ({ lineItemId: line.lineItemId, quantity: 1, restockType: "no_restock" as const })) });
    const read = await orders.readOrders(context, [order.id]);
    if (read.kind !== "ok") throw new Error(JSON.stringify(read));
    const [snapshot] = read.found;
    expect(snapshot?.lines.map((line) => line.variantId)).toEqual(items.map((item) => item.variantId));
    expect(snapshot?.refunds.map((refund) => refund.lines.length).toSorted((a, b) => a - b)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 30]);
  });

  it("tells an order's location cheaply, and its lines only once they are apart", async () => {
    const order = place(stock(2), 2);
    const whole = await orders.readOrderLocations(context, [order.id, "999"]);
    if (whole.kind !== "ok") throw new Error(JSON.stringify(whole));
    expect(whole.missing).toEqual(["999"]);
    expect(whole.found).toEqual([{ orderId: order.id, fulfilmentOrders: [{ fulfilmentOrderId: expect.any(String), locationId: locations[0], status: "open", lines: null }] }]);
    expect(whole.cost?.requested).toBeLessThanOrEqual(orders.limits.orderLocations.estimateCost(2));
  });

  it("tells which lines of a split order are fulfilled from where", async () => {
    const [north = "", south = ""] = locations;
    const items = [...stock(25, { at: [north] }), ...stock(25, { at: [south] })];
    const order = place(items, 2);
    const read = await orders.readOrderLocations(context, [order.id]);
    if (read.kind !== "ok") throw new Error(JSON.stringify(read));
    const places = read.found[0]?.fulfilmentOrders ?? [];
    expect(places.map(({ locationId }) => locationId).toSorted()).toEqual([north, south].toSorted());
    const linesAt = (location: string) => places.find(({ locationId }) => locationId === location)?.lines;
    const lines = order.lines.map(({ lineItemId }) => ({ lineId: idOf("LineItem", lineItemId), quantity: 2 }));
    expect(linesAt(north)).toEqual(lines.slice(0, 25));
    expect(linesAt(south)).toEqual(lines.slice(25));
  });

  it("does not take half an answer for the whole", async () => {
    simulator.control.addFault({ boundary: "graphql", kind: "half_body", shop });
    expect(await orders.readVariants(context, ["1"])).toMatchObject({ kind: "unknown" });
  });
});

describe("tokens", () => {
  it("that Shopify revoked are reported once refused", async () => {
    simulator.control.uninstall(shop);
    expect(await inventory.readLocations(context)).toMatchObject({ kind: "refused", reason: "unauthorized" });
    expect(refusedTokens).toEqual([accessToken]);
  });

  it("are refreshed in rotation, and the old refresh token works until the new one is used", async () => {
    const refresh = createRefreshToken({ transport, ...APP, now: () => new Date() });
    const { refresh_token: first } = await exchange();
    const lost = await refresh(shop, first);
    const again = await refresh(shop, first);
    if (lost.kind !== "refreshed" || again.kind !== "refreshed") throw new Error(JSON.stringify([lost, again]));
    const next = await refresh(shop, again.pair.refreshToken);
    expect(next.kind).toBe("refreshed");
    expect((await refresh(shop, first)).kind).toBe("revoked");
    accessToken = next.kind === "refreshed" ? next.pair.accessToken : "";
    expect(await inventory.readLocations(context)).toMatchObject({ kind: "ok" });
  });

  it("are not given up because our own secret is wrong", async () => {
    const refresh = createRefreshToken({ transport, apiKey: APP.apiKey, apiSecret: "mistyped", now: () => new Date() });
    expect(await refresh(shop, (await exchange()).refresh_token)).toMatchObject({ kind: "failed" });
  });
});

describe("an install", () => {
  it("is recorded with its own id, the scopes that were granted and the shop's time zone", async () => {
    const begun: InstallFacts[] = [];
    const installStore = {
      begin: (facts: InstallFacts) => {
        begun.push(facts);
        return Promise.resolve({ installId: 1n, epoch: 1, isNew: true });
      },
    };
    expect(await registerInstall({ adminApi, installStore }, context)).toMatchObject({ kind: "registered", install: { isNew: true } });
    const known = simulator.control.listShops().find((candidate) => candidate.shop === shop);
    expect(begun).toEqual([
      { shop, appInstallationGid: known?.appInstallationId, scopes: [...READ_SCOPES, "write_inventory"].toSorted(), timezone: "America/New_York", shopName: expect.any(String) },
    ]);
  });
});

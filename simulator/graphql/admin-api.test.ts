import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGate } from "../testing/gate.ts";
import { addVariant, availableAt, startTestApp, SHOP } from "../testing/running-simulator.ts";
import type { TestApp } from "../testing/running-simulator.ts";

const ADJUST = `mutation($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) { inventoryAdjustmentGroup { id } userErrors { code field } }
}`;

describe("the simulated Admin API", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({}, { bigIds: true });
  });
  afterAll(async () => {
    await app.simulator.close();
  });
  const place = (available = 10) => {
    const { variantId: _, ...ids } = addVariant(app, available);
    return ids;
  };
  const adjustOne = (ids: { inventoryItemId: string; locationId: string }, key: string) =>
    app.graphql(ADJUST, { input: { name: "available", reason: "correction", changes: [{ ...ids, delta: -1, changeFromQuantity: null }] }, key });

  it("reads the shop, its scopes and locations", async () => {
    const { body } = await app.graphql(`{ shop { id name myshopifyDomain ianaTimezone currencyCode plan { shopifyPlus } }
      currentAppInstallation { id accessScopes { handle } } locations(first: 5) { nodes { id name } pageInfo { hasNextPage } } }`);
    expect(body.data).toMatchObject({ shop: { myshopifyDomain: SHOP, plan: { shopifyPlus: true } }, locations: { nodes: [{ name: "Main" }, { name: "Second" }] } });
  });

  it("names a field it does not support instead of answering null", async () => {
    const { body } = await app.graphql("{ shop { email } }");
    expect(body.data).toBeUndefined();
    expect(body.errors?.[0]).toMatchObject({ message: "The simulator does not support the field Shop.email", extensions: { code: "SIMULATOR_UNSUPPORTED" } });
  });

  it("refuses what the real schema does not know", async () => {
    const { body } = await app.graphql("{ shop { favouriteColour } }");
    expect(body.errors?.[0]?.message).toContain("favouriteColour");
  });

  it("reads an order with its lines, stock, refunds and fulfilment orders, ids beyond 2^53 unharmed", async () => {
    const stocked = addVariant(app, 10, { sku: "BIG" });
    const placed = app.simulator.control.placeOrder(SHOP, { channel: "web", lines: [{ variantId: stocked.variantId, quantity: 3 }] });
    if ("refused" in placed) throw new Error("The order was refused.");
    app.simulator.control.refundOrder(SHOP, placed.orderId, { lines: [{ lineItemId: placed.lines[0]?.lineItemId ?? "", quantity: 1, restockType: "cancel" }] });
    const { body } = await app.graphql(
      `query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Order { name sourceName displayFinancialStatus lineItems(first: 5) { nodes { id quantity currentQuantity unfulfilledQuantity
        variant { sku inventoryItem { tracked inventoryLevels(first: 5) { edges { node { location { id } quantities(names: ["available", "committed", "on_hand"]) { name quantity } } } } } } } }
        refunds(first: 5) { refundLineItems(first: 5) { nodes { quantity restockType lineItem { id } location { id } } } }
        fulfillmentOrders(first: 5) { nodes { status assignedLocation { location { id } } lineItems(first: 5) { nodes { totalQuantity remainingQuantity inventoryItemId } } } } } } }`,
      { ids: [placed.orderId] },
    );
    expect(BigInt(placed.orderId.split("/").at(-1) ?? "0") > 2n ** 53n).toBe(true);
    expect(body.errors).toBeUndefined();
    expect(body.data?.["nodes"]).toMatchObject([
      {
        id: placed.orderId,
        sourceName: "web",
        displayFinancialStatus: "PARTIALLY_REFUNDED",
        lineItems: { nodes: [{ quantity: 3, currentQuantity: 2, unfulfilledQuantity: 2, variant: { inventoryItem: { inventoryLevels: { edges: [{ node: { quantities: [{ quantity: 8 }, { quantity: 2 }, { quantity: 10 }] } }] } } } }] },
        refunds: [{ refundLineItems: { nodes: [{ quantity: 1, restockType: "CANCEL", location: { id: stocked.locationId } }] } }],
        fulfillmentOrders: { nodes: [{ status: "OPEN", assignedLocation: { location: { id: stocked.locationId } }, lineItems: { nodes: [{ totalQuantity: 2, remainingQuantity: 2, inventoryItemId: stocked.inventoryItemId }] } }] },
      },
    ]);
  });

  it("pages orders found by updated_at, oldest first when asked", async () => {
    const stocked = addVariant(app, 100);
    const since = new Date(Date.parse(app.simulator.control.clock().now) + 3_600_000).toISOString();
    app.simulator.control.setClock({ advanceMs: 3_600_000 });
    const ids = Array.from({ length: 5 }, () => app.simulator.control.placeOrder(SHOP, { channel: "web", lines: [{ variantId: stocked.variantId, quantity: 1 }] })).map((order) => ("refused" in order ? "" : order.orderId));
    const found: string[] = [];
    let after: string | null = null;
    do {
      const { body } = await app.graphql(
        "query($query: String, $after: String) { orders(first: 2, after: $after, query: $query, sortKey: UPDATED_AT) { nodes { id } pageInfo { hasNextPage endCursor } } }",
        { query: `updated_at:>='${since}'`, after },
      );
      const page = body.data?.["orders"] as { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
      found.push(...page.nodes.map(({ id }) => id));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(found).toEqual(ids);
  });

  it("hides a change from search for as long as assumed", async () => {
    const stocked = addVariant(app, 100);
    app.simulator.control.setAssumptions({ searchLagMs: 60_000 });
    const placed = app.simulator.control.placeOrder(SHOP, { channel: "api", sourceName: "late-to-search", lines: [{ variantId: stocked.variantId, quantity: 1 }] });
    const search = async () => (await app.graphql("{ orders(first: 5, query: \"source_name:late-to-search\") { nodes { id } } }")).body.data?.["orders"];
    expect(await search()).toEqual({ nodes: [] });
    app.simulator.control.setClock({ advanceMs: 61_000 });
    expect(await search()).toEqual({ nodes: [{ id: "refused" in placed ? "" : placed.orderId }] });
    app.simulator.control.setAssumptions({ searchLagMs: 0 });
  });

  it("charges what was asked for and gives back what was not used", async () => {
    const { body } = await app.graphql("{ shop { id } locations(first: 10) { nodes { id name } } }");
    expect(body.extensions?.cost).toMatchObject({ requestedQueryCost: 13, actualQueryCost: 5, throttleStatus: { maximumAvailable: 20_000, restoreRate: 1_000 } });
  });

  it("refuses one query that costs more than 1000", async () => {
    const { body } = await app.graphql("{ products(first: 250) { nodes { variants(first: 10) { nodes { id } } } } }");
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: "MAX_COST_EXCEEDED", maxCost: 1_000 });
  });

  it("answers THROTTLED with status 200 and no data once the bucket is empty, and serves again when it has filled", async () => {
    const gate = createGate();
    const small = await startTestApp({ sleep: gate.sleep }, { plan: "standard" });
    const dear = "{ products(first: 200) { nodes { variants(first: 2) { pageInfo { hasNextPage } } } } }";
    // Answers under way have not given back what they do not use: three of 602 points leave less than a fourth needs.
    const threeUnderWay = gate.close(3);
    small.simulator.control.setLatency({ graphqlMs: 1 });
    const asked = [1, 2, 3, 4].map(() => small.graphql(dear));
    await threeUnderWay;
    await Promise.race(asked);
    small.simulator.control.setLatency({ graphqlMs: 0 });
    gate.open();
    const throttled = (await Promise.all(asked)).filter(({ body }) => body.errors);
    expect(throttled).toHaveLength(1);
    expect(throttled[0]?.status).toBe(200);
    expect(throttled[0]?.body).toMatchObject({
      errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
      extensions: { cost: { requestedQueryCost: 602, actualQueryCost: null, throttleStatus: { maximumAvailable: 2_000, restoreRate: 100 } } },
    });
    expect(throttled[0]?.body.data).toBeUndefined();
    expect((await small.graphql(dear)).body.errors).toBeUndefined();
    await small.simulator.close();
  });

  it("answers 401 to a token it does not know", async () => {
    const answer = await app.graphql("{ shop { id } }", {}, "shpat_wrong");
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({ errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" });
  });

  it("loses the answer but not the effect after the commit, and both before it", async () => {
    const ids = place();
    const { control } = app.simulator;
    control.addFault({ boundary: "inventoryAdjustQuantities", kind: "after_commit", times: 1 });
    await expect(adjustOne(ids, "cut-after")).rejects.toThrow("fetch failed");
    expect(availableAt(app, ids)).toBe(9);
    control.addFault({ boundary: "inventoryAdjustQuantities", kind: "before_commit", times: 1 });
    await expect(adjustOne(ids, "cut-before")).rejects.toThrow("fetch failed");
    expect(availableAt(app, ids)).toBe(9);
    await adjustOne(ids, "cut-after");
    await adjustOne(ids, "cut-before");
    expect(availableAt(app, ids)).toBe(8);
    expect(control.listFaults()).toEqual([]);
  });

  it("breaks answers by name: 429, THROTTLED, 5xx, HTML, half a body, user error, revoked token", async () => {
    const ids = place();
    const { control } = app.simulator;
    const once = (kind: "http_429" | "throttled" | "http_5xx" | "token_revoked" | "user_error" | "html" | "half_body", code?: string) =>
      control.addFault({ boundary: "inventoryAdjustQuantities", kind, times: 1, shop: SHOP, ...(code ? { code } : {}) });
    once("http_429");
    const limited = await adjustOne(ids, "f1");
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "2.0"]);
    once("throttled");
    expect((await adjustOne(ids, "f2")).body.errors?.[0]?.extensions?.["code"]).toBe("THROTTLED");
    once("http_5xx");
    expect((await adjustOne(ids, "f3")).status).toBe(503);
    once("html");
    await expect(adjustOne(ids, "f4")).rejects.toThrow(/JSON/);
    once("user_error", "ADJUST_QUANTITIES_FAILED");
    expect((await adjustOne(ids, "f5")).body.data?.["inventoryAdjustQuantities"]).toMatchObject({ userErrors: [{ code: "ADJUST_QUANTITIES_FAILED", field: ["input", "changes", "0"] }] });
    expect(availableAt(app, ids)).toBe(10);
    once("half_body");
    await expect(adjustOne(ids, "f6")).rejects.toThrow("terminated");
    expect(availableAt(app, ids)).toBe(9);
    const spare = String((await app.exchange()).body["access_token"]);
    once("token_revoked");
    const input = { name: "available", reason: "correction", changes: [] };
    expect((await app.graphql(ADJUST, { input, key: "f7" }, spare)).status).toBe(401);
    expect((await app.graphql(ADJUST, { input, key: "f7" }, spare)).status).toBe(401);
  });

  it("holds a fulfilment order once per handle and releases it", async () => {
    const stocked = addVariant(app, 10);
    const placed = app.simulator.control.placeOrder(SHOP, { channel: "web", lines: [{ variantId: stocked.variantId, quantity: 1 }] });
    const orderId = "refused" in placed ? "" : placed.orderId;
    const { body } = await app.graphql("query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 1) { nodes { id } } } }", { id: orderId });
    const order = body.data?.["order"] as { fulfillmentOrders: { nodes: { id: string }[] } } | undefined;
    const id = order?.fulfillmentOrders.nodes[0]?.id;
    const hold = `mutation($id: ID!) { fulfillmentOrderHold(id: $id, fulfillmentHold: { reason: INVENTORY_OUT_OF_STOCK, handle: "short" }) { fulfillmentHold { id handle } fulfillmentOrder { status } userErrors { code } } }`;
    expect((await app.graphql(hold, { id })).body.data?.["fulfillmentOrderHold"]).toMatchObject({ fulfillmentOrder: { status: "ON_HOLD" }, userErrors: [] });
    expect((await app.graphql(hold, { id })).body.data?.["fulfillmentOrderHold"]).toMatchObject({ userErrors: [{ code: "DUPLICATE_FULFILLMENT_HOLD_HANDLE" }] });
    expect(() => app.simulator.control.fulfillOrder(SHOP, orderId)).toThrow(/on hold/);
    const released = await app.graphql("mutation($id: ID!) { fulfillmentOrderReleaseHold(id: $id) { fulfillmentOrder { status } userErrors { code } } }", { id });
    expect(released.body.data?.["fulfillmentOrderReleaseHold"]).toEqual({ fulfillmentOrder: { status: "OPEN" }, userErrors: [] });
  });

  it("holds a part of a fulfilment order: the rest becomes one of its own, which can be sent", async () => {
    const stocked = addVariant(app, 10);
    const placed = app.simulator.control.placeOrder(SHOP, { channel: "web", lines: [{ variantId: stocked.variantId, quantity: 3 }] });
    const orderId = "refused" in placed ? "" : placed.orderId;
    const places = `query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 5) { nodes { id status lineItems(first: 5) { nodes { id remainingQuantity } } } } } }`;
    interface Place {
      id: string;
      status: string;
      lineItems: { nodes: { id: string; remainingQuantity: number }[] };
    }
    const read = async () => {
      const found = (await app.graphql(places, { id: orderId })).body.data?.["order"] as { fulfillmentOrders: { nodes: Place[] } } | undefined;
      return found?.fulfillmentOrders.nodes ?? [];
    };
    const [whole] = await read();
    const line = whole?.lineItems.nodes[0]?.id;
    const document = `mutation($id: ID!, $hold: FulfillmentOrderHoldInput!) { fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) {
      fulfillmentOrder { id status lineItems(first: 5) { nodes { remainingQuantity } } } remainingFulfillmentOrder { status lineItems(first: 5) { nodes { remainingQuantity } } } userErrors { code } } }`;
    const hold = async (lines: { id: string | undefined; quantity: number }[], handle = "short") =>
      (await app.graphql(document, { id: whole?.id, hold: { reason: "INVENTORY_OUT_OF_STOCK", handle, fulfillmentOrderLineItems: lines } })).body.data?.["fulfillmentOrderHold"];
    expect(await hold([{ id: line, quantity: 4 }])).toMatchObject({ fulfillmentOrder: null, userErrors: [{ code: "INVALID_LINE_ITEM_QUANTITY" }] });
    expect(await hold([{ id: line, quantity: 1 }, { id: line, quantity: 1 }])).toMatchObject({ userErrors: [{ code: "DUPLICATED_FULFILLMENT_ORDER_LINE_ITEMS" }] });
    expect(await hold([{ id: line, quantity: 1 }])).toMatchObject({
      fulfillmentOrder: { id: whole?.id, status: "ON_HOLD", lineItems: { nodes: [{ remainingQuantity: 1 }] } },
      remainingFulfillmentOrder: { status: "OPEN", lineItems: { nodes: [{ remainingQuantity: 2 }] } },
      userErrors: [],
    });
    expect(await hold([{ id: line, quantity: 1 }], "other")).toMatchObject({ userErrors: [{ code: "FULFILLMENT_ORDER_NOT_SPLITTABLE" }] });
    const lineItemId = "refused" in placed ? "" : (placed.lines[0]?.lineItemId ?? "");
    expect(() => app.simulator.control.fulfillOrder(SHOP, orderId, { lines: [{ lineItemId, quantity: 3 }] })).toThrow(/on hold/);
    app.simulator.control.fulfillOrder(SHOP, orderId, { lines: [{ lineItemId, quantity: 2 }] });
    expect((await read()).map(({ status, lineItems }) => [status, lineItems.nodes.map(({ remainingQuantity }) => remainingQuantity)])).toEqual([
      ["ON_HOLD", [1]],
      ["CLOSED", [0]],
    ]);
  });

  it("creates orders that bypass stock unless told otherwise", async () => {
    const stocked = addVariant(app, 1);
    const create = `mutation($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) { orderCreate(order: $order, options: $options) { order { id sourceName } userErrors { field } } }`;
    const order = { sourceName: "my-channel", lineItems: [{ variantId: stocked.variantId, quantity: 2 }] };
    expect((await app.graphql(create, { order })).body.data?.["orderCreate"]).toMatchObject({ order: { sourceName: "my-channel" }, userErrors: [] });
    expect(availableAt(app, stocked)).toBe(1);
    const obeying = await app.graphql(create, { order, options: { inventoryBehaviour: "DECREMENT_OBEYING_POLICY" } });
    expect(obeying.body.data?.["orderCreate"]).toMatchObject({ order: null, userErrors: [{}] });
  });

  it("sells by plans: the product names its groups, the line its plan, and the plan what it is for", async () => {
    const { control } = app.simulator;
    const { locationId } = place();
    const levels = [{ locationId, available: 1 }];
    const sellingPlans = [{ name: "Ships in May", category: "PRE_ORDER" as const }, { name: "Ships when it is there", category: "PRE_ORDER" as const, reserve: "ON_FULFILLMENT" as const }];
    const product = control.createProduct(SHOP, { title: "Kettle", sellingPlans, variants: [{ sku: "KETTLE", levels }] });
    const { variantId = "", inventoryItemId = "" } = product.variants[0] ?? {};
    const [now = "", later = ""] = product.sellingPlanIds;
    const lines = [{ variantId, quantity: 2, sellingPlanId: now }, { variantId, quantity: 4, sellingPlanId: later }, { variantId, quantity: 1 }];
    const placed = control.placeOrder(SHOP, { channel: "api", inventoryBehaviour: "DECREMENT_IGNORING_POLICY", lines });
    if ("refused" in placed) throw new Error("The order was refused.");
    expect(availableAt(app, { inventoryItemId, locationId })).toBe(-2);
    const read = `query($ids: [ID!]!) { nodes(ids: $ids) { ... on LineItem { sellingPlan { sellingPlanId name } } ... on SellingPlan { category inventoryPolicy { reserve } }
      ... on ProductVariant { product { sellingPlanGroups(first: 2) { nodes { name sellingPlans(first: 5) { nodes { id } } } } } } } }`;
    const { body } = await app.graphql(read, { ids: [...placed.lines.map(({ lineItemId }) => lineItemId), later, variantId] });
    expect(body.data?.["nodes"]).toEqual([
      { sellingPlan: { sellingPlanId: now, name: "Ships in May" } },
      { sellingPlan: { sellingPlanId: later, name: "Ships when it is there" } },
      { sellingPlan: null },
      { category: "PRE_ORDER", inventoryPolicy: { reserve: "ON_FULFILLMENT" } },
      { product: { sellingPlanGroups: { nodes: [{ name: "Kettle", sellingPlans: { nodes: [{ id: now }, { id: later }] } }] } } },
    ]);
    const other = addVariant(app, 1, { sku: "SPOON" });
    expect(() => control.placeOrder(SHOP, { channel: "web", lines: [{ variantId: other.variantId, quantity: 1, sellingPlanId: now }] })).toThrow(/does not sell/);
  });

  it("comes back to a snapshot with stock, orders and keys", async () => {
    const ids = place();
    const { control } = app.simulator;
    const { id } = control.snapshot();
    await adjustOne(ids, "after-snapshot");
    expect(availableAt(app, ids)).toBe(9);
    control.restore({ id });
    expect(availableAt(app, ids)).toBe(10);
    await adjustOne(ids, "after-snapshot");
    expect(availableAt(app, ids)).toBe(9);
  });

  it("installs anew with another installation, and tokens of the old one are dead", async () => {
    const other = await startTestApp();
    const { control } = other.simulator;
    const first = control.listShops()[0]?.appInstallationId;
    control.uninstall(SHOP);
    expect((await other.graphql("{ shop { id } }")).status).toBe(401);
    const { appInstallationId } = control.install(SHOP);
    expect(appInstallationId).not.toBe(first);
    expect((await other.graphql("{ shop { id } }")).status).toBe(401);
    const renewed = String((await other.exchange()).body["access_token"]);
    expect((await other.graphql("{ shop { id } }", {}, renewed)).status).toBe(200);
    await other.simulator.close();
  });
});

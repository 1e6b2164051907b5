import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addVariant, startTestApp, SHOP } from "../testing/running-simulator.ts";
import type { TestApp } from "../testing/running-simulator.ts";

const FLOW = `mutation($handle: String, $payload: JSON) { flowTriggerReceive(handle: $handle, payload: $payload) { userErrors { field message } } }`;

describe("what detection is tried with", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ flowTriggers: ["oversell-opened"] });
  });
  afterAll(() => app.simulator.close());
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${app.simulator.origin}/sim/shops/${SHOP}/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return (await answer.json()) as Record<string, unknown>;
  };

  it("remembers Flow triggers of handles the app declares and refuses others", async () => {
    expect((await app.graphql(FLOW, { handle: "oversell-opened", payload: { "Product title": "Mug", depth: 2 } })).body.data).toEqual({ flowTriggerReceive: { userErrors: [] } });
    const refused = await app.graphql(FLOW, { handle: "oversell-gone", payload: {} });
    expect(refused.body.data).toMatchObject({ flowTriggerReceive: { userErrors: [{ field: ["handle"], message: expect.stringContaining("oversell-gone") as string }] } });
    expect((await app.graphql(FLOW, { handle: "oversell-opened", payload: { text: "x".repeat(60_000) } })).body.data).toMatchObject({ flowTriggerReceive: { userErrors: [{ field: ["payload"] }] } });
    expect((await call("GET", "flow-triggers"))["items"]).toMatchObject([{ seq: 1, handle: "oversell-opened", payload: { "Product title": "Mug", depth: 2 } }]);
  });

  it("writes into the truth what a second writer's number stood for", async () => {
    const { inventoryItemId, locationId } = addVariant(app, 10);
    await call("POST", "levels/set", { inventoryItemId, locationId, available: 12, writer: "erp", kind: "overwrite", seenSeq: 1 });
    await call("POST", "levels/adjust", { inventoryItemId, locationId, delta: 5, writer: "staff", kind: "receipt" });
    await call("POST", "levels/set", { inventoryItemId, locationId, available: 16, writer: "staff", kind: "stock_take" });
    await call("POST", "levels/set", { inventoryItemId, locationId, available: 15, writer: "staff" });
    const causes = app.simulator.control.truth(SHOP).items.filter((entry) => entry.inventoryItemId === inventoryItemId).map(({ cause }) => cause);
    expect(causes).toEqual([
      { kind: "seed" },
      { kind: "writer", writer: "erp", writeKind: "overwrite", seenSeq: 1 },
      { kind: "writer", writer: "staff", writeKind: "receipt" },
      { kind: "writer", writer: "staff", writeKind: "stock_take" },
      { kind: "writer", writer: "staff" },
    ]);
  });

  it("sells at a till that is offline and syncs the sale an hour later", async () => {
    const { variantId, inventoryItemId, locationId } = addVariant(app, 1);
    const before = app.simulator.control.orders(SHOP).length;
    const { soldAt } = await call("POST", "pos/offline", { lines: [{ variantId, quantity: 2 }], locationId });
    expect(app.simulator.control.orders(SHOP)).toHaveLength(before);
    app.simulator.control.setClock({ advanceMs: 3_600_001 });
    const orderId = app.simulator.control.orders(SHOP).at(-1)?.orderId;
    const { body } = await app.graphql(
      `query($id: ID!) { order(id: $id) { createdAt processedAt displayFulfillmentStatus sourceName retailLocation { id } lineItems(first: 1) { nodes { variant { inventoryItem { inventoryLevel(locationId: "${locationId}") { quantities(names: ["available", "reserved", "on_hand"]) { name quantity updatedAt } } } } } } } }`,
      { id: orderId },
    );
    expect(body.data?.["order"]).toMatchObject({ processedAt: `${String(soldAt).slice(0, 19)}Z`, displayFulfillmentStatus: "FULFILLED", sourceName: "pos", retailLocation: { id: locationId } });
    const last = app.simulator.control.truth(SHOP).items.filter((entry) => entry.inventoryItemId === inventoryItemId && entry.name === "available").at(-1);
    expect(last?.after).toBe(-1);
  });

  it("reserves by draft orders over HTTP", async () => {
    const { variantId } = addVariant(app, 3);
    const draft = await call("POST", "draft-orders", { lines: [{ variantId, quantity: 2 }], reserveForMs: 60_000 });
    expect(draft).toMatchObject({ status: "open", reserved: [{ units: 2 }] });
    const id = encodeURIComponent(String(draft["draftOrderId"]));
    expect(await call("POST", `draft-orders/${id}/complete`, {})).toMatchObject({ lines: [{ quantity: 2 }] });
    expect(await call("POST", `draft-orders/${id}/delete`, {})).toMatchObject({ error: { code: "draft_not_open" } });
    expect((await call("GET", "draft-orders"))["items"]).toMatchObject([{ status: "completed", reserved: [] }]);
  });

  it("says what may be done with a fulfilment order, and which locations send", async () => {
    const { variantId } = addVariant(app, 9);
    const placed = app.simulator.control.placeOrder(SHOP, { channel: "web", lines: [{ variantId, quantity: 1 }] });
    if ("refused" in placed) throw new Error("The order was refused.");
    const READ = `query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 1) { nodes { id status supportedActions { action } } } } }`;
    const read = async () => {
      const { body } = await app.graphql(READ, { id: placed.orderId });
      const order = body.data?.["order"] as { fulfillmentOrders: { nodes: { id: string; supportedActions: { action: string }[] }[] } } | undefined;
      return order?.fulfillmentOrders.nodes[0];
    };
    const open = await read();
    expect(open?.supportedActions.map(({ action }) => action)).toContain("HOLD");
    await app.graphql(`mutation($id: ID!) { fulfillmentOrderHold(id: $id, fulfillmentHold: { reason: OTHER, handle: "oversell" }) { userErrors { code } } }`, { id: open?.id });
    expect((await read())?.supportedActions.map(({ action }) => action)).toContain("RELEASE_HOLD");
    await call("POST", "locations/update", { locationId: app.locationIds[1], fulfillsOnlineOrders: false });
    const { body } = await app.graphql("{ locations(first: 2) { nodes { fulfillsOnlineOrders shipsInventory isActive isFulfillmentService } } }");
    expect(body.data?.["locations"]).toMatchObject({ nodes: [{ fulfillsOnlineOrders: true }, { fulfillsOnlineOrders: false, shipsInventory: true, isActive: true, isFulfillmentService: false }] });
  });
});

// Orders made by an app: their attributes, their unique metafield, and how they are found again.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SHOP, addVariant, availableAt, startTestApp } from "../testing/running-simulator.ts";
import type { TestApp } from "../testing/running-simulator.ts";

const DEFINE = `mutation ($definition: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $definition) { createdDefinition { id capabilities { uniqueValues { enabled } } } userErrors { code field } } }`;
const CREATE = `mutation ($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) { orderCreate(order: $order, options: $options) { order { id customAttributes { key value } tags metafield(namespace: "$app:till", key: "sale") { value } } userErrors { code field message } } }`;
const FIND = `query ($value: String!) { orderByIdentifier(identifier: { customId: { namespace: "$app:till", key: "sale", value: $value } }) { id } }`;
const DEFINITION = { name: "Sale", namespace: "$app:till", key: "sale", type: "id", ownerType: "ORDER" };

let app: TestApp;
let variantId: string;
let place: { inventoryItemId: string; locationId: string };

beforeEach(async () => {
  app = await startTestApp();
  ({ variantId, ...place } = addVariant(app, 10));
});
afterEach(() => app.simulator.close());

const order = (value: string, more: Record<string, unknown> = {}) => ({
  lineItems: [{ variantId, quantity: 2 }],
  metafields: [{ namespace: "$app:till", key: "sale", type: "id", value }],
  ...more,
});

describe("a definition of type id", () => {
  it("has unique values whether it asks for them or not, and is taken the second time", async () => {
    const first = await app.graphql(DEFINE, { definition: DEFINITION });
    expect(first.body.data?.["metafieldDefinitionCreate"]).toMatchObject({ createdDefinition: { capabilities: { uniqueValues: { enabled: true } } }, userErrors: [] });
    const second = await app.graphql(DEFINE, { definition: DEFINITION });
    expect(second.body.data?.["metafieldDefinitionCreate"]).toEqual({ createdDefinition: null, userErrors: [{ code: "TAKEN", field: ["definition", "key"] }] });
  });

  it("cannot be had without unique values", async () => {
    const answer = await app.graphql(DEFINE, { definition: { ...DEFINITION, capabilities: { uniqueValues: { enabled: false } } } });
    expect(answer.body.data?.["metafieldDefinitionCreate"]).toMatchObject({ createdDefinition: null, userErrors: [{ code: "CAPABILITY_REQUIRED_BUT_DISABLED" }] });
  });
});

describe("orderCreate", () => {
  it("takes stock when it is told to, and shows attributes, tags and metafield", async () => {
    await app.graphql(DEFINE, { definition: DEFINITION });
    const input = order("s-1", { customAttributes: [{ key: "colour", value: "red" }], tags: ["vip"], email: "buyer@example.com", shippingAddress: { city: "Ottawa" } });
    const answer = await app.graphql(CREATE, { order: input, options: { inventoryBehaviour: "DECREMENT_IGNORING_POLICY" } });
    expect(answer.body.data?.["orderCreate"]).toMatchObject({ order: { customAttributes: [{ key: "colour", value: "red" }], tags: ["vip"], metafield: { value: "s-1" } }, userErrors: [] });
    expect(availableAt(app, place)).toBe(8);
    const [made] = app.simulator.control.orders(SHOP);
    expect(app.simulator.control.order(SHOP, made?.orderId ?? "")).toMatchObject({ note_attributes: [{ name: "colour", value: "red" }], email: "buyer@example.com", tags: "vip" });
  });

  it("refuses a second order with the same unique value, and makes it where that is not honoured", async () => {
    await app.graphql(DEFINE, { definition: DEFINITION });
    await app.graphql(CREATE, { order: order("s-1") });
    const second = await app.graphql(CREATE, { order: order("s-1") });
    expect(second.body.data?.["orderCreate"]).toMatchObject({ order: null, userErrors: [{ code: "INVALID", field: ["order", "metafields", "0", "value"] }] });
    expect(app.simulator.control.orders(SHOP)).toHaveLength(1);
    app.simulator.control.setAssumptions({ uniqueMetafieldsHonoured: false });
    await app.graphql(CREATE, { order: order("s-1") });
    expect(app.simulator.control.orders(SHOP)).toHaveLength(2);
  });

  it("refuses an id that nobody defined", async () => {
    const answer = await app.graphql(CREATE, { order: order("s-1") });
    expect(answer.body.data?.["orderCreate"]).toMatchObject({ order: null, userErrors: [{ field: ["order", "metafields", "0", "type"] }] });
  });

  it("names what it does not support instead of leaving it out", async () => {
    const answer = await app.graphql(CREATE, { order: { lineItems: [{ variantId, quantity: 1 }], fulfillmentStatus: "FULFILLED" } });
    expect(answer.body.errors?.[0]).toMatchObject({ message: expect.stringContaining("OrderCreateOrderInput.fulfillmentStatus"), extensions: { code: "SIMULATOR_UNSUPPORTED" } });
    expect(app.simulator.control.orders(SHOP)).toEqual([]);
  });

  it("may take effect although its answer is lost", async () => {
    app.simulator.control.addFault({ boundary: "orderCreate", kind: "after_commit" });
    await app.graphql(CREATE, { order: { lineItems: [{ variantId, quantity: 1 }] } }).catch(() => null);
    expect(app.simulator.control.orders(SHOP)).toHaveLength(1);
    app.simulator.control.addFault({ boundary: "orderCreate", kind: "before_commit" });
    await app.graphql(CREATE, { order: { lineItems: [{ variantId, quantity: 1 }] } }).catch(() => null);
    expect(app.simulator.control.orders(SHOP)).toHaveLength(1);
  });
});

describe("orderByIdentifier", () => {
  it("finds an order by its own id of the app, after the lag that is assumed", async () => {
    app.simulator.control.setAssumptions({ identifierLagMs: 60_000 });
    app.simulator.control.setClock({ scale: 1 });
    await app.graphql(DEFINE, { definition: DEFINITION });
    await app.graphql(CREATE, { order: order("s-1") });
    expect((await app.graphql(FIND, { value: "s-1" })).body.data).toEqual({ orderByIdentifier: null });
    app.simulator.control.setClock({ advanceMs: 60_000 });
    expect((await app.graphql(FIND, { value: "s-1" })).body.data).toEqual({ orderByIdentifier: { id: app.simulator.control.orders(SHOP)[0]?.orderId } });
    expect((await app.graphql(FIND, { value: "s-2" })).body.data).toEqual({ orderByIdentifier: null });
  });
});

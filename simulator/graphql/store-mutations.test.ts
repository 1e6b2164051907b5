// Building a shop through the API, changing its orders, and taking everything away again: nothing is left, and the truth still adds up.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SHOP, startTestApp } from "../testing/running-simulator.ts";
import type { TestApp } from "../testing/running-simulator.ts";

const MAKE = `mutation ($identifier: ProductSetIdentifiers, $input: ProductSetInput!) { productSet(identifier: $identifier, input: $input, synchronous: true) {
  product { id handle tags variants(first: 5) { nodes { id title sku inventoryItem { id tracked } } } } userErrors { code field } } }`;
const ORDER = `mutation ($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) { orderCreate(order: $order, options: $options) { order { id lineItems(first: 1) { nodes { id } } fulfillmentOrders(first: 1) { nodes { id } } } userErrors { code } } }`;

type Made = { product: { id: string; handle: string; variants: { nodes: { id: string; inventoryItem: { id: string } }[] } } };
type Placed = { order: { id: string; lineItems: { nodes: { id: string }[] }; fulfillmentOrders: { nodes: { id: string }[] } } };

let app: TestApp;
const scopes = ["write_products", "write_inventory", "write_locations", "write_orders", "write_order_edits", "write_merchant_managed_fulfillment_orders"];

beforeEach(async () => {
  app = await startTestApp({ scopes: [...scopes, "read_orders", "read_products", "read_inventory", "read_locations"] });
});
afterEach(() => app.simulator.close());

const ask = async <Payload>(name: string, query: string, variables: Record<string, unknown> = {}): Promise<Payload> => {
  const { body } = await app.graphql(query, variables);
  if (body.errors) throw new Error(JSON.stringify(body.errors));
  return body.data?.[name] as Payload;
};
const input = (more: Record<string, unknown> = {}) => ({
  title: "Lamp",
  tags: ["seeded"],
  productOptions: [{ name: "Title", values: [{ name: "Default Title" }] }],
  variants: [{ sku: "LAMP", price: "12.00", optionValues: [{ optionName: "Title", name: "Default Title" }], inventoryItem: { tracked: true }, inventoryQuantities: [{ locationId: app.locationIds[1], name: "available", quantity: 7 }] }],
  ...more,
});
const order = async (variantId: string, behaviour = "BYPASS") =>
  (await ask<Placed>("orderCreate", ORDER, { order: { lineItems: [{ variantId, quantity: 2 }], tags: ["seeded"] }, options: { inventoryBehaviour: behaviour } })).order;

describe("productSet", () => {
  it("makes a product with its stock, which is found by its tag and its handle and can be deleted", async () => {
    const { product } = await ask<Made>("productSet", MAKE, { identifier: { handle: "seeded-lamp" }, input: input() });
    expect(product).toMatchObject({ handle: "seeded-lamp", tags: ["seeded"], variants: { nodes: [{ sku: "LAMP", title: "Default Title", inventoryItem: { tracked: true } }] } });
    expect(app.simulator.control.levels(SHOP)).toMatchObject([{ locationId: app.locationIds[1], available: 7 }]);
    for (const query of ["tag:seeded", "handle:seeded-lamp"]) {
      expect(await ask("products", "query ($query: String!) { products(first: 5, query: $query) { nodes { id } } }", { query })).toEqual({ nodes: [{ id: product.id }] });
    }
    await ask("productDelete", "mutation ($id: ID!) { productDelete(input: { id: $id }) { deletedProductId userErrors { message } } }", { id: product.id });
    expect(app.simulator.control.levels(SHOP)).toEqual([]);
    expect(await ask("products", `{ products(first: 5, query: "tag:seeded") { nodes { id } } }`)).toEqual({ nodes: [] });
  });

  it("refuses what it does not do by name instead of leaving it out", async () => {
    const metafields = await app.graphql(MAKE, { input: input({ metafields: [{ key: "a", value: "b", type: "single_line_text_field" }] }) });
    expect(metafields.body.errors?.[0]).toMatchObject({ message: expect.stringContaining("ProductSetInput.metafields") as string });
    await ask("productSet", MAKE, { identifier: { handle: "lamp" }, input: input() });
    expect((await app.graphql(MAKE, { identifier: { handle: "lamp" }, input: input() })).body.errors?.[0]?.message).toContain("a product that exists");
  });
});

describe("locations", () => {
  it("are added, deactivated when nothing lies there, and deleted when they are inactive", async () => {
    const { location } = await ask<{ location: { id: string } }>("locationAdd", `mutation { locationAdd(input: { name: "Annex", address: { countryCode: CA } }) { location { id } userErrors { code } } }`);
    const remove = async () => ask("locationDelete", "mutation ($id: ID!) { locationDelete(locationId: $id) { deletedLocationId locationDeleteUserErrors { code } } }", { id: location.id });
    expect(await remove()).toMatchObject({ locationDeleteUserErrors: [{ code: "LOCATION_IS_ACTIVE" }] });
    await ask("locationDeactivate", `mutation ($id: ID!) { locationDeactivate(locationId: $id) @idempotent(key: "k") { location { isActive } locationDeactivateUserErrors { code } } }`, { id: location.id });
    expect(await remove()).toEqual({ deletedLocationId: location.id, locationDeleteUserErrors: [] });
  });
});

describe("orders through the API", () => {
  it("are edited, fulfilled, cancelled and deleted", async () => {
    const { product } = await ask<Made>("productSet", MAKE, { input: input() });
    const variantId = product.variants.nodes[0]?.id ?? "";
    const taken = await order(variantId, "DECREMENT_OBEYING_POLICY");
    const { calculatedOrder } = await ask<{ calculatedOrder: { id: string; lineItems: { nodes: { id: string }[] } } }>("orderEditBegin", "mutation ($id: ID!) { orderEditBegin(id: $id) { calculatedOrder { id lineItems(first: 1) { nodes { id quantity } } } userErrors { message } } }", { id: taken.id });
    await ask("orderEditSetQuantity", "mutation ($id: ID!, $line: ID!) { orderEditSetQuantity(id: $id, lineItemId: $line, quantity: 1, restock: true) { calculatedLineItem { quantity } userErrors { message } } }", { id: calculatedOrder.id, line: calculatedOrder.lineItems.nodes[0]?.id });
    await ask("orderEditCommit", "mutation ($id: ID!) { orderEditCommit(id: $id) { order { id } userErrors { message } } }", { id: calculatedOrder.id });
    expect(app.simulator.control.levels(SHOP)[0]).toMatchObject({ quantities: { available: 6, committed: 1 } });
    const remove = async (id: string) => ask("orderDelete", "mutation ($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { code } } }", { id });
    expect(await remove(taken.id)).toMatchObject({ deletedId: null, userErrors: [{ code: "INVALID" }] });
    await ask("orderCancel", "mutation ($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: true) { job { done } orderCancelUserErrors { code } } }", { id: taken.id });
    expect(await remove(taken.id)).toMatchObject({ deletedId: taken.id });
    const sent = await order(variantId);
    await ask("fulfillmentCreate", "mutation ($id: ID!) { fulfillmentCreate(fulfillment: { lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: $id }] }) { fulfillment { id status } userErrors { message } } }", { id: sent.fulfillmentOrders.nodes[0]?.id });
    expect(await ask("orders", `{ orders(first: 5, query: "tag:seeded") { nodes { displayFulfillmentStatus } } }`)).toEqual({ nodes: [{ displayFulfillmentStatus: "FULFILLED" }] });
    expect(app.simulator.control.levels(SHOP)[0]).toMatchObject({ quantities: { available: 7, committed: 0, on_hand: 7 } });
  });
});

// What probes work on: products and orders of their own in the shop, each marked and taken away again.
import { randomUUID } from "node:crypto";
import type { AdminClient } from "./admin-client.ts";

/** On everything that a probe makes. */
export const MARK = "holdfast-probe";

export interface Item {
  productId: string;
  variantId: string;
  inventoryItemId: string;
  /** Where it is stocked. */
  locationId: string;
}

export interface MadeOrder {
  id: string;
  name: string;
  lineItemId: string;
  fulfillmentOrderId: string;
}

export interface Change {
  inventoryItemId: string;
  locationId: string;
  delta: number;
  changeFromQuantity?: number | null;
}

export interface InventoryAnswer {
  inventoryAdjustmentGroup: { changes: { name: string; delta: number; quantityAfterChange: number | null }[] } | null;
  userErrors: { code: string | null; message: string }[];
}

export interface Bench {
  readonly client: AdminClient;
  /** Active ones that ship. */
  readonly locationIds: readonly string[];
  /** A product of its own with 10 units at the first location. */
  item(): Promise<Item>;
  quantity(item: Pick<Item, "inventoryItemId">, name: string, locationId: string): Promise<number | null>;
  adjust(key: string, changes: readonly Change[], reason?: string): Promise<InventoryAnswer>;
  /** Of 2 units, bypassing inventory; not more a minute than a development store takes. */
  order(variantId: string, more?: Record<string, unknown>): Promise<MadeOrder>;
  /** Sets the units of the order's line by an edit; units that it removes are to be restocked. */
  edit(order: MadeOrder, quantity: number): Promise<void>;
  /** Of 2 units, of which an edit has removed one. Made once. */
  editedOrder(): Promise<{ order: MadeOrder; item: Item }>;
  key(): string;
  nowMs(): number;
  pause(ms: number): Promise<void>;
  /** Undone at the end, the last first. */
  undo(what: string, act: () => Promise<void>): void;
}

export interface BenchOptions {
  client: AdminClient;
  pause(ms: number): Promise<void>;
  nowMs(): number;
}

const UNITS = 10;
/** A development or trial store takes five orders a minute from orderCreate. */
const ORDERS_A_MINUTE = 5;
const MINUTE_MS = 61_000;

const SHOP = `query { shop { plan { partnerDevelopment } } locations(first: 50) { nodes { id isActive shipsInventory } } }`;
const MAKE_PRODUCT = `mutation ($input: ProductSetInput!) { productSet(input: $input, synchronous: true) { product { id variants(first: 1) { nodes { id inventoryItem { id } } } } userErrors { code message } } }`;
const DELETE_PRODUCT = `mutation ($id: ID!) { productDelete(input: { id: $id }) { deletedProductId userErrors { message } } }`;
const QUANTITY = `query ($item: ID!, $location: ID!, $name: String!) { inventoryItem(id: $item) { inventoryLevel(locationId: $location) { quantities(names: [$name]) { quantity } } } }`;
const ADJUST = `mutation ($input: InventoryAdjustQuantitiesInput!, $key: String!) { inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
  inventoryAdjustmentGroup { changes { name delta quantityAfterChange } } userErrors { code message } } }`;
const MAKE_ORDER = `mutation ($order: OrderCreateOrderInput!) { orderCreate(order: $order, options: { inventoryBehaviour: BYPASS }) {
  order { id name lineItems(first: 1) { nodes { id } } fulfillmentOrders(first: 1) { nodes { id } } } userErrors { code message } } }`;
const CANCEL_ORDER = `mutation ($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: false) { orderCancelUserErrors { message } } }`;
const DELETE_ORDER = `mutation ($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { message } } }`;
const BEGIN_EDIT = `mutation ($id: ID!) { orderEditBegin(id: $id) { calculatedOrder { id lineItems(first: 1) { nodes { id } } } userErrors { message } } }`;
const SET_QUANTITY = `mutation ($id: ID!, $line: ID!, $quantity: Int!) { orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $quantity, restock: true) { userErrors { message } } }`;
const COMMIT_EDIT = `mutation ($id: ID!) { orderEditCommit(id: $id) { userErrors { message } } }`;

export interface OpenBench extends Bench {
  /** Takes everything away; what could not be is named. */
  clear(): Promise<string[]>;
}

type Undo = { what: string; act: () => Promise<void> };

export async function openBench({ client, pause, nowMs }: BenchOptions): Promise<OpenBench> {
  const { shop, locations } = await client.ask<{ shop: { plan: { partnerDevelopment: boolean } }; locations: { nodes: { id: string; isActive: boolean; shipsInventory: boolean }[] } }>(SHOP);
  const locationIds = locations.nodes.filter(({ isActive, shipsInventory }) => isActive && shipsInventory).map(({ id }) => id);
  const undos: Undo[] = [];
  const undo = (what: string, act: () => Promise<void>) => void undos.push({ what, act });
  const waitForOrder = createOrderPace({ pause, nowMs, perMinute: shop.plan.partnerDevelopment ? ORDERS_A_MINUTE : Number.POSITIVE_INFINITY });
  let edited: Promise<{ order: MadeOrder; item: Item }> | undefined;

  const bench: OpenBench = {
    client,
    locationIds,
    pause,
    nowMs,
    undo,
    key: randomUUID,
    item: () => makeItem(client, locationIds[0], undo),
    async quantity({ inventoryItemId }, name, locationId) {
      const { inventoryItem } = await client.ask<{ inventoryItem: { inventoryLevel: { quantities: { quantity: number }[] } | null } | null }>(QUANTITY, { item: inventoryItemId, location: locationId, name });
      return inventoryItem?.inventoryLevel?.quantities[0]?.quantity ?? null;
    },
    async adjust(key, changes, reason = "correction") {
      const input = { name: "available", reason, changes: changes.map((change) => ({ ...change, changeFromQuantity: change.changeFromQuantity ?? null })) };
      return (await client.ask<{ inventoryAdjustQuantities: InventoryAnswer }>(ADJUST, { input, key })).inventoryAdjustQuantities;
    },
    async order(variantId, more = {}) {
      await waitForOrder();
      return await makeOrder(client, variantId, more, undo);
    },
    edit: (order, quantity) => editLine(client, order, quantity),
    editedOrder() {
      edited ??= editOrder(bench);
      return edited;
    },
    clear: () => clear(undos),
  };
  return bench;
}

async function clear(undos: Undo[]): Promise<string[]> {
  const left: string[] = [];
  for (const { what, act } of undos.splice(0).toReversed()) {
    try {
      await act();
    } catch (error) {
      left.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return left;
}

/** Resolves when one more order may be made. */
export function createOrderPace({ pause, nowMs, perMinute }: { pause(ms: number): Promise<void>; nowMs(): number; perMinute: number }): () => Promise<void> {
  const madeAtMs: number[] = [];
  return async () => {
    const oldest = madeAtMs.at(-perMinute);
    const waitMs = oldest === undefined ? 0 : oldest + MINUTE_MS - nowMs();
    if (waitMs > 0) await pause(waitMs);
    madeAtMs.push(nowMs());
  };
}

async function makeItem(client: AdminClient, locationId: string | undefined, undo: Bench["undo"]): Promise<Item> {
  if (locationId === undefined) throw new Error("the shop has no active location that ships");
  const option = { name: "Title", values: [{ name: "Default Title" }] };
  const variant = { sku: `${MARK}-${randomUUID().slice(0, 8)}`, price: "1.00", optionValues: [{ optionName: "Title", name: "Default Title" }], inventoryItem: { tracked: true }, inventoryQuantities: [{ locationId, name: "available", quantity: UNITS }] };
  const input = { title: "Holdfast probe", status: "ACTIVE", tags: [MARK], productOptions: [option], variants: [variant] };
  const { productSet } = await client.ask<{ productSet: { product: { id: string; variants: { nodes: { id: string; inventoryItem: { id: string } }[] } } | null; userErrors: { message: string }[] } }>(MAKE_PRODUCT, { input });
  const { product } = productSet;
  const made = product?.variants.nodes[0];
  if (!product || !made) throw new Error(`no product could be made: ${messages(productSet.userErrors)}`);
  undo(`product ${product.id}`, () => removeProduct(client, product.id));
  return { productId: product.id, variantId: made.id, inventoryItemId: made.inventoryItem.id, locationId };
}

export async function removeProduct(client: AdminClient, id: string): Promise<void> {
  const { productDelete } = await client.ask<{ productDelete: { deletedProductId: string | null; userErrors: { message: string }[] } }>(DELETE_PRODUCT, { id });
  if (productDelete.deletedProductId === null) throw new Error(messages(productDelete.userErrors));
}

async function makeOrder(client: AdminClient, variantId: string, more: Record<string, unknown>, undo: Bench["undo"]): Promise<MadeOrder> {
  const order = { lineItems: [{ variantId, quantity: 2 }], tags: [MARK], test: true, ...more };
  type Made = { id: string; name: string; lineItems: { nodes: { id: string }[] }; fulfillmentOrders: { nodes: { id: string }[] } };
  const { orderCreate } = await client.ask<{ orderCreate: { order: Made | null; userErrors: { code: string | null; message: string }[] } }>(MAKE_ORDER, { order });
  const made = orderCreate.order;
  if (!made) throw new OrderRefused(messages(orderCreate.userErrors));
  undo(`order ${made.name}`, () => removeOrder(client, made.id));
  return { id: made.id, name: made.name, lineItemId: made.lineItems.nodes[0]?.id ?? "", fulfillmentOrderId: made.fulfillmentOrders.nodes[0]?.id ?? "" };
}

/** Shopify would not make it: for some probes that is the answer. */
export class OrderRefused extends Error {}

/** Deleted, or cancelled and then deleted. */
export async function removeOrder(client: AdminClient, id: string): Promise<void> {
  type Deleted = { orderDelete: { deletedId: string | null; userErrors: { message: string }[] } };
  if ((await client.ask<Deleted>(DELETE_ORDER, { id })).orderDelete.deletedId !== null) return;
  await client.ask(CANCEL_ORDER, { id });
  const { orderDelete } = await client.ask<Deleted>(DELETE_ORDER, { id });
  if (orderDelete.deletedId === null) throw new Error(`cancelled, but not deleted: ${messages(orderDelete.userErrors)}`);
}

async function editLine(client: AdminClient, order: MadeOrder, quantity: number): Promise<void> {
  const { orderEditBegin } = await client.ask<{ orderEditBegin: { calculatedOrder: { id: string; lineItems: { nodes: { id: string }[] } } | null; userErrors: { message: string }[] } }>(BEGIN_EDIT, { id: order.id });
  const { calculatedOrder } = orderEditBegin;
  if (!calculatedOrder) throw new Error(`the order cannot be edited: ${messages(orderEditBegin.userErrors)}`);
  await client.ask(SET_QUANTITY, { id: calculatedOrder.id, line: calculatedOrder.lineItems.nodes[0]?.id, quantity });
  const { orderEditCommit } = await client.ask<{ orderEditCommit: { userErrors: { message: string }[] } }>(COMMIT_EDIT, { id: calculatedOrder.id });
  if (orderEditCommit.userErrors.length > 0) throw new Error(`the edit was refused: ${messages(orderEditCommit.userErrors)}`);
}

async function editOrder(bench: Bench): Promise<{ order: MadeOrder; item: Item }> {
  const item = await bench.item();
  const order = await bench.order(item.variantId);
  await bench.edit(order, 1);
  return { order, item };
}

export function messages(errors: readonly { message: string }[]): string {
  return errors.map(({ message }) => message).join("; ") || "no reason was given";
}

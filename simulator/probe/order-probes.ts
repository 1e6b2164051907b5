// Probes of orders that bypass inventory: what cancelling, sending and editing them does to stock, and how soon they are found.
import type { Bench, MadeOrder } from "./bench.ts";
import { OrderRefused, messages } from "./bench.ts";
import type { Probe, Seen } from "./probe.ts";
import { seen, unclear } from "./probe.ts";

const scopes = ["write_products", "write_orders"];
const editScopes = [...scopes, "write_order_edits"];
const sendScopes = [...scopes, "write_merchant_managed_fulfillment_orders"];

const CANCEL = `mutation ($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: true) { orderCancelUserErrors { code message } } }`;
const CANCELLED = `query ($id: ID!) { order(id: $id) { cancelledAt } }`;
const FULFIL = `mutation ($id: ID!) { fulfillmentCreate(fulfillment: { lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: $id }] }) { fulfillment { id } userErrors { message } } }`;
const ACTIONS = `query ($id: ID!) { fulfillmentOrder(id: $id) { status supportedActions { action } } }`;
const HOLD = `mutation ($id: ID!) { fulfillmentOrderHold(id: $id, fulfillmentHold: { reason: OTHER, handle: "holdfast-probe" }) { fulfillmentHold { id } userErrors { message } } }`;
const RELEASE = `mutation ($id: ID!) { fulfillmentOrderReleaseHold(id: $id) { userErrors { message } } }`;
const EDITED = `query ($id: ID!) { order(id: $id) { subtotalLineItemsQuantity currentSubtotalLineItemsQuantity refunds(first: 5) { id } lineItems(first: 1) { nodes { nonFulfillableQuantity } } } }`;
const SEARCH = `query ($query: String!) { orders(first: 1, query: $query) { nodes { id } } }`;
const IDENTIFY = `query ($identifier: OrderIdentifierInput!) { orderByIdentifier(identifier: $identifier) { id } }`;
const DEFINE = `mutation ($definition: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $definition) { createdDefinition { id capabilities { uniqueValues { enabled } } } userErrors { code message } } }`;
const UNDEFINE = `mutation ($id: ID!) { metafieldDefinitionDelete(id: $id, deleteAllAssociatedMetafields: true) { deletedDefinitionId userErrors { message } } }`;

/** A job of Shopify's is waited for this often. */
const LOOKS_MAX = 20;
const LOOK_EVERY_MS = 1_000;
/** After an answer, for what Shopify does behind it. */
const SETTLE_MS = 2_000;
const LAG_MS_MAX = 60_000;

const bypassRestock: Probe = {
  rule: "bypass-restock",
  does: "cancels an order that bypassed inventory, asking for its stock back",
  scopes,
  async ask(bench) {
    const item = await bench.item();
    const order = await bench.order(item.variantId);
    const { orderCancel } = await bench.client.ask<{ orderCancel: { orderCancelUserErrors: { message: string }[] } }>(CANCEL, { id: order.id });
    if (orderCancel.orderCancelUserErrors.length > 0) return unclear(messages(orderCancel.orderCancelUserErrors));
    for (let look = 0; ; look += 1) {
      const { order: now } = await bench.client.ask<{ order: { cancelledAt: string | null } | null }>(CANCELLED, { id: order.id });
      if (now?.cancelledAt) break;
      if (look === LOOKS_MAX) return unclear("the order was not cancelled in time");
      await bench.pause(LOOK_EVERY_MS);
    }
    await bench.pause(SETTLE_MS);
    const left = await bench.quantity(item, "available", item.locationId);
    return left === 10 || left === 12 ? seen(left === 12, `${left} available, of 10 before`) : unclear(`${left} available, of 10 before`);
  },
};

const bypassFulfilment: Probe = {
  rule: "bypass-fulfilment",
  does: "sends an order of 2 units that bypassed inventory and counts what is on hand",
  scopes: sendScopes,
  async ask(bench) {
    const item = await bench.item();
    const order = await bench.order(item.variantId);
    const { fulfillmentCreate } = await bench.client.ask<{ fulfillmentCreate: { fulfillment: object | null; userErrors: { message: string }[] } }>(FULFIL, { id: order.fulfillmentOrderId });
    if (!fulfillmentCreate.fulfillment) return unclear(messages(fulfillmentCreate.userErrors));
    await bench.pause(SETTLE_MS);
    const onHand = await bench.quantity(item, "on_hand", item.locationId);
    return onHand === 10 || onHand === 8 ? seen(onHand === 8, `${onHand} on hand, of 10 before`) : unclear(`${onHand} on hand, of 10 before`);
  },
};

const supportedActions: Probe = {
  rule: "supported-actions",
  does: "looks at what a fulfilment order may be done to: open, on hold, closed",
  scopes: sendScopes,
  async ask(bench) {
    const order = await bench.order((await bench.item()).variantId);
    const id = order.fulfillmentOrderId;
    const actions = async () => (await bench.client.ask<{ fulfillmentOrder: { supportedActions: { action: string }[] } }>(ACTIONS, { id })).fulfillmentOrder.supportedActions.map(({ action }) => action);
    const open = await actions();
    await bench.client.ask(HOLD, { id });
    const held = await actions();
    await bench.client.ask(RELEASE, { id });
    await bench.client.ask(FULFIL, { id });
    const closed = await actions();
    const holds = ["CREATE_FULFILLMENT", "HOLD", "MOVE"].every((action) => open.includes(action)) && ["HOLD", "RELEASE_HOLD"].every((action) => held.includes(action)) && closed.length === 0;
    return seen(holds, `open: ${open.join(", ")}; on hold: ${held.join(", ")}; closed: ${closed.join(", ") || "nothing"}`);
  },
};

interface Edited {
  subtotalLineItemsQuantity: number;
  currentSubtotalLineItemsQuantity: number;
  refunds: object[];
  lineItems: { nodes: { nonFulfillableQuantity: number }[] };
}

async function readEdited(bench: Bench): Promise<Edited> {
  const { order } = await bench.editedOrder();
  await bench.pause(SETTLE_MS);
  return (await bench.client.ask<{ order: Edited }>(EDITED, { id: order.id })).order;
}

const bypassEdit: Probe = {
  rule: "bypass-edit",
  does: "adds a unit to an order that bypassed inventory by an edit",
  scopes: editScopes,
  async ask(bench) {
    const item = await bench.item();
    await bench.edit(await bench.order(item.variantId), 3);
    await bench.pause(SETTLE_MS);
    const left = await bench.quantity(item, "available", item.locationId);
    return seen(left !== 10, `${left} available, of 10 before`);
  },
};

const editRefund: Probe = {
  rule: "edit-refund",
  does: "looks for a refund on an order of which an edit removed a unit",
  scopes: editScopes,
  async ask(bench) {
    const { refunds } = await readEdited(bench);
    return seen(refunds.length > 0, `${refunds.length} refunds`);
  },
};

const orderedUnits: Probe = {
  rule: "ordered-units",
  does: "counts the units of an order of which an edit removed one",
  scopes: editScopes,
  async ask(bench) {
    const { subtotalLineItemsQuantity: ordered, currentSubtotalLineItemsQuantity: current } = await readEdited(bench);
    return seen(ordered === 2 && current === 1, `subtotalLineItemsQuantity ${ordered}, currentSubtotalLineItemsQuantity ${current}`);
  },
};

const nonFulfillable: Probe = {
  rule: "non-fulfillable",
  does: "reads nonFulfillableQuantity of a line of which an edit removed a unit",
  scopes: editScopes,
  async ask(bench) {
    const units = (await readEdited(bench)).lineItems.nodes[0]?.nonFulfillableQuantity;
    return seen(units === 1, `nonFulfillableQuantity is ${units}`);
  },
};

const searchLag: Probe = {
  rule: "search-lag",
  does: "makes an order and searches for it by its name until it is found",
  scopes,
  async ask(bench) {
    const order = await bench.order((await bench.item()).variantId);
    return await lag(bench, order, async () => (await bench.client.ask<{ orders: { nodes: { id: string }[] } }>(SEARCH, { query: `name:'${order.name}'` })).orders.nodes[0]?.id);
  },
};

/** How long after its making an order is found; 0 when the first look finds it. */
async function lag(bench: Bench, order: MadeOrder, look: () => Promise<string | undefined>): Promise<Seen> {
  const madeMs = bench.nowMs();
  for (let looks = 0; bench.nowMs() - madeMs <= LAG_MS_MAX; looks += 1) {
    if ((await look()) === order.id) return looks === 0 ? seen(0, "found at the first look") : seen(bench.nowMs() - madeMs, `found after ${bench.nowMs() - madeMs} ms`);
    await bench.pause(LOOK_EVERY_MS);
  }
  return unclear(`not found within ${LAG_MS_MAX} ms`);
}

type Defined = { metafieldDefinitionCreate: { createdDefinition: { id: string; capabilities: { uniqueValues: { enabled: boolean } } } | null; userErrors: { code: string | null; message: string }[] } };

const NAMESPACE = "$app:holdfast_probe";

async function define(bench: Bench, key: string): Promise<Defined["metafieldDefinitionCreate"]> {
  const { metafieldDefinitionCreate } = await bench.client.ask<Defined>(DEFINE, { definition: { name: "Holdfast probe", namespace: NAMESPACE, key, type: "id", ownerType: "ORDER" } });
  const { createdDefinition } = metafieldDefinitionCreate;
  if (createdDefinition) {
    bench.undo(`definition ${key}`, async () => {
      const { metafieldDefinitionDelete } = await bench.client.ask<{ metafieldDefinitionDelete: { deletedDefinitionId: string | null; userErrors: { message: string }[] } }>(UNDEFINE, { id: createdDefinition.id });
      if (metafieldDefinitionDelete.deletedDefinitionId === null) throw new Error(messages(metafieldDefinitionDelete.userErrors));
    });
  }
  return metafieldDefinitionCreate;
}

const fieldKey = (bench: Bench) => `probe_${bench.key().replaceAll("-", "").slice(0, 12)}`;

const uniqueMetafields: Probe = {
  rule: "unique-metafields",
  does: "makes two orders with one value of a metafield whose definition wants unique ones",
  scopes,
  async ask(bench) {
    const key = fieldKey(bench);
    const defined = await define(bench, key);
    if (!defined.createdDefinition) return unclear(messages(defined.userErrors));
    const { variantId } = await bench.item();
    const metafields = [{ namespace: NAMESPACE, key, type: "id", value: "1" }];
    await bench.order(variantId, { metafields });
    try {
      await bench.order(variantId, { metafields });
    } catch (error) {
      if (error instanceof OrderRefused) return seen(true, `the second was refused: ${error.message}`);
      throw error;
    }
    return seen(false, "both orders were made");
  },
};

const identifierLag: Probe = {
  rule: "identifier-lag",
  does: "makes an order with a unique metafield and looks for it by that until it is found",
  scopes,
  async ask(bench) {
    const key = fieldKey(bench);
    const defined = await define(bench, key);
    if (!defined.createdDefinition) return unclear(messages(defined.userErrors));
    const order = await bench.order((await bench.item()).variantId, { metafields: [{ namespace: NAMESPACE, key, type: "id", value: "1" }] });
    const identifier = { customId: { namespace: NAMESPACE, key, value: "1" } };
    return await lag(bench, order, async () => (await bench.client.ask<{ orderByIdentifier: { id: string } | null }>(IDENTIFY, { identifier })).orderByIdentifier?.id);
  },
};

const idMetafield: Probe = {
  rule: "id-metafield",
  does: "defines a metafield of type id without asking for unique values; makes an order with one that nobody defined",
  scopes,
  async ask(bench) {
    const defined = await define(bench, fieldKey(bench));
    const unique = defined.createdDefinition?.capabilities.uniqueValues.enabled;
    const { variantId } = await bench.item();
    const undefinedOne = await bench.order(variantId, { metafields: [{ namespace: NAMESPACE, key: fieldKey(bench), type: "id", value: "1" }] }).then(
      () => "made",
      (error: unknown) => (error instanceof OrderRefused ? "refused" : Promise.reject(error)),
    );
    return seen(unique === true && undefinedOne === "refused", `unique values: ${String(unique)}; an order with an undefined one: ${undefinedOne}`);
  },
};

const definitionTaken: Probe = {
  rule: "definition-taken",
  does: "defines one metafield twice",
  scopes,
  async ask(bench) {
    const key = fieldKey(bench);
    await define(bench, key);
    const again = await define(bench, key);
    const codes = again.userErrors.map(({ code }) => code ?? "no code").join(", ");
    return seen(codes === "TAKEN", codes || "it was made twice");
  },
};

export const orderProbes: readonly Probe[] = [
  bypassRestock, bypassFulfilment, supportedActions, bypassEdit, editRefund, orderedUnits, nonFulfillable, searchLag, uniqueMetafields, identifierLag, idMetafield, definitionTaken,
];

// The entry points of queries and mutations, and the small types around the shop and the app.
import { financialStatus, fulfilmentStatus } from "../../webhooks/order-payloads.ts";
import { gid, numericIdOf, parseLevelGid } from "../../world/ids.ts";
import { findLevel } from "../../world/inventory.ts";
import type { FulfilmentOrder, Item, Order, Product, Refund, ShopState, Variant } from "../../world/state.ts";
import { compareIds, connect } from "../connection.ts";
import type { PageArgs } from "../connection.ts";
import type { AppIdentity, GraphContext, ResolverTable, Resolvers } from "../context.ts";
import { badRequest } from "../errors.ts";
import { findOwnDefinition, metafieldResolvers, orderByIdentifier } from "../metafields.ts";
import { mutationResolvers } from "../mutations.ts";
import { orderEditResolvers } from "../order-edits.ts";
import { searchList } from "../search.ts";
import { bulkQueries, bulkResolvers } from "../bulk/resolvers.ts";
import { catalogResolvers, displayName } from "./catalog.ts";
import { fulfilmentOrderFields, orderResolvers } from "./orders.ts";
import { inventoryProperties, markType, stockResolvers } from "./stock.ts";

type SearchArgs = PageArgs & { query?: string | null; sortKey?: string | null };
const root = null;

const queryRoot: Resolvers<typeof root> = {
  ...bulkQueries,
  shop: (_root, _args, { shop }) => shop,
  currentAppInstallation: (_root, _args, { shop }) => shop.install,
  app: (_root, _args, { app }) => app,
  inventoryProperties,
  node: (_root, { id }: { id: string }, context) => findNode(context, id),
  nodes: (_root, { ids }: { ids: string[] }, context) => ids.map((id) => findNode(context, id)),
  location: (_root, { id }: { id?: string | null }, { shop }) => (id ? (shop.locations.get(numericIdOf("Location", id) ?? "") ?? null) : ([...shop.locations.values()][0] ?? null)),
  locations(_root, args: SearchArgs & { includeInactive?: boolean }, { shop }) {
    const found = [...shop.locations.values()].filter((location) => location.active || args.includeInactive);
    return connect(searchList(found, args.query, { id: ({ id }) => id, name: ({ name }) => name }, ({ name }) => name), args, ({ id }) => id);
  },
  product: (_root, { id }: { id: string }, { shop }) => shop.products.get(numericIdOf("Product", id) ?? "") ?? null,
  productByIdentifier: (_root, { identifier }: { identifier: { id?: string | null; handle?: string | null } }, { shop }) =>
    [...shop.products.values()].find(({ id, handle }) => (identifier.id ? id === numericIdOf("Product", identifier.id) : handle === identifier.handle)) ?? null,
  products: (_root, args: SearchArgs, { shop }) => connect(searchProducts(shop, args), args, ({ id }) => id),
  productVariant: (_root, { id }: { id: string }, { shop }) => shop.variants.get(numericIdOf("ProductVariant", id) ?? "") ?? null,
  productVariants: (_root, args: SearchArgs, { shop }) => connect(searchVariants(shop, args), args, ({ id }) => id),
  inventoryItem: (_root, { id }: { id: string }, { shop }) => shop.items.get(numericIdOf("InventoryItem", id) ?? "") ?? null,
  inventoryItems: (_root, args: SearchArgs, { shop }) => connect(searchItems(shop, args), args, ({ id }) => id),
  inventoryLevel(_root, { id }: { id: string }, { shop }) {
    const place = parseLevelGid(id);
    return place ? (findLevel(shop, place.itemId, place.locationId) ?? null) : null;
  },
  orderByIdentifier,
  metafieldDefinition: findOwnDefinition,
  order: (_root, { id }: { id: string }, { shop }) => shop.orders.get(numericIdOf("Order", id) ?? "") ?? null,
  refund: (_root, { id }: { id: string }, { shop }) => findRefund(shop, numericIdOf("Refund", id) ?? ""),
  orders: (_root, args: SearchArgs, context) => connect(searchOrders(context, args), args, ({ id }) => id, ORDER_SORT[args.sortKey ?? ""]),
  fulfillmentOrder: (_root, { id }: { id: string }, { shop }) => shop.fulfilmentOrders.get(numericIdOf("FulfillmentOrder", id) ?? "") ?? null,
  fulfillmentOrders(_root, args: SearchArgs & { includeClosed?: boolean }, { shop }) {
    const found = [...shop.fulfilmentOrders.values()].filter((each) => args.includeClosed || (each.status !== "closed" && each.status !== "cancelled"));
    return connect(searchList<FulfilmentOrder>(found, args.query, fulfilmentOrderFields, ({ id }) => id), args, ({ id }) => id);
  },
};

const shopType: Resolvers<ShopState> = {
  id: ({ id }) => gid("Shop", id),
  name: ({ name }) => name,
  myshopifyDomain: ({ domain }) => domain,
  ianaTimezone: ({ timezone }) => timezone,
  currencyCode: ({ currency }) => currency,
  plan: (shop) => shop,
};

const shopPlan: Resolvers<ShopState> = {
  displayName: ({ plan }) => plan,
  publicDisplayName: ({ plan }) => plan,
  partnerDevelopment: () => false,
  shopifyPlus: ({ plan }) => plan === "plus" || plan === "enterprise",
};

const appInstallation: Resolvers<{ gid: string; granted: string[] }> = {
  id: (install) => install.gid,
  app: (_install, _args, { app }) => app,
  accessScopes: ({ granted }) => granted.map((handle) => ({ handle, description: handle.replaceAll("_", " ") })),
};

const appType: Resolvers<AppIdentity> = { id: ({ id }) => id, title: ({ title }) => title, handle: ({ handle }) => handle };

function readField(name: string): (source: Record<string, unknown>) => unknown {
  return (source) => source[name] ?? null;
}

/** Types whose sources already have the schema's shape. */
function plain(...fields: string[]): Resolvers<Record<string, unknown>> {
  return Object.fromEntries(fields.map((field) => [field, readField(field)]));
}

export const resolverTable: ResolverTable = {
  QueryRoot: queryRoot,
  Mutation: mutationResolvers,
  Shop: shopType,
  ShopPlan: shopPlan,
  AppInstallation: appInstallation,
  App: appType,
  AccessScope: plain("handle", "description"),
  OrderApp: plain("id", "name"),
  Attribute: plain("key", "value"),
  InventoryQuantity: plain("id", "name", "quantity", "updatedAt"),
  InventoryProperties: plain("quantityNames"),
  InventoryQuantityName: plain("name", "displayName", "isInUse", "belongsTo", "comprises"),
  ...stockResolvers,
  ...catalogResolvers,
  ...orderResolvers,
  ...bulkResolvers,
  ...metafieldResolvers,
  MetafieldDefinitionType: plain("name"),
  MetafieldCapabilities: plain("uniqueValues"),
  MetafieldCapabilityUniqueValues: plain("eligible", "enabled"),
  FulfillmentOrderSupportedAction: plain("action", "externalUrl"),
  Job: plain("id", "done"),
  Fulfillment: plain("id", "status"),
  ...orderEditResolvers,
};

/** Connections, edges, page infos, payloads and user errors are plain by their names. */
const PLAIN_TYPE = /(?:Connection|Edge|Payload|UserError|^PageInfo)$/;

export function resolverOf(typeName: string, fieldName: string): ((source: never, args: never, context: GraphContext, responseKey: string) => unknown) | null {
  const known = resolverTable[typeName]?.[fieldName];
  if (known) return known;
  return PLAIN_TYPE.test(typeName) ? (readField(fieldName) as (source: never) => unknown) : null;
}

function findRefund(shop: ShopState, id: string): Refund | null {
  for (const order of shop.orders.values()) {
    const refund = order.refunds.find((each) => each.id === id);
    if (refund) return refund;
  }
  return null;
}

function findNode(context: GraphContext, id: string): object | null {
  const { shop } = context;
  const place = parseLevelGid(id);
  if (place) return markType(context, "InventoryLevel", findLevel(shop, place.itemId, place.locationId));
  const match = /^gid:\/\/shopify\/([A-Za-z]+)\/(\d+)$/.exec(id);
  if (!match) throw badRequest(`Invalid global id '${id}'`);
  const [, type = "", key = ""] = match;
  const found = nodeMaps(shop)[type];
  if (!found) throw badRequest(`The simulator does not know nodes of type ${type}.`);
  return markType(context, type, found(key));
}

function nodeMaps(shop: ShopState): Readonly<Record<string, (id: string) => object | undefined>> {
  return {
    ProductVariant: (id) => shop.variants.get(id),
    Product: (id) => shop.products.get(id),
    InventoryItem: (id) => shop.items.get(id),
    Location: (id) => shop.locations.get(id),
    Order: (id) => shop.orders.get(id),
    LineItem: (id) => shop.lineIndex.get(id),
    FulfillmentOrder: (id) => shop.fulfilmentOrders.get(id),
    SellingPlan: (id) => shop.sellingPlans.get(id),
    BulkOperation: (id) => shop.bulkOperations.get(id),
    Shop: (id) => (id === shop.id ? shop : undefined),
  };
}

function searchProducts(shop: ShopState, args: SearchArgs): Product[] {
  const found = searchList(
    [...shop.products.values()],
    args.query,
    { id: ({ id }) => id, title: ({ title }) => title, status: () => "active", created_at: ({ createdAtMs }) => createdAtMs, handle: ({ handle }) => handle, tag: ({ tags }) => tags },
    ({ title, variantIds }) => [title, ...variantIds.map((id) => shop.variants.get(id)?.sku ?? "")].join(" "),
  );
  return args.sortKey === "TITLE" ? found.sort((a, b) => a.title.localeCompare(b.title)) : found;
}

function searchVariants(shop: ShopState, args: SearchArgs): Variant[] {
  const fields = { id: ({ id }: Variant) => id, sku: ({ sku }: Variant) => sku, title: ({ title }: Variant) => title, product_id: ({ productId }: Variant) => productId };
  return searchList([...shop.variants.values()], args.query, fields, (variant) => `${displayName(shop, variant)} ${variant.sku}`);
}

function searchItems(shop: ShopState, args: SearchArgs): Item[] {
  const fields = { id: ({ id }: Item) => id, sku: ({ sku }: Item) => sku, updated_at: ({ updatedAtMs }: Item) => updatedAtMs, created_at: ({ createdAtMs }: Item) => createdAtMs };
  return searchList([...shop.items.values()], args.query, fields, ({ sku }) => sku);
}

const ORDER_SORT: Readonly<Record<string, (order: Order) => number>> = {
  UPDATED_AT: (order) => order.updatedAtMs,
  CREATED_AT: (order) => order.createdAtMs,
  PROCESSED_AT: (order) => order.processedAtMs,
  ORDER_NUMBER: (order) => order.number,
};

/** Search runs behind: an order that changed less than the assumed lag ago is not found yet. */
function searchOrders({ shop, world }: GraphContext, args: SearchArgs): Order[] {
  const visibleUntilMs = world.clock.nowMs() - world.assumptions.searchLagMs;
  const fields = {
    id: ({ id }: Order) => id,
    name: ({ name }: Order) => name,
    source_name: ({ sourceName }: Order) => sourceName,
    test: ({ test }: Order) => test,
    tag: ({ notes }: Order) => notes.tags,
    updated_at: ({ updatedAtMs }: Order) => updatedAtMs,
    created_at: ({ createdAtMs }: Order) => createdAtMs,
    processed_at: ({ processedAtMs }: Order) => processedAtMs,
    fulfillment_status: (order: Order) => fulfilmentStatus(order) ?? "unfulfilled",
    financial_status: (order: Order) => financialStatus(order),
  };
  const visible = args.query ? [...shop.orders.values()].filter((order) => order.updatedAtMs <= visibleUntilMs) : [...shop.orders.values()];
  const found = searchList(visible, args.query, fields, ({ name }) => name);
  const sortBy = ORDER_SORT[args.sortKey ?? ""];
  return sortBy ? found.sort((a, b) => sortBy(a) - sortBy(b) || compareIds(a.id, b.id)) : found;
}

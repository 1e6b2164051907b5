// A buyer's order: checked against stock where the channel checks, routed, taken from stock where Shopify takes, and told.
import { RequestError } from "../http/router.ts";
import { orderPayload } from "../webhooks/order-payloads.ts";
import { openFulfilmentOrders, takeFromFulfilmentOrders } from "./fulfilment-orders.ts";
import { gid } from "./ids.ts";
import { causeOf, fulfilUnits, holdUnits } from "./order-lines.ts";
import { routeLines } from "./route-lines.ts";
import type { Routing, Shortage } from "./route-lines.ts";
import type { DraftOrder, LineGroup, Metafield, Order, OrderLine, OrderNotes, SellingPlan, ShopState, Variant } from "./state.ts";
import { beginAction, lookUp, nextId } from "./world.ts";
import type { Action, World } from "./world.ts";

export type InventoryBehaviour = "BYPASS" | "DECREMENT_IGNORING_POLICY" | "DECREMENT_OBEYING_POLICY";

export interface OrderInput {
  channel: Order["channel"];
  sourceName?: string | undefined;
  appId?: string | undefined;
  inventoryBehaviour: InventoryBehaviour;
  lines: { variantId: string; quantity: number; properties: { name: string; value: string }[]; sellingPlanId?: string | undefined }[];
  locationId?: string | undefined;
  paid: boolean;
  test: boolean;
  createdAt?: string | undefined;
  /** When the sale took place; in the past for a till that was offline. Such a sale happened: it is never refused for stock. */
  processedAt?: string | undefined;
  /** Handed over at once: fulfilled in the same moment. */
  pickedUp?: boolean | undefined;
  notes?: Partial<OrderNotes> | undefined;
  /** Judged already; `id` is given here. */
  metafields?: Omit<Metafield, "id">[] | undefined;
}

export interface Refusal {
  refused: "out_of_stock";
  shortages: { variantId: string; locationId: string; requested: number; available: number }[];
}

const SOURCE_NAMES: Readonly<Record<Order["channel"], string | null>> = {
  web: "web",
  pos: "pos",
  draft: "shopify_draft_order",
  subscription: "subscription_contract",
  api: null,
};
/** The app an API order is credited to when the buyer's script names none. */
const OTHER_APP_ID = "1354745";

export interface WantedLine {
  variant: Variant;
  quantity: number;
  properties: { name: string; value: string }[];
  group: LineGroup | null;
  sellingPlan?: SellingPlan | null;
}

export function placeOrder(world: World, shop: ShopState, input: OrderInput, draft?: DraftOrder): Order | Refusal {
  const wanted = input.lines.flatMap((line) => expandLine(world, shop, line));
  const reserved = draft?.reserved ?? [];
  const fixedLocation = input.channel === "pos" ? posLocation(shop, input.locationId) : null;
  const routing: Routing = reserved.length > 0 ? { locationIds: reserved.map(({ locationId }) => locationId), shortages: [] } : routeLines(shop, wanted, fixedLocation);
  const behaviour = behaviourOf(world, input);
  if (behaviour === "DECREMENT_OBEYING_POLICY" && routing.shortages.length > 0) return refusal(routing.shortages);

  const action = beginAction(world, shop);
  const order = newOrder(world, shop, input, fixedLocation, action.atMs);
  order.lines = wanted.map((line, index) => newLine(world, shop, line, routing.locationIds[index] ?? "", behaviour));
  shop.orders.set(order.id, order);
  action.tell("orders/create", () => orderPayload(shop, order));
  if (order.paidAtMs !== null) action.tell("orders/paid", () => orderPayload(shop, order));
  if (world.assumptions.ordersUpdatedOnCreate) action.tell("orders/updated", () => orderPayload(shop, order));
  for (const line of order.lines) {
    if (!line.movesStock) continue;
    const cause = causeOf("order", order, line);
    holdUnits(world, action, line, line.quantity, draft ? { ...cause, draftOrderId: gid("DraftOrder", draft.id) } : cause, reserved.length > 0 ? "reserved" : "available");
  }
  openFulfilmentOrders(world, action, order, order.lines);
  if (input.pickedUp) handOver(world, action, order);
  action.finish();
  return order;
}

/** A till that sold while it was offline reports what has happened; everywhere else Shopify may refuse. */
function behaviourOf(world: World, input: OrderInput): InventoryBehaviour {
  if (input.channel === "api") return input.inventoryBehaviour;
  const past = input.processedAt !== undefined && Date.parse(input.processedAt) < world.clock.nowMs();
  return input.channel === "pos" && past ? "DECREMENT_IGNORING_POLICY" : "DECREMENT_OBEYING_POLICY";
}

function handOver(world: World, action: Action, order: Order): void {
  for (const line of order.lines) {
    takeFromFulfilmentOrders(action, order, line, line.quantity, "sent");
    fulfilUnits(world, action, line, line.quantity, causeOf("fulfilment", order, line));
  }
  action.tell("orders/fulfilled", () => orderPayload(action.shop, order));
}

/** A native bundle is sold as its components, grouped: the parent has no line and no stock of its own. */
export function expandLine(world: World, shop: ShopState, line: OrderInput["lines"][number]): WantedLine[] {
  const variant = lookUp(shop.variants, "ProductVariant", line.variantId);
  const { quantity, properties } = line;
  const sellingPlan = line.sellingPlanId === undefined ? null : planOf(shop, variant, line.sellingPlanId);
  if (!variant.requiresComponents) return [{ variant, quantity, properties, group: null, sellingPlan }];
  if (variant.components.length === 0) throw new RequestError(422, "bundle_without_components", `${variant.sku} requires components and has none.`);
  const group: LineGroup = {
    id: nextId(world, shop),
    title: shop.products.get(variant.productId)?.title ?? variant.title,
    quantity,
    variantId: variant.id,
    variantSku: variant.sku,
    productId: variant.productId,
  };
  return variant.components.map((component) => ({
    variant: lookUp(shop.variants, "ProductVariant", component.variantId),
    quantity: component.quantity * quantity,
    properties,
    group,
    sellingPlan,
  }));
}

/** A thing is bought only by a plan that sells it. */
function planOf(shop: ShopState, variant: Variant, id: string): SellingPlan {
  const plan = lookUp(shop.sellingPlans, "SellingPlan", id);
  const groupIds = shop.products.get(variant.productId)?.sellingPlanGroupIds ?? [];
  if (!groupIds.some((groupId) => shop.sellingPlanGroups.get(groupId)?.planIds.includes(plan.id))) throw new RequestError(422, "selling_plan_elsewhere", `${plan.name} does not sell ${variant.sku}.`);
  return plan;
}

function posLocation(shop: ShopState, locationId: string | undefined): string {
  if (locationId !== undefined) return lookUp(shop.locations, "Location", locationId).id;
  const first = [...shop.locations.keys()][0];
  if (first === undefined) throw new Error("A shop has at least one location.");
  return first;
}

function refusal(shortages: readonly Shortage[]): Refusal {
  return {
    refused: "out_of_stock",
    shortages: shortages.map((short) => ({ ...short, variantId: gid("ProductVariant", short.variantId), locationId: gid("Location", short.locationId) })),
  };
}

function newOrder(world: World, shop: ShopState, input: OrderInput, locationId: string | null, nowMs: number): Order {
  const number = shop.nextOrderNumber;
  shop.nextOrderNumber += 1;
  const createdAtMs = input.createdAt ? Date.parse(input.createdAt) : nowMs;
  const appId = input.appId ?? (input.channel === "api" ? OTHER_APP_ID : null);
  return {
    id: nextId(world, shop),
    number,
    name: `#${number}`,
    channel: input.channel,
    sourceName: SOURCE_NAMES[input.channel] ?? input.sourceName ?? appId ?? OTHER_APP_ID,
    appId,
    locationId,
    test: input.test,
    createdAtMs,
    processedAtMs: input.processedAt ? Date.parse(input.processedAt) : createdAtMs,
    updatedAtMs: nowMs,
    cancelledAtMs: null,
    paidAtMs: input.paid ? createdAtMs : null,
    edited: false,
    lines: [],
    refunds: [],
    fulfilmentOrderIds: [],
    notes: { attributes: [], note: null, tags: [], email: null, ...input.notes },
    metafields: (input.metafields ?? []).map((metafield) => ({ id: nextId(world, shop), ...metafield })),
  };
}

export function newLine(world: World, shop: ShopState, wanted: WantedLine, locationId: string, behaviour: InventoryBehaviour): OrderLine {
  const { variant } = wanted;
  const item = shop.items.get(variant.itemId);
  const tracked = item?.tracked ?? false;
  const line: OrderLine = {
    id: nextId(world, shop),
    variantId: variant.id,
    productId: variant.productId,
    itemId: variant.itemId,
    title: shop.products.get(variant.productId)?.title ?? variant.title,
    variantTitle: variant.title,
    sku: variant.sku,
    price: variant.price,
    tracked,
    requiresShipping: item?.requiresShipping ?? true,
    giftCard: shop.products.get(variant.productId)?.giftCard ?? false,
    properties: wanted.properties,
    group: wanted.group,
    sellingPlanId: wanted.sellingPlan?.id ?? null,
    quantity: wanted.quantity,
    removedUnfulfilled: 0,
    removedFulfilled: 0,
    fulfilled: 0,
    locationId,
    movesStock: tracked && behaviour !== "BYPASS" && wanted.sellingPlan?.reserve !== "ON_FULFILLMENT",
    held: 0,
  };
  shop.lineIndex.set(line.id, line);
  return line;
}

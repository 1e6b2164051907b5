// Draft orders: units set aside for a while before there is an order, and given back when it never comes.
import { RequestError } from "../http/router.ts";
import { gid } from "./ids.ts";
import { moveQuantity } from "./inventory.ts";
import { expandLine, placeOrder } from "./place-order.ts";
import type { Refusal } from "./place-order.ts";
import { routeLines } from "./route-lines.ts";
import type { Cause, DraftOrder, Order, ShopState } from "./state.ts";
import { beginAction, lookUp, nextId } from "./world.ts";
import type { Action, World } from "./world.ts";

export interface DraftInput {
  lines: { variantId: string; quantity: number }[];
  /** Without it nothing is reserved. */
  reserveForMs?: number | undefined;
}

export function createDraft(world: World, shop: ShopState, input: DraftInput): DraftOrder {
  const action = beginAction(world, shop);
  const id = nextId(world, shop);
  const draft: DraftOrder = {
    id,
    name: `#D${shop.draftOrders.size + 1}`,
    status: "open",
    lines: input.lines.map(({ variantId, quantity }) => ({ variantId: lookUp(shop.variants, "ProductVariant", variantId).id, quantity })),
    reserveUntilMs: null,
    reserved: [],
    orderId: null,
  };
  if (input.reserveForMs !== undefined) reserve(world, action, draft, input.reserveForMs);
  shop.draftOrders.set(id, draft);
  action.finish();
  return draft;
}

/** What is not there cannot be set aside: a reservation never takes `available` below zero. */
function reserve(world: World, action: Action, draft: DraftOrder, forMs: number): void {
  const { shop } = action;
  const wanted = draft.lines.flatMap((line) => expandLine(world, shop, { ...line, properties: [] }));
  const routing = routeLines(shop, wanted, null);
  if (routing.shortages.length > 0) throw new RequestError(409, "not_enough_to_reserve", "There is not enough stock to reserve for this draft order.");
  draft.reserveUntilMs = action.atMs + forMs;
  draft.reserved = wanted.map(({ variant, quantity }, index) => ({
    itemId: variant.itemId,
    locationId: routing.locationIds[index] ?? "",
    units: shop.items.get(variant.itemId)?.tracked ? quantity : 0,
  }));
  for (const { itemId, locationId, units } of draft.reserved) {
    if (units > 0) moveQuantity(world, action, { itemId, locationId, from: "available", to: "reserved", delta: units, cause: causeOf(draft) });
  }
  armLapse(world, shop, draft);
}

function armLapse(world: World, { domain }: ShopState, draft: DraftOrder): void {
  if (draft.reserveUntilMs === null) return;
  world.clock.at(draft.reserveUntilMs, () => {
    const shop = world.state.shops.get(domain);
    // A world that was put back has drafts of its own, with timers of their own.
    if (!shop || shop.draftOrders.get(draft.id) !== draft) return;
    const action = beginAction(world, shop);
    release(world, action, draft);
    action.finish();
  });
}

/** After the world was put back: its reservations lapse at their time again. */
export function armLapses(world: World): void {
  for (const shop of world.state.shops.values()) {
    for (const draft of shop.draftOrders.values()) if (draft.reserved.length > 0) armLapse(world, shop, draft);
  }
}

function release(world: World, action: Action, draft: DraftOrder): void {
  for (const { itemId, locationId, units } of draft.reserved) {
    if (units > 0) moveQuantity(world, action, { itemId, locationId, from: "reserved", to: "available", delta: units, cause: causeOf(draft) });
  }
  draft.reserved = [];
  draft.reserveUntilMs = null;
}

/** The reserved units become the order's; a draft without them takes its chance like any buyer. */
export function completeDraft(world: World, shop: ShopState, draft: DraftOrder, paid: boolean): Order | Refusal {
  requireOpen(draft);
  const lines = draft.lines.map((line) => ({ ...line, properties: [] }));
  const order = placeOrder(world, shop, { channel: "draft", inventoryBehaviour: "DECREMENT_OBEYING_POLICY", lines, paid, test: false }, draft);
  if ("refused" in order) return order;
  draft.reserved = [];
  draft.reserveUntilMs = null;
  draft.status = "completed";
  draft.orderId = order.id;
  return order;
}

export function deleteDraft(world: World, shop: ShopState, draft: DraftOrder): void {
  requireOpen(draft);
  const action = beginAction(world, shop);
  release(world, action, draft);
  draft.status = "deleted";
  action.finish();
}

function requireOpen(draft: DraftOrder): void {
  if (draft.status !== "open") throw new RequestError(409, "draft_not_open", `${draft.name} is ${draft.status}.`);
}

function causeOf(draft: DraftOrder): Cause {
  return { kind: "draft_order", draftOrderId: gid("DraftOrder", draft.id) };
}

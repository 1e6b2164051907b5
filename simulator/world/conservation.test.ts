// Goal: whatever buyers and staff do, in any order, stock is only ever moved or accounted for.
// Method: seeded random histories of orders, edits, refunds, cancellations, fulfilments, moves and a second writer;
// after every step the sum of the truth log equals the levels, on-hand equals its parts, and committed equals what orders hold.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RequestError } from "../http/router.ts";
import { createSmallWorld, findContradictions, orderOf } from "../testing/small-world.ts";
import type { SmallWorld } from "../testing/small-world.ts";
import { cancelOrder, editOrder, fulfilOrder, moveOrder, refundOrder } from "./change-order.ts";
import { completeDraft, createDraft, deleteDraft } from "./draft-orders.ts";
import { changeQuantity } from "./inventory.ts";
import { currentQuantity, unfulfilledQuantity } from "./order-lines.ts";
import { placeOrder } from "./place-order.ts";
import type { Order } from "./state.ts";
import { beginAction } from "./world.ts";

const SEED = 20_261_121;

const step = fc.record({
  kind: fc.constantFrom("order", "edit", "cancel", "refund", "fulfil", "move", "writer", "draft", "complete", "drop"),
  order: fc.nat(),
  variant: fc.nat(3),
  quantity: fc.integer({ min: 1, max: 5 }),
  channel: fc.constantFrom("web", "pos", "api"),
  behaviour: fc.constantFrom("BYPASS", "DECREMENT_IGNORING_POLICY", "DECREMENT_OBEYING_POLICY"),
  restock: fc.boolean(),
  restockType: fc.constantFrom("no_restock", "cancel", "return"),
  location: fc.nat(1),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const switches = fc.record({
  shopifyRestocksBypassed: fc.boolean(),
  editOfBypassedMovesStock: fc.boolean(),
  editRemovalMakesRefund: fc.boolean(),
});

function setStage(): { small: SmallWorld; variantIds: string[]; itemIds: string[] } {
  const small = createSmallWorld();
  const mug = small.variant("MUG", { 0: 20, 1: 5 });
  const cup = small.variant("CUP", { 1: 10 }, { inventoryPolicy: "CONTINUE" });
  const set = small.variant("SET", {}, { requiresComponents: true, components: [{ variantId: mug.variantId, quantity: 2 }, { variantId: cup.variantId, quantity: 1 }] });
  const card = small.variant("CARD", {}, { tracked: false });
  return { small, variantIds: [mug, cup, set, card].map(({ variantId }) => variantId), itemIds: [mug.itemId, cup.itemId] };
}

/** Whether the step was refused, as steps drawn at random often are. */
function take(stage: ReturnType<typeof setStage>, action: Step): boolean {
  try {
    act(stage, action);
    return false;
  } catch (error) {
    if (error instanceof RequestError) return true;
    throw error;
  }
}

function act({ small, variantIds, itemIds }: ReturnType<typeof setStage>, action: Step): void {
  const { world, shop, locationIds } = small;
  const locationId = locationIds[action.location] ?? "";
  if (action.kind === "order") {
    placeOrder(world, shop, orderOf({ [variantIds[action.variant] ?? ""]: action.quantity }, { channel: action.channel, inventoryBehaviour: action.behaviour, locationId }));
    return;
  }
  if (action.kind === "writer") {
    const writing = beginAction(world, shop);
    changeQuantity(world, writing, { itemId: itemIds[action.variant % 2] ?? "", locationId, name: "available", delta: action.quantity - 3, cause: { kind: "writer", writer: "erp" } });
    return;
  }
  if (action.kind === "draft" || action.kind === "complete" || action.kind === "drop") {
    actOnDraft(small, variantIds, action);
    return;
  }
  const order = [...shop.orders.values()][action.order % Math.max(1, shop.orders.size)];
  const line = order?.lines[action.order % Math.max(1, order.lines.length)];
  if (order && line) changeOrder(small, order, line.id, action, locationId);
}

function actOnDraft({ world, shop }: SmallWorld, variantIds: readonly string[], action: Step): void {
  const draft = [...shop.draftOrders.values()][action.order % Math.max(1, shop.draftOrders.size)];
  if (action.kind === "draft") createDraft(world, shop, { lines: [{ variantId: variantIds[action.variant] ?? "", quantity: action.quantity }], reserveForMs: action.quantity * 1_000 });
  else if (draft && action.kind === "complete") completeDraft(world, shop, draft, true);
  else if (draft && action.location === 0) deleteDraft(world, shop, draft);
  else world.clock.advance(2_000);
}

function changeOrder({ world, shop }: SmallWorld, order: Order, lineItemId: string, action: Exclude<Step, { kind: "order" | "writer" | "draft" | "complete" | "drop" }>, locationId: string): void {
  const { quantity, restock, restockType } = action;
  if (action.kind === "edit") editOrder(world, shop, order, { setQuantities: [{ lineItemId, quantity: quantity - 1, restock }], add: [] });
  else if (action.kind === "cancel") cancelOrder(world, shop, order, restock);
  else if (action.kind === "refund") refundOrder(world, shop, order, { lines: [{ lineItemId, quantity, restockType }], ...(restock ? { locationId } : {}) });
  else if (action.kind === "fulfil") fulfilOrder(world, shop, order, [{ lineItemId, quantity }]);
  else moveOrder(world, shop, order, locationId);
}

describe(`stock over random histories (seed ${SEED})`, () => {
  it("is conserved: the truth log adds up to the levels after every step, under every assumption", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), switches, (history, assumed) => {
        const stage = setStage();
        Object.assign(stage.small.world.assumptions, assumed);
        for (const action of history) {
          const before = stage.small.shop.truth.length;
          const refused = take(stage, action);
          const after = stage.small.shop.truth.length;
          expect({ contradictions: findContradictions(stage.small.shop), refusedYetMoved: refused && after > before }).toEqual({ contradictions: [], refusedYetMoved: false });
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("never lets a line hold, send or remove more than was ordered", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (history) => {
        const stage = setStage();
        for (const action of history) take(stage, action);
        for (const order of stage.small.shop.orders.values()) {
          for (const line of order.lines) {
            expect(Math.min(currentQuantity(line), unfulfilledQuantity(line), line.held, line.fulfilled - line.removedFulfilled)).toBeGreaterThanOrEqual(0);
          }
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});

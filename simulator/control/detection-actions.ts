// Control actions around sales that are not yet, or no longer, what Shopify sees: draft orders, tills that were offline, bulk operations, Flow.
import type { z } from "zod";
import type { Engine } from "../engine.ts";
import { completeDraft, createDraft, deleteDraft } from "../world/draft-orders.ts";
import { gid } from "../world/ids.ts";
import { placeOrder } from "../world/place-order.ts";
import type { Refusal } from "../world/place-order.ts";
import type { BulkOperation, DraftOrder, FlowTrigger } from "../world/state.ts";
import { findShop, lookUp } from "../world/world.ts";
import * as inputs from "./inputs.ts";
import { describeOrder } from "./order-actions.ts";
import type { PlacedOrder } from "./order-actions.ts";

export function detectionActions(engine: Engine) {
  const { world, bulk } = engine;
  const findDraft = (domain: string, id: string) => {
    const shop = findShop(world, domain);
    return { shop, draft: lookUp(shop.draftOrders, "DraftOrder", id) };
  };
  return {
    createDraft: (domain: string, input: z.input<typeof inputs.draftInput>) => describeDraft(createDraft(world, findShop(world, domain), inputs.read(inputs.draftInput, input))),
    completeDraft(domain: string, id: string, input: z.input<typeof inputs.completeDraftInput> = {}): PlacedOrder | Refusal {
      const { shop, draft } = findDraft(domain, id);
      const order = completeDraft(world, shop, draft, inputs.read(inputs.completeDraftInput, input).paid);
      return "refused" in order ? order : describeOrder(order);
    },
    deleteDraft(domain: string, id: string) {
      const { shop, draft } = findDraft(domain, id);
      deleteDraft(world, shop, draft);
      return describeDraft(draft);
    },
    drafts: (domain: string) => [...findShop(world, domain).draftOrders.values()].map(describeDraft),
    /** The sale is made now; Shopify hears of it, and its stock moves, when the till is online again. */
    sellOffline(domain: string, input: z.input<typeof inputs.offlineSaleInput>) {
      const { forMs, ...sale } = inputs.read(inputs.offlineSaleInput, input);
      findShop(world, domain);
      const soldAtMs = world.clock.nowMs();
      const soldAt = new Date(soldAtMs).toISOString();
      world.clock.at(soldAtMs + forMs, () => {
        const shop = world.state.shops.get(domain);
        if (shop) placeOrder(world, shop, { ...sale, channel: "pos", inventoryBehaviour: "DECREMENT_IGNORING_POLICY", paid: true, test: false, processedAt: soldAt });
      });
      return { soldAt, syncsAt: new Date(soldAtMs + forMs).toISOString() };
    },
    flowTriggers: (domain: string): FlowTrigger[] => [...findShop(world, domain).flowTriggers],
    setBulk(input: z.input<typeof inputs.bulkSettingsInput>) {
      return Object.assign(bulk.settings, inputs.read(inputs.bulkSettingsInput, input));
    },
    /** Answers when everything that is due by the clock has been read. */
    async settleBulk() {
      await bulk.settled();
      return { settled: true };
    },
    bulkOperations: (domain: string) => [...findShop(world, domain).bulkOperations.values()].map(describeBulk),
  };
}

function describeDraft(draft: DraftOrder) {
  return {
    draftOrderId: gid("DraftOrder", draft.id),
    name: draft.name,
    status: draft.status,
    reserveUntil: isoOrNull(draft.reserveUntilMs),
    reserved: draft.reserved.map(({ itemId, locationId, units }) => ({ inventoryItemId: gid("InventoryItem", itemId), locationId: gid("Location", locationId), units })),
    orderId: draft.orderId === null ? null : gid("Order", draft.orderId),
  };
}

function describeBulk({ id, createdAtMs, completedAtMs, ...rest }: BulkOperation) {
  return { ...rest, id: gid("BulkOperation", id), createdAt: isoOrNull(createdAtMs), completedAt: isoOrNull(completedAtMs) };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

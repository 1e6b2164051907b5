// Orders as the accept path stores them, put into the database by the benchmark: work that waits before anything is measured.
import { randomBytes, randomUUID } from "node:crypto";
import type { Composition } from "#app/composition.server.ts";
import { projectPayload } from "#app/pipeline/accept/project-payload.ts";
import type { IncomingDelivery } from "#app/ports/delivery-intake.ts";
import { orderBody, type OrderLineInput } from "./order-body.ts";
import type { WorkShop } from "./work-house.ts";

const TOPIC = "orders/create";
const STORED_AT_ONCE = 500;
let ordersMade = 0;

/** Durable when it resolves, as after an answered webhook; nobody is woken. */
export async function storeOrders({ accept }: Pick<Composition, "accept">, { shop }: Pick<WorkShop, "shop">, orders: readonly (readonly OrderLineInput[])[]): Promise<void> {
  for (let from = 0; from < orders.length; from += STORED_AT_ONCE) {
    const stored = await accept.intake.store(orders.slice(from, from + STORED_AT_ONCE).map((lines) => toDelivery(shop, lines)));
    if (stored.kind === "unavailable") throw stored.cause;
    const strange = stored.outcomes.find((outcome) => outcome !== "accepted");
    if (strange !== undefined) throw new Error(`an order was ${strange}`);
  }
}

function toDelivery(shop: string, lines: readonly OrderLineInput[]): IncomingDelivery {
  ordersMade += 1;
  const { orderId, body } = orderBody(ordersMade, lines);
  const projection = projectPayload(TOPIC, body, shop);
  if (projection.kind !== "work") throw new Error(`the order is ${projection.kind}: ${projection.reason}`);
  return {
    shop,
    webhookId: randomUUID(),
    eventId: randomUUID(),
    topic: TOPIC,
    apiVersion: "2026-10",
    triggeredAt: new Date().toISOString(),
    orderId,
    payload: JSON.stringify(projection.payload),
    state: "pending",
    reason: null,
    traceId: randomBytes(16).toString("hex"),
  };
}

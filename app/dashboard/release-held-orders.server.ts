// Releases the orders that Holdfast holds in Shopify, before it is uninstalled: as the person who clicks, a number at a time.

import type { Database } from "#app/ports/database.ts";

import { actOnOversell, type OversellActAnswer, type OversellActor } from "./oversell-acts.server.ts";
import { listHeldOrders } from "./queries/held-orders.server.ts";

/** Each costs two or three calls to Shopify, one after the other: a click is answered within seconds. */
const RELEASED_AT_ONCE_MAX = 20;

export interface HeldOrdersReleased {
  readonly kind: "orders_released";
  readonly released: number;
  /** The answer after which the rest was not begun; null when everything that was looked at is released. */
  readonly stopped: OversellActAnswer | null;
  /** There may be more than one click releases. */
  readonly more: boolean;
}

type Ports = Parameters<typeof actOnOversell>[0] & { readonly database: Database };

/** Stops at the first order that Shopify does not release: what refuses one refuses most, and a click must end. Safe to repeat. */
export async function releaseHeldOrders(ports: Ports, person: OversellActor): Promise<HeldOrdersReleased> {
  const held = await listHeldOrders(ports.database, person.install.installId, RELEASED_AT_ONCE_MAX + 1);
  let released = 0;
  for (const { oversellId, orderId } of held.slice(0, RELEASED_AT_ONCE_MAX)) {
    const form = new FormData();
    form.set("act", "release");
    form.set("order", orderId);
    const answer = await actOnOversell(ports, person, oversellId, form);
    if (answer.kind !== "done") return { kind: "orders_released", released, stopped: answer, more: true };
    released += 1;
  }
  return { kind: "orders_released", released, stopped: null, more: held.length > RELEASED_AT_ONCE_MAX };
}

// What a merchant should know before Holdfast is uninstalled: what it still keeps aside or on hold in Shopify, and what it has not done yet.

import type { EmbeddedContext } from "./embedded-context.server.ts";
import { mayHold } from "./oversell-acts.server.ts";
import { countHeldOrders, listHeldOrders } from "./queries/held-orders.server.ts";
import { type HoldNumbers, readHoldNumbers } from "./queries/hold-numbers.server.ts";
import { countChanges, type RoughCount } from "./queries/list-changes.server.ts";

/** Named on the page; the rest is counted. */
const NAMED_MAX = 10;

export interface LeavingPage {
  readonly holds: Pick<HoldNumbers, "granted" | "held" | "settling">;
  readonly heldOrders: readonly { readonly orderId: string; readonly name: string; readonly oversellId: string }[];
  readonly heldOrderCount: number;
  readonly mayRelease: boolean;
  readonly unsent: RoughCount;
  readonly parked: RoughCount;
}

export async function loadLeavingPage({ dependencies: { database }, install: { installId, scopes } }: Pick<EmbeddedContext, "dependencies" | "install">): Promise<LeavingPage> {
  const [{ granted, held, settling }, heldOrders, heldOrderCount, unsent, parked] = await Promise.all([
    readHoldNumbers(database, installId),
    listHeldOrders(database, installId, NAMED_MAX),
    countHeldOrders(database, installId),
    countChanges(database, { installId, filter: { states: ["waiting", "claimed"] } }),
    countChanges(database, { installId, filter: { states: ["parked"] } }),
  ]);
  return {
    holds: { granted, held, settling },
    heldOrders: heldOrders.map(({ orderId, name, oversellId }) => ({ orderId, name: name ?? `Order ${orderId}`, oversellId: String(oversellId) })),
    heldOrderCount,
    mayRelease: mayHold(scopes),
    unsent,
    parked,
  };
}

// A round of the worker: orders whose answer was lost are looked for by their unique metafield, and never created again.

import pMap from "p-map";

import { assertNever } from "#app/domain/invariant.ts";
import { callWithinBudget } from "#app/pipeline/call-within-budget.server.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { OrderMakingBook, SoughtOrder } from "#app/ports/order-making-book.ts";
import type { OrderMaker } from "#app/ports/order-maker.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";

/** Orders of one round, and how many are asked for at once. */
const SOUGHT_MAX = 50;
const AT_ONCE = 4;
/** What a round takes at most; after it another worker may look, which does no harm. */
const LEASE_MS = 60_000;

export interface LookForOrdersPorts {
  readonly orderMaker: Pick<OrderMaker, "find" | "limits">;
  readonly orderMakings: OrderMakingBook;
  readonly budget: CostBudget;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface LookRound {
  readonly found: number;
  /** Handed to a person: not there although its deadline has passed. */
  readonly givenUp: number;
  readonly later: number;
}

export async function lookForOrders(ports: LookForOrdersPorts, signal?: AbortSignal): Promise<LookRound> {
  const sought = await ports.orderMakings.takeSought(SOUGHT_MAX, LEASE_MS);
  const ends = await pMap(sought, (order) => (signal?.aborted ? "later" : lookForOrder(ports, order, signal)), { concurrency: AT_ONCE });
  return { found: count(ends, "found"), givenUp: count(ends, "given_up"), later: count(ends, "later") };
}

type End = "found" | "given_up" | "later" | "closed";

async function lookForOrder(ports: LookForOrdersPorts, { installId, shop, reservationId, traceId }: SoughtOrder, signal: AbortSignal | undefined): Promise<End> {
  const { orderMaker, orderMakings, logger } = ports;
  const called = await callWithinBudget(ports, shop, orderMaker.limits.findCost, () => orderMaker.find({ shop, traceId, signal }, reservationId));
  const look = called.kind === "called" ? called.result : ({ kind: "unclear", cause: "the shop's points are spent for now", waitMs: called.afterMs } as const);
  switch (look.kind) {
    case "found":
      await orderMakings.record(installId, reservationId, { kind: "created", orderId: look.orderId });
      logger.info({ shop, traceId, reservationId, orderId: look.orderId }, "an order whose answer was lost was found");
      return "found";
    case "absent":
    case "unclear": {
      const end = await orderMakings.notFound(installId, reservationId, look.kind === "absent");
      if (end === "person") logger.error({ shop, traceId, reservationId }, "an order that was to be created cannot be found; a person has to decide");
      return end === "person" ? "given_up" : end;
    }
    default:
      return assertNever(look);
  }
}

function count(ends: readonly End[], end: End): number {
  return ends.filter((each) => each === end).length;
}

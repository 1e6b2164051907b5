// Creates the order of a committed reservation, once: what is about to be sent was written down before; here it is sent and its answer recorded.
//
// `orderCreate` takes no idempotency key. So it is sent only by the one caller whom the commit told to (`OrderMaking.send`), never a second
// time after an answer that was lost, and what was lost is looked for by `look-for-orders`.

import { callWithinBudget } from "#app/pipeline/call-within-budget.server.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { ActiveInstall } from "#app/ports/install-store.ts";
import type { OrderMakingBook, OrderMakingNews } from "#app/ports/order-making-book.ts";
import type { MakeOrderResult, OrderLineInput, OrderMaker } from "#app/ports/order-maker.ts";
import type { Reservation, ReservationLine } from "#app/ports/reservation-book.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";
import { assertNever } from "#app/domain/invariant.ts";
import { ORDERS_SCOPE } from "#app/domain/settings-rules-check.ts";

/**
 * A process that stood still (a frozen machine, a long wait for a token) does not send after this: by then the order is looked for as lost,
 * and in the end a person may have decided that there is none.
 */
const SEND_WITHIN_MS = 20_000;

export interface CreateOrderPorts {
  readonly orderMaker: OrderMaker;
  readonly orderMakings: Pick<OrderMakingBook, "leaves" | "record">;
  readonly budget: CostBudget;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface CreateOrderRequest {
  readonly install: Pick<ActiveInstall, "installId" | "shop" | "scopes">;
  readonly reservation: Pick<Reservation, "id" | "lines" | "traceId">;
  /** `OrderCreateOrderInput` without what the reservation decides; passed on, never stored or logged. */
  readonly order: Readonly<Record<string, unknown>>;
  /** `OrderMaking.attempt`. */
  readonly attempt: number;
  readonly signal?: AbortSignal | undefined;
}

export type OrderCreation =
  /** `orderId`: decimal. */
  | { readonly kind: "created"; readonly orderId: string }
  /** Nothing was created, and sending the same again would fail again. The reservation stays committed: commit once more with another order. */
  | { readonly kind: "refused"; readonly errors: Extract<MakeOrderResult, { kind: "refused" }>["errors"] }
  /** Nothing was created; the same commit may be sent again after `waitMs`. */
  | { readonly kind: "not_sent"; readonly cause: string; readonly waitMs: number }
  /** The answer was lost: the order is looked for. Asking for the reservation, or committing again, tells when it was found. */
  | { readonly kind: "unknown" };

/** Asked before a commit that wants an order: without the scope it would only be refused. */
export function mayCreateOrders(install: Pick<ActiveInstall, "scopes">): boolean {
  return install.scopes.includes(ORDERS_SCOPE);
}

/** To be called by whom the commit answered with `order.send`, and by nobody else. */
export async function createOrderFor(ports: CreateOrderPorts, request: CreateOrderRequest): Promise<OrderCreation> {
  const { install, reservation } = request;
  const made = await send(ports, request);
  if (made.kind === "overtaken") return { kind: "unknown" };
  const creation = creationOf(made);
  const recorded = await ports.orderMakings.record(install.installId, reservation.id, newsOf(made, request.attempt));
  if (recorded.kind === "known") return { kind: "created", orderId: recorded.orderId };
  const line = { shop: install.shop, traceId: reservation.traceId, reservationId: reservation.id, outcome: creation.kind };
  if (creation.kind === "created") ports.logger.info({ ...line, orderId: creation.orderId }, "an order was created for a reservation");
  else ports.logger.warn({ ...line, failure: failureOf(made) }, "no order is known to have been created for a reservation");
  return creation;
}

async function send(ports: CreateOrderPorts, { install, reservation, order, attempt, signal }: CreateOrderRequest): Promise<MakeOrderResult> {
  if (!mayCreateOrders(install)) return refused("ACCESS_DENIED", null, `creating orders needs the scope ${ORDERS_SCOPE}: grant it on the app's page in the admin`);
  const lines = orderLines(reservation.lines);
  if (lines === null) return refused("NO_VARIANT", ["lines"], "an order is made of variants, and a line of this reservation names none");
  const context = { shop: install.shop, traceId: reservation.traceId, signal };
  const startedAtMs = ports.clock.monotonicMs();
  const mayStillSend = () => ports.clock.monotonicMs() - startedAtMs < SEND_WITHIN_MS;
  const called = await callWithinBudget(ports, install.shop, ports.orderMaker.limits.createCost, () =>
    ports.orderMaker.create(context, { installId: install.installId, reservationId: reservation.id, lines, order, mayStillSend, leaves: () => ports.orderMakings.leaves(install.installId, reservation.id, attempt) }),
  );
  return called.kind === "later" ? { kind: "not_sent", cause: "the shop's points are spent for now", waitMs: called.afterMs } : called.result;
}

/** One line of the order for each of the reservation, in its order; null when a line names no variant. */
function orderLines(lines: readonly ReservationLine[]): readonly OrderLineInput[] | null {
  const made: OrderLineInput[] = [];
  for (const { variantId, quantity } of lines) {
    if (variantId === null) return null;
    made.push({ variantId, quantity });
  }
  return made;
}

function refused(code: string, field: readonly string[] | null, message: string): MakeOrderResult {
  return { kind: "refused", errors: [{ code, field, message }], cost: null };
}

type Made = Exclude<MakeOrderResult, { kind: "overtaken" }>;

function creationOf(made: Made): OrderCreation {
  switch (made.kind) {
    case "created":
      return { kind: "created", orderId: made.orderId };
    case "refused":
      return { kind: "refused", errors: made.errors };
    case "not_sent":
      return { kind: "not_sent", cause: made.cause, waitMs: made.waitMs };
    case "exists":
    case "unknown":
      return { kind: "unknown" };
    default:
      return assertNever(made);
  }
}

function newsOf(made: Made, attempt: number): OrderMakingNews {
  switch (made.kind) {
    case "created":
      return { kind: "created", orderId: made.orderId };
    case "refused":
    case "not_sent":
      return { kind: "refused", failure: failureOf(made), attempt };
    case "exists":
    case "unknown":
      return { kind: "unknown", failure: failureOf(made), attempt };
    default:
      return assertNever(made);
  }
}

/** Codes and names of fields only: a sentence of Shopify's may quote what the customer typed. */
function failureOf(made: Made): string {
  if (made.kind === "refused") return made.errors.map(({ code, field }) => `${code ?? "UNKNOWN"} ${field?.join(".") ?? ""}`.trim()).join("; ").slice(0, FAILURE_LENGTH_MAX);
  return made.kind === "not_sent" || made.kind === "unknown" ? made.cause.slice(0, FAILURE_LENGTH_MAX) : made.kind;
}

const FAILURE_LENGTH_MAX = 500;

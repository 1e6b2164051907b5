// The buyer has paid: the hold becomes an order's, also when it has lapsed meanwhile and its units can be had again.

import { assertNever } from "#app/domain/invariant.ts";
import type { CommitOutcome, CommitRequest, OrderMaking, Reservation } from "#app/ports/reservation-book.ts";
import { askUntilConfirmed } from "./ask-until-confirmed.server.ts";
import { createOrderFor, mayCreateOrders, type OrderCreation } from "./create-order.server.ts";
import { hashOf } from "./hash-request.server.ts";
import { promiseFromOf, type ReservationPorts, type ReservingInstall } from "./reservation-ports.ts";

/** Shopify's search may lag; after this an order whose answer was lost, and that nobody finds, is a person's to decide. */
export const ORDER_GIVE_UP_AFTER_MS = 30 * 60_000;

export interface CommitReservation {
  readonly install: ReservingInstall;
  readonly reservationId: string;
  readonly orderId: string | null;
  readonly createOrder: Readonly<Record<string, unknown>> | null;
  readonly paymentReference: string | null;
  /** `token:<id>`. */
  readonly by: string;
  readonly signal?: AbortSignal | undefined;
}

/** What is known of an order that Holdfast creates. `errors`: Shopify's, when it refused the content. */
export interface OrderStanding {
  readonly state: OrderMaking["state"] | "not_sent";
  /** Decimal. */
  readonly orderId: string | null;
  readonly failure: string | null;
  readonly errors: Extract<OrderCreation, { kind: "refused" }>["errors"];
  /** Of one that was not sent. */
  readonly waitMs: number | null;
}

export type CommitResult =
  | { readonly kind: "committed"; readonly reservation: Reservation; readonly order: OrderStanding | null }
  | { readonly kind: "other_body" | "released" | "lapsed"; readonly reservation: Reservation }
  /** It lapsed, and whether its units can be had again is not known yet: the same commit again says. */
  | { readonly kind: "unconfirmed" | "gone" }
  | { readonly kind: "orders_not_allowed" }
  | { readonly kind: "not_found" };

export async function commitReservation(ports: ReservationPorts, request: CommitReservation): Promise<CommitResult> {
  const { install, createOrder, orderId, paymentReference } = request;
  // Before anything is written: a hold must not wait for an order that nobody may create.
  if (createOrder !== null && !mayCreateOrders(install)) return { kind: "orders_not_allowed" };
  const settings = await ports.settings.current(install.installId);
  const commit: CommitRequest = {
    installId: install.installId,
    reservationId: request.reservationId,
    commitHash: hashOf({ orderId, createOrder, paymentReference }),
    orderId,
    paymentReference,
    createOrder: createOrder === null ? null : { bodyHash: hashOf(createOrder), giveUpAfterMs: ORDER_GIVE_UP_AFTER_MS },
    promiseFrom: promiseFromOf(settings, install),
    by: request.by,
  };
  const confirmed = await askUntilConfirmed<CommitOutcome>(ports, {
    install,
    settings: settings.reservations,
    promiseFrom: commit.promiseFrom,
    signal: request.signal,
    async ask(promiseFrom) {
      const outcome = await ports.book.commit({ ...commit, promiseFrom });
      // What the units of a lapsed hold are waited for is a move, and a move waits for a turn.
      if (outcome.kind === "lapsed" && !outcome.final) await ports.waker.wakeMany([install.shop]);
      return outcome;
    },
    shortOf: (outcome) => (outcome.kind === "lapsed" && !outcome.final ? outcome.lines : null),
  });
  if (confirmed.kind !== "answered") {
    ports.metrics.reservation("unconfirmed");
    return { kind: confirmed.kind };
  }
  return resultOf(ports, request, confirmed.answer);
}

async function resultOf(ports: ReservationPorts, request: CommitReservation, outcome: CommitOutcome): Promise<CommitResult> {
  switch (outcome.kind) {
    case "committed":
      if (outcome.first) ports.metrics.reservation(outcome.reservation.late ? "late" : "committed");
      else ports.metrics.reservation("repeated");
      return { kind: "committed", reservation: outcome.reservation, order: await orderOf(ports, request, outcome) };
    case "lapsed":
      // Units that are growing without an end in sight: asked again later, it is decided then.
      if (!outcome.final) return { kind: "unconfirmed" };
      ports.metrics.reservation("refund_required");
      return { kind: "lapsed", reservation: outcome.reservation };
    case "other_body":
    case "released":
      return { kind: outcome.kind, reservation: outcome.reservation };
    case "not_found":
      return outcome;
    default:
      return assertNever(outcome);
  }
}

/** Only who is told to sends the order; everybody else hears how far it is. */
async function orderOf(ports: ReservationPorts, { install, createOrder }: CommitReservation, { reservation, order }: Extract<CommitOutcome, { kind: "committed" }>): Promise<OrderStanding | null> {
  if (order === null) return null;
  const known: OrderStanding = { state: order.state, orderId: order.orderId, failure: order.failure, errors: [], waitMs: null };
  if (!order.send || createOrder === null) return known;
  // No signal: a client that hangs up must not cut a call of which nobody would know what became of it.
  const creation = await createOrderFor(ports, { install, reservation, order: createOrder, attempt: order.attempt });
  switch (creation.kind) {
    case "created":
      return { ...known, state: "created", orderId: creation.orderId };
    case "refused":
      return { ...known, state: "refused", errors: creation.errors };
    case "not_sent":
      return { ...known, state: "not_sent", failure: creation.cause, waitMs: creation.waitMs };
    case "unknown":
      return { ...known, state: "unknown" };
    default:
      return assertNever(creation);
  }
}

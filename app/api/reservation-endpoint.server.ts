// GET /api/v1/reservations/:id, and what can be done to one: extend, commit, release.

import { findReservation, readReservationId } from "#app/dashboard/queries/list-reservations.server.ts";
import { assertNever } from "#app/domain/invariant.ts";
import type { EndOutcome, Reservation } from "#app/ports/reservation-book.ts";
import { type CommitResult, commitReservation, type OrderStanding } from "#app/reservations/commit-reservation.server.ts";
import { extendReservation, releaseReservation } from "#app/reservations/end-reservation.server.ts";

import { apiEndpoint, type ApiRequest } from "./endpoint.server.ts";
import { representReservation, representReservationRow } from "./represent-reservation.ts";
import { commitBody, extendBody, readBody, releaseBody } from "./reservation-bodies.ts";
import { identifyOnce, type ReservationApiDependencies } from "./reservation-dependencies.ts";
import { tooLong, tryLater } from "./reservations-endpoint.server.ts";
import { errorResponse, jsonResponse } from "./respond.ts";

const notFound = (): Response => errorResponse("not_found", "There is no such reservation in this shop.");

/** Another shop's id, and a text that is no id, name nothing here: the same answer. */
function idOf({ params }: ApiRequest): string | null {
  return readReservationId(params.id);
}

export const reservationEndpoint = apiEndpoint<ReservationApiDependencies>({
  GET: async (request, { database }) => {
    const id = idOf(request);
    const found = id === null ? null : await findReservation(database, request.install.installId, id);
    return found === null ? notFound() : jsonResponse(representReservationRow(found));
  },
}, identifyOnce);

export const extendEndpoint = apiEndpoint<ReservationApiDependencies>({
  POST: async (request, { reservations }) => {
    const reservationId = idOf(request);
    if (reservationId === null) return notFound();
    const body = await readBody(request.request, extendBody);
    if (body.kind === "refused") return body.response;
    const outcome = await extendReservation(reservations, { installId: request.install.installId, reservationId, ttlSeconds: body.value.ttlSeconds });
    if (outcome.kind === "ttl_too_long") return tooLong(outcome.ttlSecondsMax);
    if (outcome.kind === "not_found") return notFound();
    return outcome.kind === "ended" ? jsonResponse(representReservation(outcome.reservation)) : alreadyEnded(outcome.reservation);
  },
}, identifyOnce);

export const releaseEndpoint = apiEndpoint<ReservationApiDependencies>({
  POST: async (request, { reservations }) => {
    const reservationId = idOf(request);
    if (reservationId === null) return notFound();
    const body = await readBody(request.request, releaseBody, {});
    if (body.kind === "refused") return body.response;
    return answerToRelease(await releaseReservation(reservations, { installId: request.install.installId, reservationId, by: `token:${request.bearer.tokenId}` }));
  },
}, identifyOnce);

export const commitEndpoint = apiEndpoint<ReservationApiDependencies>({
  POST: async (request, { reservations }) => {
    const reservationId = idOf(request);
    if (reservationId === null) return notFound();
    const body = await readBody(request.request, commitBody, {});
    if (body.kind === "refused") return body.response;
    const { install, bearer } = request;
    return answerToCommit(await commitReservation(reservations, { install, reservationId, ...body.value, by: `token:${bearer.tokenId}`, signal: request.request.signal }));
  },
}, identifyOnce);

/** What has lapsed is as good as released: nothing of it is held. */
function answerToRelease(outcome: EndOutcome): Response {
  switch (outcome.kind) {
    case "ended":
    case "already":
      return jsonResponse(representReservation(outcome.reservation));
    case "committed":
      return alreadyEnded(outcome.reservation);
    case "not_found":
      return notFound();
    default:
      return assertNever(outcome);
  }
}

function alreadyEnded(reservation: Reservation): Response {
  const details = { state: reservation.state, refundRequired: reservation.refundRequired };
  switch (reservation.state) {
    case "committed":
      return errorResponse("reservation_committed", "This reservation is committed; nothing was changed.", details);
    case "released":
      return errorResponse("reservation_released", "This reservation was released; nothing is held.", details);
    case "expired":
    // It was active when it was read and has lapsed since.
    case "active":
      return errorResponse("reservation_expired", "This reservation has lapsed; nothing is held.", details);
    default:
      return assertNever(reservation.state);
  }
}

function answerToCommit(result: CommitResult): Response {
  switch (result.kind) {
    case "committed":
      return committed(result.reservation, result.order);
    case "other_body":
      return errorResponse("reservation_committed", "This reservation was committed with another content; nothing was changed.", { state: result.reservation.state, orderId: representReservation(result.reservation).orderId });
    case "released":
      return errorResponse("reservation_released", "This reservation was released before it was paid; nothing is held. Whoever was charged must get it back.", { refundRequired: true });
    case "lapsed":
      return errorResponse("reservation_expired", "This reservation lapsed and its units are gone. Whoever was charged must get it back.", { refundRequired: true });
    case "unconfirmed":
    case "gone":
      return tryLater("stock_unconfirmed", "This reservation lapsed, and it is not known yet whether its units can be had again. Send the same commit again.");
    case "orders_not_allowed":
      return errorResponse("order_not_allowed", "Creating orders needs the permission write_orders; grant it on Holdfast's settings page. Nothing was committed.", { scope: "write_orders" });
    case "not_found":
      return notFound();
    default:
      return assertNever(result);
  }
}

/** Also when the order is not there the reservation is committed, and its units are kept. */
function committed(reservation: Reservation, order: OrderStanding | null): Response {
  const shown = representReservation(reservation, order);
  if (order === null) return jsonResponse(shown);
  switch (order.state) {
    case "created":
      return jsonResponse(shown);
    // Nobody knows yet: asking again tells.
    case "sending":
    case "unknown":
    case "person":
      return jsonResponse(shown, 202);
    case "refused": {
      const errors = order.errors.map(({ code, field, message }) => ({ code, field: field?.join(".") ?? null, message }));
      return errorResponse("order_refused", "Shopify refused the order; the reservation is committed and its units are kept. Commit again with another order.", { reservation: shown, failure: order.failure, errors });
    }
    case "not_sent":
      return errorResponse("order_not_sent", "The order was not created; the reservation is committed and its units are kept. Send the same commit again.", { reservation: shown }, { "Retry-After": String(Math.max(1, Math.ceil((order.waitMs ?? 0) / 1_000))) });
    default:
      return assertNever(order.state);
  }
}

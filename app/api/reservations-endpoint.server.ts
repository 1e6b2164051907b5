// POST /api/v1/reservations holds units, GET lists what was held.

import { formatGid } from "#app/domain/gid.ts";
import { assertNever } from "#app/domain/invariant.ts";
import { listReservations } from "#app/dashboard/queries/list-reservations.server.ts";
import { type LineStanding, type ReserveResult, reserveStock } from "#app/reservations/reserve-stock.server.ts";
import type { LineFault } from "#app/reservations/resolve-lines.server.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { representReservation, representReservationRow } from "./represent-reservation.ts";
import { invalidRequest, readBody, reserveBody } from "./reservation-bodies.ts";
import { identifyOnce, type ReservationApiDependencies } from "./reservation-dependencies.ts";
import { readReservationParameters } from "./reservation-parameters.ts";
import { errorResponse, jsonResponse } from "./respond.ts";

const RETRY_AFTER_SECONDS = "1";

export const reservationsEndpoint = apiEndpoint<ReservationApiDependencies>({
  GET: async ({ url, install }, { database }) => {
    const parameters = readReservationParameters(url.searchParams);
    if (parameters.kind === "refused") return parameters.response;
    const page = await listReservations(database, { installId: install.installId, ...parameters.value });
    return jsonResponse({ items: page.items.map(representReservationRow), nextCursor: page.olderCursor });
  },

  POST: async ({ request, install, bearer }, { reservations }) => {
    const body = await readBody(request, reserveBody);
    if (body.kind === "refused") return body.response;
    return answerTo(await reserveStock(reservations, { install, tokenId: bearer.tokenId, ...body.value, signal: request.signal }));
  },
}, identifyOnce);

function answerTo(result: ReserveResult): Response {
  switch (result.kind) {
    case "granted":
      return jsonResponse(representReservation(result.reservation), 201);
    case "seen_before":
      return jsonResponse(representReservation(result.reservation));
    case "key_reused":
      return errorResponse("idempotency_key_reuse", "This key belongs to a reservation with another content. Use a new key for a new request.");
    case "insufficient":
      return errorResponse("insufficient_stock", "There is not enough stock for every line; nothing is held.", { lines: result.lines.map(representStanding) });
    case "over_limit":
      return errorResponse("limit_exceeded", `This ${result.limit} may hold at most ${result.unitsMax} units at a time and holds ${result.unitsHeld}.`, { limit: result.limit, unitsMax: result.unitsMax, unitsHeld: result.unitsHeld });
    case "ttl_too_long":
      return tooLong(result.ttlSecondsMax);
    case "refused":
      return refusedLines(result.faults);
    case "unconfirmed":
      return tryLater("stock_unconfirmed", "Shopify has not confirmed the units in time; nothing is held. The same request may be sent again.");
    case "unknown_here":
      return tryLater("shopify_unavailable", "Shopify could not be asked about what the request names; nothing is held. The same request may be sent again.");
    case "unavailable":
    case "overloaded":
    case "gone":
      return tryLater("try_again", "The request was not answered in time. Send it again with the same key: what was granted meanwhile is answered then.");
    case "unstorable":
      return invalidRequest([{ path: "", code: "unstorable", message: "contains a value that cannot be stored" }]);
    case "not_installed":
      return errorResponse("unauthorized", "The app is no longer installed in this shop.");
    default:
      return assertNever(result);
  }
}

export function tooLong(ttlSecondsMax: number): Response {
  return invalidRequest([{ path: "ttlSeconds", code: "too_big", message: `may be at most ${ttlSecondsMax} in this shop` }]);
}

export function tryLater(code: "stock_unconfirmed" | "shopify_unavailable" | "try_again", message: string): Response {
  return errorResponse(code, message, {}, { "Retry-After": RETRY_AFTER_SECONDS });
}

/** The first line's fault is the error's code; all of them are in the details. */
function refusedLines(faults: readonly LineFault[]): Response {
  const [first] = faults;
  if (first === undefined) return invalidRequest([]);
  const listed = faults.map(({ line, code, message, candidates }) => ({ path: `lines[${line}]`, code, message, ...(candidates === undefined ? {} : { candidates }) }));
  return errorResponse(first.code, `Nothing is held. lines[${first.line}]: ${first.message}`, { faults: listed });
}

function representStanding({ line, requested, requestedTogether, available, short }: LineStanding) {
  return { inventoryItemId: formatGid("InventoryItem", line.inventoryItemId), locationId: formatGid("Location", line.locationId), sku: line.sku, requested, requestedTogether, available, short };
}

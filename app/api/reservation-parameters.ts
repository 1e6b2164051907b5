// Query parameters of GET /api/v1/reservations and GET /api/v1/stock.

import { readChoices, readShopifyIdFilter, readText } from "#app/dashboard/queries/change-filter.ts";
import type { PageRequest } from "#app/dashboard/queries/keyset-page.ts";
import { decodeReservationCursor, RESERVATION_STATES, type ReservationCursor, type ReservationFilter } from "#app/dashboard/queries/list-reservations.server.ts";
import { readId } from "#app/domain/gid.ts";

import { given, PAGE_PARAMETERS, readPageBy, type Reading, refused, refuseUnknown } from "./list-parameters.ts";

export function readReservationParameters(query: URLSearchParams): Reading<{ filter: ReservationFilter; page: PageRequest<ReservationCursor> }> {
  const unknown = refuseUnknown(query, [...PAGE_PARAMETERS, "state", "reference", "orderId", "inventoryItemId"]);
  if (unknown !== null) return unknown;
  const page = readPageBy(query, decodeReservationCursor);
  if (page.kind === "refused") return page;
  const readings = {
    state: readChoices(query.get("state"), RESERVATION_STATES),
    reference: readText(query.get("reference")),
    orderId: readShopifyIdFilter("Order", query.get("orderId")),
    inventoryItemId: readShopifyIdFilter("InventoryItem", query.get("inventoryItemId")),
  };
  for (const [name, reading] of Object.entries(readings)) if (reading.kind === "invalid") return refused(name, reading.message);
  const filter: ReservationFilter = {
    ...given("states", readings.state),
    ...given("reference", readings.reference),
    ...given("orderId", readings.orderId),
    ...given("inventoryItemId", readings.inventoryItemId),
  };
  return { kind: "ok", value: { filter, page: page.value } };
}

/** `locationId` null: the one that a reservation without a location would be promised from. */
export function readStockParameters(query: URLSearchParams): Reading<{ inventoryItemId: string; locationId: string | null }> {
  const unknown = refuseUnknown(query, ["inventoryItemId", "locationId"]);
  if (unknown !== null) return unknown;
  const inventoryItemId = readId("InventoryItem", query.get("inventoryItemId") ?? "");
  if (inventoryItemId === null) return refused("inventoryItemId", "must be the id of an InventoryItem: a number or gid://shopify/InventoryItem/…");
  const locationText = query.get("locationId");
  const locationId = locationText === null || locationText === "" ? null : readId("Location", locationText);
  if (locationId === null && locationText) return refused("locationId", "must be the id of a Location: a number or gid://shopify/Location/…");
  return { kind: "ok", value: { inventoryItemId, locationId } };
}

// GET /api/v1/stock: how much there is of an item, and how much could be promised now.

import { formatGid } from "#app/domain/gid.ts";
import { assertNever } from "#app/domain/invariant.ts";
import { readStock } from "#app/reservations/read-stock.server.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { identifyOnce, type ReservationApiDependencies } from "./reservation-dependencies.ts";
import { readStockParameters } from "./reservation-parameters.ts";
import { tryLater } from "./reservations-endpoint.server.ts";
import { errorResponse, jsonResponse } from "./respond.ts";

export const stockEndpoint = apiEndpoint<ReservationApiDependencies>({
  GET: async ({ url, install }, { reservations }) => {
    const parameters = readStockParameters(url.searchParams);
    if (parameters.kind === "refused") return parameters.response;
    const { inventoryItemId } = parameters.value;
    const reading = await readStock(reservations, install, parameters.value);
    switch (reading.kind) {
      case "read": {
        const { locationId, available, reserved, promisable, observedAt } = reading;
        const place = { inventoryItemId: formatGid("InventoryItem", inventoryItemId), locationId: formatGid("Location", locationId) };
        return jsonResponse({ ...place, available, reserved, promisable, observedAt: observedAt?.toISOString() ?? null });
      }
      case "not_found":
        return errorResponse("not_found", "This shop has no such item, or no such location.");
      case "location_needed":
        return errorResponse("location_needed", "No active location that ships stocks this item; name one by locationId.");
      case "unavailable":
        return tryLater("shopify_unavailable", "Shopify could not be asked about this item. Try again.");
      default:
        return assertNever(reading);
    }
  },
}, identifyOnce);

// GET /api/v1/orders/:orderId/receipt: what was received about an order and what became of every unit.

import { readOrderReceipt } from "#app/dashboard/queries/order-receipt.server.ts";
import { readId } from "#app/domain/gid.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { representReceipt } from "./representations.ts";
import { errorResponse, jsonResponse } from "./respond.ts";

export const receiptEndpoint = apiEndpoint({
  GET: async ({ params, install }, { database }) => {
    // A text that is no id names no order, which is the same answer as for another shop's.
    const orderId = readId("Order", params.orderId ?? "");
    const receipt = orderId === null ? null : await readOrderReceipt(database, install.installId, orderId);
    if (receipt === null) return errorResponse("not_found", "Nothing was received about this order in this shop.");
    return jsonResponse(representReceipt(receipt));
  },
});

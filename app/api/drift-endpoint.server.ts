// GET /api/v1/drift: what comparisons with Shopify found in one shop, newest first, by keyset.

import { DRIFT_STATES, type DriftRow, listDrifts } from "#app/dashboard/queries/list-drifts.server.ts";
import { formatGid } from "#app/domain/gid.ts";

import { apiEndpoint } from "./endpoint.server.ts";
import { readIncidentParameters } from "./incident-parameters.ts";
import { jsonResponse } from "./respond.ts";

export const driftEndpoint = apiEndpoint({
  GET: async ({ url, install }, { database }) => {
    const parameters = readIncidentParameters(url.searchParams, DRIFT_STATES);
    if (parameters.kind === "refused") return parameters.response;
    const page = await listDrifts(database, { installId: install.installId, ...parameters.value });
    return jsonResponse({ items: page.items.map(representDrift), nextCursor: page.olderCursor });
  },
});

export function representDrift(row: DriftRow) {
  return {
    id: String(row.id),
    state: row.state,
    inventoryItemId: formatGid("InventoryItem", row.inventoryItemId),
    variantId: row.variantId === null ? null : formatGid("ProductVariant", row.variantId),
    sku: row.sku,
    title: row.title,
    locationId: formatGid("Location", row.locationId),
    locationName: row.locationName,
    foundAt: row.foundAt,
    scanId: row.scanId === null ? null : String(row.scanId),
    shopify: row.shopify,
    known: row.known,
    difference: row.difference,
    explanation: { kind: row.explanation, evidence: row.evidence },
    proposal: row.proposedDelta === null ? null : { delta: row.proposedDelta, because: row.proposedBecause },
    ended: row.endedAt === null ? null : { at: row.endedAt, by: row.endedBy, note: row.note },
  };
}

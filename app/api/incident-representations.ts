// How oversells and overwritten stock are shown to programs; shapes: docs/reference/detection.md. Pure.

import type { ApartRow } from "#app/dashboard/queries/list-apart.server.ts";
import type { ConflictRow } from "#app/dashboard/queries/list-conflicts.server.ts";
import type { OversellRow } from "#app/dashboard/queries/list-oversells.server.ts";
import { formatGid, type GidKind, isDecimalId } from "#app/domain/gid.ts";

export function representOversell(row: OversellRow) {
  return {
    id: String(row.id),
    kind: row.kind,
    state: row.state,
    ...itemOf(row),
    locationId: gid("Location", row.locationId),
    locationName: row.locationName,
    depth: row.depth,
    short: row.short,
    available: row.available,
    pending: row.pending,
    hidden: row.hidden,
    movable: row.movable.map(({ locationId, available }) => ({ locationId: gid("Location", locationId), available })),
    openedAt: row.openedAt,
    updatedAt: row.updatedAt,
    closedAt: row.closedAt,
    closeReason: row.closeReason,
    seenBy: row.seenBy,
    cause: { kind: row.cause, confidence: row.confidence, evidence: row.evidence },
    policy: row.policy,
    orders: row.orders.map((order) => ({ ...order, orderId: gid("Order", order.orderId), lineId: gid("LineItem", order.lineId) })),
    handled: row.handledAt === null ? null : { at: row.handledAt, by: row.handledBy, note: row.handledNote },
    holds: row.holds.map((hold) => ({ ...hold, orderId: gid("Order", hold.orderId) })),
  };
}

export function representConflict(row: ConflictRow) {
  return {
    id: String(row.id),
    state: row.state,
    ...itemOf(row),
    locationId: gid("Location", row.locationId),
    at: row.at,
    // A notification names no writer.
    writer: "another app or a person",
    valueBefore: row.valueBefore,
    valueWritten: row.valueWritten,
    sameAs: { at: row.sameAsAt, value: row.valueWritten },
    unitsAtRisk: row.unitsAtRisk,
    orders: row.unseen.map((order) => ({ ...order, orderId: gid("Order", order.orderId) })),
    confidence: row.confidence,
    timesLastDay: row.timesLastDay,
    ended: row.endedAt === null ? null : { at: row.endedAt, by: row.endedBy, note: row.note },
  };
}

export function representApart(row: ApartRow) {
  return {
    ...itemOf(row),
    reason: row.reason,
    unitsOpen: row.unitsOpen,
    orderCount: row.orderCount,
    orders: row.orders.map((order) => ({ ...order, orderId: gid("Order", order.orderId) })),
    locations: row.locations.map((level) => ({ ...level, locationId: gid("Location", level.locationId) })),
  };
}

function itemOf({ inventoryItemId, variantId, sku, title }: Pick<OversellRow, "inventoryItemId" | "variantId" | "sku" | "title">) {
  return { inventoryItemId: gid("InventoryItem", inventoryItemId), variantId: gid("ProductVariant", variantId), sku, title };
}

function gid(kind: GidKind, id: string | null): string | null {
  return id !== null && isDecimalId(id) ? formatGid(kind, id) : id;
}

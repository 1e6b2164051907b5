// How rows are shown to programs: Shopify's objects by gid, our own ids and times as text. Pure.

import type { AttemptRow } from "#app/dashboard/queries/change-detail.server.ts";
import type { ChangeRow } from "#app/dashboard/queries/list-changes.server.ts";
import type { DeliveryRow } from "#app/dashboard/queries/list-deliveries.server.ts";
import type { ParkedRow } from "#app/dashboard/queries/list-parked.server.ts";
import type { OrderReceipt } from "#app/dashboard/queries/order-receipt.server.ts";
import { formatGid, isDecimalId, type GidKind } from "#app/domain/gid.ts";

export function representChange(change: ChangeRow) {
  return {
    id: String(change.id),
    orderId: gidOrNull("Order", change.orderId),
    orderName: change.orderName,
    lineId: gidOrNull("LineItem", change.lineId),
    variantId: gidOrNull("ProductVariant", change.variantId),
    inventoryItemId: gidOrNull("InventoryItem", change.inventoryItemId),
    locationId: gidOrNull("Location", change.locationId),
    quantityName: change.quantityName,
    delta: change.delta,
    cause: change.cause,
    state: change.state,
    reason: change.reason,
    outcomeUnknown: change.outcomeUnknown,
    sku: change.sku,
    title: change.title,
    webhookId: change.webhookId,
    traceId: change.traceId,
    effectKey: change.effectKey,
    mutationId: change.mutationId,
    mutationKey: change.mutationKey,
    before: change.before,
    after: change.after,
    settingsVersion: change.settingsVersion,
    acceptedAt: change.acceptedAt,
    createdAt: change.createdAt,
    finishedAt: change.finishedAt,
  };
}

export function representParked(change: ParkedRow) {
  const { reviewReason, allowedActs, sharedCount, mayArriveUntil } = change;
  return { ...representChange(change), reviewReason, allowedActs, changesInCall: sharedCount, mayArriveUntil };
}

export function representReceipt(receipt: OrderReceipt) {
  const duplicates = receipt.deliveries.reduce((sum, delivery) => sum + delivery.duplicates, 0);
  const order = receipt.order;
  return {
    orderId: formatGid("Order", receipt.orderId),
    orderName: order?.name ?? null,
    sourceName: order?.sourceName ?? null,
    appId: order?.appId ?? null,
    orderedAt: order?.orderedAt ?? null,
    mode: order?.mode ?? null,
    modeReason: order?.modeReason ?? null,
    settingsVersion: order?.settingsVersion ?? null,
    state: order?.state ?? null,
    stateReason: order?.stateReason ?? null,
    firstSeenAt: order?.firstSeenAt ?? null,
    derivedAt: order?.derivedAt ?? null,
    /** Every request that Shopify sent about this order, the repeated ones included. */
    deliveriesReceived: receipt.deliveries.length + duplicates,
    duplicatesStopped: duplicates,
    deliveries: receipt.deliveries.map(representDelivery),
    changes: receipt.changes.map((change) => ({ ...representChange(change), attempts: change.attempts.map(representAttempt) })),
    truncated: receipt.truncated,
  };
}

function representDelivery(delivery: DeliveryRow) {
  const { webhookId, eventId, topic, triggeredAt, receivedAt, duplicates, state, reason, processedAt, traceId } = delivery;
  return { webhookId, eventId, topic, triggeredAt, receivedAt, duplicates, state, reason, processedAt, traceId };
}

/** The recorded detail stays inside: it may quote Shopify's answer at length. */
function representAttempt({ number, sentAt, finishedAt, outcome }: AttemptRow) {
  return { number, sentAt, finishedAt, outcome };
}

/** A stored id that is not Shopify's (a malformed payload's) is shown as it is rather than hidden. */
function gidOrNull(kind: GidKind, id: string | null): string | null {
  return id !== null && isDecimalId(id) ? formatGid(kind, id) : id;
}

// What goes over the wire for one push: the same bytes at every sending, signed with the shop's secret.

import { createHmac } from "node:crypto";

import { formatGid } from "#app/domain/gid.ts";
import type { ExternalPush } from "#app/ports/external-pushes.ts";

/** Ids are gids, as everywhere in Holdfast's HTTP. `id` repeats the idempotency key, so that the signature covers it. */
export function bodyOf(push: ExternalPush): string {
  const { content } = push;
  return JSON.stringify({
    type: "stock.change_applied",
    id: push.key,
    shop: push.shop,
    sequence: Number(push.sequence),
    inventoryItemId: formatGid("InventoryItem", push.inventoryItemId),
    locationId: formatGid("Location", content.locationId),
    sku: content.sku,
    quantityName: content.quantityName,
    delta: content.delta,
    before: content.before,
    after: content.after,
    cause: content.cause,
    orderId: content.orderId === null ? null : formatGid("Order", content.orderId),
    orderName: content.orderName,
    changeId: String(push.changeId),
    mutationId: content.mutationId,
    traceId: content.traceId,
    occurredAt: content.occurredAt,
  });
}

/** `sha256=` and the hex HMAC-SHA256 of the raw body under the shop's secret. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(body, "utf8").digest("hex")}`;
}

export function headersOf(push: ExternalPush, body: string, secret: string, now: Date): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json; charset=utf-8",
    "user-agent": "Holdfast",
    "idempotency-key": push.key,
    "x-holdfast-shop": push.shop,
    "x-holdfast-sequence": String(push.sequence),
    "x-holdfast-signature": signatureOf(body, secret),
    // Of this sending; the moment of the change is in the body, under the signature.
    "x-holdfast-timestamp": now.toISOString(),
  };
}

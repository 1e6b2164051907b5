// The merchant's own receiver: the incident as JSON, signed over the raw body, under a key that makes a repeat recognisable (docs/reference/alerts.md).

import { createHmac } from "node:crypto";

import { formatGid } from "#app/domain/gid.ts";
import { invariant } from "#app/domain/invariant.ts";
import type { AlertDelivery, AlertSender } from "#app/ports/alert-channel.ts";
import type { AlertContent, AlertReport } from "#app/ports/alert-outbox.ts";
import { judgeAnswer } from "./judge-answer.ts";
import type { OutsidePoster } from "./post-outside.server.ts";

/** Gone, too large, or not what the receiver ever takes. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 410, 413, 422]);

export function createWebhookSender(poster: OutsidePoster, now: () => Date): AlertSender {
  return {
    async send(delivery) {
      const { target, messageKey, signingSecret, signal } = delivery;
      invariant(signingSecret !== null, "a webhook is signed");
      const body = JSON.stringify(webhookDocument(delivery));
      const headers = {
        "idempotency-key": messageKey,
        "x-holdfast-signature": signatureOf(body, signingSecret),
        // Of this sending. Not signed: what a receiver may rely on stands in the body.
        "x-holdfast-timestamp": String(Math.floor(now().getTime() / 1_000)),
      };
      return judgeAnswer(await poster.post({ url: target, headers, body, signal }), FINAL_STATUSES);
    },
  };
}

export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(body, "utf8").digest("hex")}`;
}

/** The same at every sending: made of what was frozen with the message, and of nothing that tells the sendings apart. */
export function webhookDocument({ shop, messageKey, follows, content, text }: AlertDelivery): object {
  const head = { id: messageKey, shop, title: text.title, url: text.link.url };
  if (content === null) return { ...head, type: "test" };
  const [first, ...others] = content.reports;
  invariant(first !== undefined, "a message tells of something");
  return {
    ...head,
    type: "alert",
    kind: content.kind,
    followsUp: follows,
    ...reportDocument(content.kind, first),
    alsoSince: others.map((report) => reportDocument(content.kind, report)),
    moreCount: content.moreCount,
  };
}

function reportDocument(kind: AlertContent["kind"], { subject, stages, facts, at }: AlertReport): object {
  const { title, sku, variantId, inventoryItemId, locationId, locationName, depth, orders, orderCount, detail } = facts;
  return {
    incident: { kind, id: subject, state: stages.at(-1) === "closed" ? "closed" : "open", since: at, stages },
    product:
      inventoryItemId === null && title === null
        ? null
        : {
            title,
            sku,
            variantId: variantId === null ? null : formatGid("ProductVariant", variantId),
            inventoryItemId: inventoryItemId === null ? null : formatGid("InventoryItem", inventoryItemId),
          },
    location: locationId === null ? null : { id: formatGid("Location", locationId), name: locationName },
    depth,
    orders: orders.map(({ orderId, name, units }) => ({ id: formatGid("Order", orderId), name, units })),
    orderCount: orderCount ?? orders.length,
    detail,
  };
}

// The way most checkouts go, to compare with: look whether there is stock, charge, then make the order.
//
// It is a fair version: it waits when it is throttled, and gives the money back when the order is refused. What it lacks is a promise:
// between the look and the order everybody else looks, too.
import { randomUUID } from "node:crypto";
import { askAgain } from "./ask-again.ts";
import type { Patience } from "./ask-again.ts";
import { PRICE_CENTS } from "./hold-then-charge.ts";
import type { Outcome, Purchase } from "./journal.ts";
import type { PaymentClient } from "./payment-client.ts";
import type { ShopifyClient } from "./shopify-client.ts";

export interface NaiveParts {
  readonly payments: PaymentClient;
  readonly shopify: ShopifyClient;
  readonly patience: Patience;
}

export async function checkThenCharge({ payments, shopify, patience }: NaiveParts, purchase: Purchase): Promise<Outcome> {
  for (const { variantId, quantity } of purchase.items) {
    const level = await askAgain(async () => await shopify.available(variantId), patience);
    if (level === null || level.units < quantity) return { kind: "sold_out" };
  }
  if (!purchase.pays) return { kind: "left" };
  const key = randomUUID();
  const { buyer, card } = purchase;
  const charged = await askAgain(async () => await payments.charge(key, { buyer, amountCents: PRICE_CENTS, card }), patience);
  if (charged?.kind !== "charged") return { kind: "declined" };
  const made = await askAgain(async () => await shopify.createOrder({ lines: purchase.items, attributes: { buyer }, uniqueId: null }), patience);
  if (made?.kind === "created") return { kind: "sold", orderId: made.orderId };
  await askAgain(async () => await payments.refund(`${key}:refund`, charged.chargeId), patience);
  return { kind: "refunded" };
}

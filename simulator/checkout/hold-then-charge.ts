// The way of one purchase that cannot oversell: hold, charge, commit, order. Each step asks one system and writes down what it learnt.
//
// Whoever calls `finishPurchase` may die at any moment. What was written says which step comes next, and each step may be taken twice:
// every call carries a key made of the purchase's own token, so the other side answers the second as it answered the first.
import { askAgain } from "./ask-again.ts";
import type { Patience } from "./ask-again.ts";
import type { HoldfastClient } from "./holdfast-client.ts";
import type { Fact, Journal, Outcome, Progress } from "./journal.ts";
import type { PaymentClient } from "./payment-client.ts";
import type { ShopifyClient } from "./shopify-client.ts";

export interface CheckoutParts {
  readonly journal: Journal;
  readonly holdfast: HoldfastClient;
  readonly payments: PaymentClient;
  readonly shopify: ShopifyClient;
  readonly ttlSeconds: number;
  /** A hold that ends sooner than this is prolonged before money moves. */
  readonly chargeNeedsMs: number;
  readonly nowMs: () => number;
  readonly patience: Patience;
}

export const PRICE_CENTS = 4_900;
/** The name under which an order's webhook tells Holdfast which hold it is of. */
const RESERVATION_ATTRIBUTE = "holdfast_reservation";
/** So often is a hold asked for; then the buyer hears that it did not work. Nothing was charged, and a hold that was granted unheard lapses. */
const RESERVE_TRIES_MAX = 20;

export async function finishPurchase(parts: CheckoutParts, begun: Progress): Promise<Outcome> {
  let progress = begun;
  while (progress.outcome === undefined) {
    parts.patience.signal.throwIfAborted();
    progress = await parts.journal.learn(progress.purchase.clientToken, await nextFact(parts, progress));
  }
  return progress.outcome;
}

async function nextFact(parts: CheckoutParts, progress: Progress): Promise<Fact> {
  const { reservationId, chargeId } = progress;
  if (reservationId === undefined) return await hold(parts, progress);
  if (progress.declined === true) return await giveBack(parts, reservationId);
  if (chargeId !== undefined && progress.refundDue === true) return await refund(parts, progress, chargeId);
  if (progress.committed === true) return await order(parts, progress, reservationId);
  if (chargeId !== undefined) return await commit(parts, progress, reservationId, chargeId);
  if (progress.paying === true) return await charge(parts, progress);
  return await beforeCharging(parts, progress, reservationId);
}

async function hold({ holdfast, ttlSeconds, patience }: CheckoutParts, { purchase }: Progress): Promise<Fact> {
  const wanted = { idempotencyKey: purchase.clientToken, lines: purchase.items, ttlSeconds, reference: purchase.buyer };
  const answer = await askAgain(async () => await holdfast.reserve(wanted), patience, RESERVE_TRIES_MAX);
  if (answer === null) return { outcome: { kind: "failed", why: "no hold could be had in time" } };
  if (answer.kind === "sold_out") return { outcome: { kind: "sold_out" } };
  if (answer.kind === "refused") return { outcome: { kind: "failed", why: answer.why } };
  // A repeated request is answered with the hold as it is now.
  if (answer.state !== "active") return { outcome: { kind: "lapsed" } };
  return { reservationId: answer.reservationId, expiresAtMs: answer.expiresAtMs };
}

/** The last moment at which stopping costs nobody anything. */
async function beforeCharging({ holdfast, ttlSeconds, chargeNeedsMs, nowMs, patience }: CheckoutParts, { purchase, expiresAtMs = 0 }: Progress, reservationId: string): Promise<Fact> {
  if (!purchase.pays) return { outcome: { kind: "left" } };
  if (expiresAtMs - nowMs() >= chargeNeedsMs) return { paying: true };
  const answer = await askAgain(async () => await holdfast.extend(reservationId, ttlSeconds), patience);
  return answer?.kind === "held" ? { expiresAtMs: answer.expiresAtMs, paying: true } : { outcome: { kind: "lapsed" } };
}

async function charge({ payments, patience }: CheckoutParts, { purchase }: Progress): Promise<Fact> {
  const { clientToken, buyer, card } = purchase;
  const answer = await askAgain(async () => await payments.charge(clientToken, { buyer, amountCents: PRICE_CENTS, card }), patience);
  return answer?.kind === "charged" ? { chargeId: answer.chargeId } : { declined: true };
}

async function giveBack({ holdfast, patience }: CheckoutParts, reservationId: string): Promise<Fact> {
  await askAgain(async () => await holdfast.release(reservationId), patience);
  return { outcome: { kind: "declined" } };
}

async function commit({ holdfast, patience }: CheckoutParts, { purchase }: Progress, reservationId: string, chargeId: string): Promise<Fact> {
  const createOrder = { customAttributes: [{ key: "buyer", value: purchase.buyer }] };
  const wanted = { paymentReference: chargeId, ...(purchase.orderBy === "holdfast" ? { createOrder } : {}) };
  const answer = await askAgain(async () => await holdfast.commit(reservationId, wanted), patience);
  if (answer?.kind === "refund_required") return { refundDue: true };
  if (answer?.kind !== "committed") return { outcome: { kind: "failed", why: answer?.why ?? "no answer" } };
  return answer.orderId === null ? { committed: true } : { committed: true, outcome: { kind: "sold", orderId: answer.orderId } };
}

async function refund({ payments, patience }: CheckoutParts, { purchase }: Progress, chargeId: string): Promise<Fact> {
  await askAgain(async () => await payments.refund(`${purchase.clientToken}:refund`, chargeId), patience);
  return { outcome: { kind: "refunded" } };
}

/** `orderCreate` knows no keys. Its unique metafield makes a second one impossible, and finds the first when its answer was lost. */
async function order({ journal, shopify, patience }: CheckoutParts, { purchase, ordering }: Progress, reservationId: string): Promise<Fact> {
  const uniqueId = purchase.clientToken;
  if (ordering !== true) await journal.learn(purchase.clientToken, { ordering: true });
  const attributes = { [RESERVATION_ATTRIBUTE]: reservationId, buyer: purchase.buyer };
  let mayExist = ordering === true;
  const answer = await askAgain(async () => {
    const found = mayExist ? await shopify.findOrder(uniqueId) : ({ kind: "absent" } as const);
    if (found.kind !== "absent") return found;
    mayExist = true;
    const made = await shopify.createOrder({ lines: purchase.items, attributes, uniqueId });
    if (made.kind !== "refused") return made;
    // Refused because it is there, which the search may not show yet; or for good.
    const there = await shopify.findOrder(uniqueId);
    return there.kind === "absent" ? made : there;
  }, patience);
  if (answer === null || answer.kind === "refused") return { outcome: { kind: "failed", why: answer?.why ?? "no answer" } };
  return { outcome: { kind: "sold", orderId: answer.orderId } };
}

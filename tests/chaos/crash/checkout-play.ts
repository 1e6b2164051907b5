// A checkout of the merchant's own: it holds units, and repeats what was not answered; over HTTP, or in the test's process where no web is needed.
import { expect, vi } from "vitest";

import { parseGid } from "#app/domain/gid.ts";
import type { Reservation, ReserveRequest } from "#app/ports/reservation-book.ts";
import type { Stage } from "./stage.ts";

const HELD_LIMIT_MS = 20_000;
const POLL_MS = 50;
/** A request that is told to come again, and comes: each time after the shop's own wait. */
const ASKED_MAX = 10;
const TTL_SECONDS = 600;
const UNITS = 2;

const decimal = (gid: string | undefined): string => parseGid(gid ?? "")?.id ?? "";

/** What Holdfast knows of the kettle, as if somebody had asked for it before. */
export async function observe({ house, shop, items: [kettle] }: Stage): Promise<void> {
  const install = await house.composed.installStore.active(shop.shop);
  if (!install) throw new Error("the app is installed");
  await house.composed.reservations.observe(install, [{ inventoryItemId: decimal(kettle.inventoryItemId), locationId: decimal(shop.locationIds[0]) }]);
}

/** Asks once for two kettles, always with the same key; whoever must move units is woken. */
export async function askOnce({ house, shop, items: [kettle] }: Stage): Promise<Reservation | null> {
  const place = { inventoryItemId: decimal(kettle.inventoryItemId), locationId: decimal(shop.locationIds[0]) };
  const request: ReserveRequest = {
    installId: shop.installId,
    shop: shop.shop,
    idempotencyKey: "cart-1",
    bodyHash: "hash",
    tokenId: null,
    reference: null,
    ttlSeconds: TTL_SECONDS,
    lines: [{ ...place, variantId: decimal(kettle.variantId), sku: "KETTLE", quantity: UNITS, counts: true }],
    traceId: "cart-1",
    promiseFrom: "block",
    unitsPerReferenceMax: null,
    unitsPerTokenMax: null,
  };
  const outcome = await house.composed.reservations.batcher.reserve(request);
  if (typeof outcome === "string") return null;
  return outcome.kind === "granted" || outcome.kind === "seen_before" ? outcome.reservation : null;
}

/** Two kettles, from a block that grows for them: it takes two, and two more when they are promised; all of them are there. */
export async function hold(stage: Stage): Promise<Reservation> {
  await observe(stage);
  return vi.waitFor(
    async () => {
      const held = await askOnce(stage);
      if (held === null) throw new Error("nothing is held yet");
      // What is still on its way could be refused because of what happens next.
      expect(await stage.rows(`SELECT growing FROM stock_blocks WHERE install_id = $1 AND growing > 0`)).toEqual([]);
      return held;
    },
    { timeout: HELD_LIMIT_MS, interval: POLL_MS },
  );
}

/** The only hold that there is. */
export async function theHold({ rows }: Stage): Promise<string> {
  const [{ id } = { id: "" }] = await rows<{ id: string }>(`SELECT id::text AS id FROM reservations WHERE install_id = $1 ORDER BY created_at LIMIT 1`);
  return id;
}

/** The block gives back when it is looked at, and that is now. */
export const BLOCK_IS_IDLE = `UPDATE stock_blocks SET look_at = now(), last_granted_at = now() - interval '6 minutes' WHERE install_id = $1`;
/** As before the first look at a stock. */
export const NOTHING_OBSERVED = `DELETE FROM stock_levels WHERE install_id = $1`;
export const HOLD_HAS_LAPSED = `UPDATE reservations SET expires_at = now() - interval '1 second' WHERE install_id = $1`;

/** Sends the request once; rejects when the web process dies under it. */
export type Ask = (stage: Stage) => Promise<number>;

function requestTo(path: (stage: Stage) => Promise<string> | string, body: (stage: Stage) => object): Ask {
  return async (stage) => {
    const { house, ground, shop } = stage;
    const made = await house.composed.apiTokenStore.create({ installId: shop.installId, label: "checkout", actor: "test" });
    if (made.kind !== "created") throw new Error("no token could be made");
    const url = `${ground.webUrl}/api/v1/reservations${await path(stage)}`;
    const response = await fetch(url, { method: "POST", headers: { Authorization: `Bearer ${made.token}`, "Content-Type": "application/json" }, body: JSON.stringify(body(stage)) });
    await response.text();
    return response.status;
  };
}

const ofHold = (verb: string) => async (stage: Stage) => `/${await theHold(stage)}/${verb}`;

export const ASK = {
  reserve: requestTo(() => "", () => ({ idempotencyKey: "cart-2", lines: [{ sku: "KETTLE", quantity: UNITS }] })),
  extend: requestTo(ofHold("extend"), () => ({ ttlSeconds: 2 * TTL_SECONDS })),
  commit: requestTo(ofHold("commit"), ({ house, shop }) => ({ orderId: house.simulator.control.orders(shop.shop)[0]?.orderId, paymentReference: "pay-1" })),
  release: requestTo(ofHold("release"), () => ({})),
} as const satisfies Readonly<Record<string, Ask>>;

/** Whoever got no answer, or was told to come again, asks the same again. */
export async function askUntilAnswered(stage: Stage, ask: Ask): Promise<void> {
  for (let count = 0; count < ASKED_MAX; count += 1) {
    const status = await ask(stage);
    if (status === 200 || status === 201) return;
    if (status !== 503) throw new Error(`the checkout was answered ${status}`);
  }
  throw new Error("the checkout was never answered");
}

/** An order that took its kettles in Shopify, as the checkout's own orders do. */
export function orderOfCheckout({ house, shop, items: [kettle] }: Stage): void {
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", inventoryBehaviour: "DECREMENT_IGNORING_POLICY", lines: [{ variantId: kettle.variantId, quantity: UNITS }] });
  if ("refused" in placed) throw new Error("the order was refused");
}

// Goal: show the two races of a checkout that charges, in the way most are written, then show them gone: two buyers and the last unit, and the double click.
// Method: the simulator's two checkouts run against the simulated Shopify and a real provider of payments. A barrier keeps both buyers between
// their look and their charge, which is where the seconds that a charge takes put them; no luck and no sleeping is needed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { checkThenCharge } from "#simulator/checkout/check-then-charge.ts";
import { holdfastClient } from "#simulator/checkout/holdfast-client.ts";
import { openJournal, type Journal, type Outcome, type Purchase } from "#simulator/checkout/journal.ts";
import { paymentClient } from "#simulator/checkout/payment-client.ts";
import { startPaymentProvider, type PaymentProvider } from "#simulator/checkout/payment-provider.ts";
import { openShopFront, type ShopFront } from "#simulator/checkout/shop-front.ts";
import { shopifyClient, type ShopifyClient } from "#simulator/checkout/shopify-client.ts";
import { openReservationApi, type ReservationApi } from "./check-then-charge-api.ts";

const SEED = 20_261_122;

let api: ReservationApi;
beforeAll(async () => {
  api = await openReservationApi();
});
afterAll(() => api.close());

let provider: PaymentProvider;
beforeEach(async () => {
  provider = await startPaymentProvider({ mischief: { seed: SEED }, sleep: async () => undefined });
});
afterEach(async () => await provider.close());

/** Holds everyone who arrives until `count` have. */
function barrier(count: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  return () =>
    new Promise((pass) => {
      waiting.push(pass);
      if (waiting.length >= count) for (const release of waiting) release();
    });
}

const patience = { sleep: async () => undefined, signal: new AbortController().signal };

async function openStore() {
  const store = await api.openStore(1);
  const shopify = shopifyClient(store.access);
  const payments = paymentClient({ url: provider.origin });
  const purchase = (buyer: string, clientToken = `cart of ${buyer}`): Purchase => ({ clientToken, buyer, items: [{ variantId: store.variantId, quantity: 1 }], card: "good", pays: true, orderBy: "checkout" });
  return { store, shopify, payments, purchase };
}

/** Both have looked before either charges. */
function lookingTogether(shopify: ShopifyClient, count: number): ShopifyClient {
  const bothHaveLooked = barrier(count);
  return {
    ...shopify,
    async available(variantId) {
      const level = await shopify.available(variantId);
      await bothHaveLooked();
      return level;
    },
  };
}

describe("two buyers and the last unit", () => {
  it("are both charged and both sold it by a checkout that looks, then charges", async () => {
    const { store, shopify, payments, purchase } = await openStore();
    const parts = { payments, shopify: lookingTogether(shopify, 2), patience };
    const outcomes = await Promise.all(["ada", "ben"].map(async (buyer) => await checkThenCharge(parts, purchase(buyer))));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["sold", "sold"]);
    expect(provider.ledger().charges).toHaveLength(2);
    expect(store.quantities()).toMatchObject({ available: -1, committed: 2 });
  });

  it("are told apart before anybody is charged by one that holds first", async () => {
    const { store, front, purchase, close } = await openHoldingStore();
    const outcomes = await store.whileTurning(Promise.all(["ada", "ben"].map(async (buyer) => await buy(front, purchase(buyer)))));
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(["sold", "sold_out"]);
    expect(provider.ledger().charges).toHaveLength(1);
    await store.settle();
    expect(store.quantities()).toMatchObject({ available: 0, reserved: 0, committed: 1 });
    await close();
  });
});

describe("one buyer who clicks twice", () => {
  it("pays twice at a checkout that looks, then charges", async () => {
    const { shopify, payments, purchase } = await openStore();
    const parts = { payments, shopify: lookingTogether(shopify, 2), patience };
    await Promise.all([1, 2].map(async () => await checkThenCharge(parts, purchase("ada"))));
    expect(provider.ledger().charges.map(({ buyer }) => buyer)).toEqual(["ada", "ada"]);
  });

  it("pays once at one that holds first, also when the clicks meet two of its processes", async () => {
    const { store, front, purchase, close } = await openHoldingStore();
    const second = await openHoldingStore(store);
    const clicks = [front, front, second.front].map(async (at) => await buy(at, purchase("ada")));
    const outcomes = await store.whileTurning(Promise.all(clicks));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["sold", "sold", "sold"]);
    expect(new Set(outcomes.map((outcome) => outcome.kind === "sold" && outcome.orderId)).size).toBe(1);
    expect(provider.ledger().charges).toHaveLength(1);
    await store.settle();
    expect(store.quantities()).toMatchObject({ available: 0, reserved: 0, committed: 1 });
    await Promise.all([close(), second.close()]);
  });
});

async function openHoldingStore(of?: Awaited<ReturnType<typeof openStore>>["store"]) {
  const store = of ?? (await openStore()).store;
  const shopify = shopifyClient(store.access);
  await shopify.defineUniqueId();
  const payments = paymentClient({ url: provider.origin });
  const folder = mkdtempSync(join(tmpdir(), "holdfast-checkout-"));
  const journal: Journal = openJournal(join(folder, "journal"));
  const holdfast = holdfastClient({ url: api.origin, token: store.apiToken });
  const parts = { journal, holdfast, payments, shopify, ttlSeconds: 600, chargeNeedsMs: 1_000, nowMs: Date.now, patience: { ...patience, sleep: async () => await new Promise<void>((wake) => setImmediate(wake)) } };
  const front = await openShopFront({ parts, naive: { payments, shopify, patience }, orderBy: "checkout" });
  const purchase = (buyer: string) => ({ clientToken: `cart of ${buyer}`, buyer, items: [{ variantId: store.variantId, quantity: 1 }] });
  return {
    store,
    front,
    purchase,
    async close() {
      await front.close();
      journal.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function buy(front: ShopFront, purchase: object): Promise<Outcome> {
  const response = await fetch(`${front.origin}/checkout`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(purchase) });
  return (await response.json()) as Outcome;
}

// Goal: whatever happens to a shop's tokens, its changes wait or go on, count once, and one refresh is asked for however many want it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { compose, type Composition } from "#app/composition.server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { openStore } from "./store-under-test.ts";

const HOUR_MS = 3_600_000;

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const refreshes = (shop: HouseShop) => house.simulator.control.tokenRequests(shop.shop).refresh;

/** Two hours later, at Shopify and in what we know of our token. */
async function letTokensExpire(shop: HouseShop): Promise<void> {
  house.simulator.control.setClock({ advanceMs: 2 * HOUR_MS });
  await house.composed.database.execute(`UPDATE "Session" SET expires = now() - interval '1 hour' WHERE shop = $1`, shop.shop);
}

describe("a token", () => {
  it("that has expired is refreshed before the call", async () => {
    const store = await openStore(house);
    await letTokensExpire(store.shop);
    store.buy();
    await store.settle();
    expect(refreshes(store.shop)).toBe(1);
    expect(await store.attempts()).toEqual(["applied"]);
    await store.endsWell();
  });

  it("that has expired at Shopify while we think it good is refused, refreshed, and the call counts once", async () => {
    const store = await openStore(house);
    house.simulator.control.setClock({ advanceMs: 2 * HOUR_MS });
    store.buy();
    await store.settle();
    expect(refreshes(store.shop)).toBe(1);
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });

  it("that was revoked between two calls costs one refusal", async () => {
    const store = await openStore(house);
    store.fault({ kind: "token_revoked" });
    store.buy();
    await store.settle();
    expect(await store.attempts()).toEqual(["refused", "applied"]);
    await store.endsWell();
  });

  it("that was revoked after a call took effect and its answer was lost: the call is found applied with the next token", async () => {
    const store = await openStore(house);
    store.fault({ kind: "after_commit" });
    store.buy();
    await store.oneTurn();
    store.fault({ boundary: "graphql", kind: "token_revoked" });
    await store.settle();
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });

  it("whose refresh token is dead too makes the changes wait until somebody opens the app", async () => {
    const store = await openStore(house);
    await letTokensExpire(store.shop);
    house.simulator.control.addFault({ boundary: "token", kind: "user_error", code: "invalid_grant", shop: store.shop.shop });
    store.buy();
    await store.oneTurn();
    await store.oneTurn();
    expect(store.moved()).toBe(0);
    await house.visit(store.shop.shop);
    await store.settle();
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });

  it("that cannot be had now, because the token endpoint fails, makes the changes wait, and nothing is parked", async () => {
    const store = await openStore(house);
    await letTokensExpire(store.shop);
    house.simulator.control.addFault({ boundary: "token", kind: "http_5xx", times: 4, shop: store.shop.shop });
    store.buy();
    await store.settle();
    expect(store.moved()).toBe(-1);
    await store.endsWell();
  });
});

describe("ten processes that find the token expired at once", () => {
  it("make one refresh request", async () => {
    const store = await openStore(house);
    const others: Composition[] = Array.from({ length: 10 }, () => compose(house.environment, "worker", { redisPrefix: house.redisPrefix }));
    try {
      await Promise.all(others.map((other) => other.redis.connected()));
      await letTokensExpire(store.shop);
      const outcomes = await Promise.all(others.map((other) => other.shopify.accessTokens.offlineToken(store.shop.shop)));
      expect(outcomes.every(({ kind }) => kind === "token")).toBe(true);
      expect(new Set(outcomes.map((outcome) => outcome.kind === "token" && outcome.accessToken)).size).toBe(1);
      expect(refreshes(store.shop)).toBe(1);
    } finally {
      await Promise.all(others.map((other) => other.close()));
    }
    store.buy();
    await store.settle();
    await store.endsWell();
  });
});

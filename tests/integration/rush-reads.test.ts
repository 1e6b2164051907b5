// What a rush on one item asks PostgreSQL beside its grants: each fact once for all, and never believed longer than a second.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { systemClock } from "#app/adapters/system/system-clock.ts";
import { BELIEVED_MS } from "#app/reservations/remember-briefly.ts";
import { openReservationsFixture, type ReservationsFixture } from "./reservations-api-fixture.ts";

const BUYERS = 100;

const calls = new Map<string, number>();
let laterMs = 0;
let fixture: ReservationsFixture;

/** Counts the calls of each method of each port. */
function counting<Port extends object>(name: string, port: Port): Port {
  return new Proxy(port, {
    get(target, method, receiver) {
      const value: unknown = Reflect.get(target, method, receiver);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        const key = `${name}.${String(method)}`;
        calls.set(key, (calls.get(key) ?? 0) + 1);
        return Reflect.apply(value, target, args);
      };
    },
  });
}

beforeAll(async () => {
  fixture = await openReservationsFixture({ decorate: counting, clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + laterMs } });
});
afterAll(() => fixture.close());

describe("a rush", () => {
  it("reads its token, its install, the settings, the variant and the locations once, however many buyers ask", async () => {
    const shop = await fixture.openShop();
    const { variantId } = await fixture.stock(shop, { levels: [BUYERS] });
    await fixture.reserve(shop, { idempotencyKey: "first", lines: [{ variantId, quantity: 1 }] });
    laterMs += BELIEVED_MS;
    calls.clear();
    const answers = await Promise.all(Array.from({ length: BUYERS - 1 }, (_, nth) => fixture.reserve(shop, { idempotencyKey: `buyer-${nth}`, lines: [{ variantId, quantity: 1 }] })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const asked = ["apiTokens.authenticate", "installs.active", "settings.current", "stockView.variants", "stockView.locations", "stockView.statesOfItems"];
    // A second may pass on a slow machine, and then each is asked once more: far from once a buyer.
    for (const name of asked) expect({ name, often: (calls.get(name) ?? 0) > 5 }).toEqual({ name, often: false });
    expect(calls.get("stockView.statesOfItems")).toBeUndefined();
  });

  it("ends for a token that was revoked elsewhere within a second, and at once where it was revoked", async () => {
    const shop = await fixture.openShop();
    const { variantId } = await fixture.stock(shop, { levels: [9] });
    const ask = (idempotencyKey: string) => fixture.reserve(shop, { idempotencyKey, lines: [{ variantId, quantity: 1 }] });
    expect((await ask("one")).status).toBe(201);
    const { database, apiTokenStore } = fixture.house.composed;
    await database.execute(`UPDATE api_tokens SET revoked_at = now() WHERE install_id = $1`, shop.installId);
    laterMs += BELIEVED_MS;
    expect((await ask("two")).status).toBe(401);

    const created = await apiTokenStore.create({ installId: shop.installId, label: "second", actor: "test" });
    if (created.kind !== "created") throw new Error("no token");
    const second = { ...shop, token: created.token };
    expect((await fixture.reserve(second, { idempotencyKey: "three", lines: [{ variantId, quantity: 1 }] })).status).toBe(201);
    await apiTokenStore.revoke({ installId: shop.installId, id: created.id, actor: "test" });
    expect((await fixture.reserve(second, { idempotencyKey: "four", lines: [{ variantId, quantity: 1 }] })).status).toBe(401);
  });

  it("is told of one shop what is true there, and of another what is true in that one", async () => {
    const [one, other] = [await fixture.openShop(), await fixture.openShop({ reservations: { ttlSecondsMax: 60, ttlSecondsDefault: 60 } })];
    const bodies = await Promise.all(
      [one, other].map(async (shop) => {
        const { variantId } = await fixture.stock(shop, { levels: [9] });
        return fixture.reserve(shop, { idempotencyKey: "same", ttlSeconds: 600, lines: [{ variantId, quantity: 1 }] });
      }),
    );
    expect(bodies.map(({ status }) => status)).toEqual([201, 422]);
  });
});

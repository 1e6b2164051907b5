// Holds as the operator's command and pushes as GET /api/v1/pushes show them: listed, shown, released, decided, tried first.
import { randomUUID } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { pushesEndpoint } from "#app/api/pushes-endpoint.server.ts";
import type { Command, CommandOptions } from "../../cli/command.ts";
import { NO_OPTIONS } from "../../cli/command.ts";
import { reservationsDecide, reservationsList, reservationsRelease, reservationsReleaseAll, reservationsShow } from "../../cli/reservations.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";

let house: House;
let shop: HouseShop;
let kettle: { readonly inventoryItemId: string; readonly variantId: string };

beforeAll(async () => {
  house = await openHouse();
  shop = await house.openShop();
  await house.protect(shop);
  const [variant] = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "KETTLE", levels: [{ locationId: shop.locationIds[0] ?? "", available: 50 }] }] }).variants;
  if (!variant) throw new Error("the product has a variant");
  kettle = variant;
});
afterAll(() => house.close());

async function run(command: Command, options: Partial<CommandOptions> = {}) {
  const { ok, value, text } = await command.run({ composed: house.composed, options: { ...NO_OPTIONS, shop: shop.shop, ...options } });
  return { ok, text, value: JSON.parse(JSON.stringify(value)) as { id: string; state: string; items: { id: string; state: string }[]; nextCursor: string | null; outcomes: { id: string; outcome: string }[] } };
}

const decimal = (gid: string) => gid.split("/").at(-1) ?? "";

/** Promised from what was observed: no turn is needed for it. */
async function hold(quantity: number): Promise<string> {
  const place = { inventoryItemId: decimal(kettle.inventoryItemId), locationId: decimal(shop.locationIds[0] ?? "") };
  const { database, reservations } = house.composed;
  await database.execute(
    `INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source) VALUES ($1, $2, $3, 50, now(), 'read') ON CONFLICT DO NOTHING`,
    shop.installId, place.inventoryItemId, place.locationId,
  );
  const { outcomes } = await reservations.book.reserve([
    {
      installId: shop.installId, shop: shop.shop, idempotencyKey: randomUUID(), bodyHash: "h", tokenId: null, reference: "cart", ttlSeconds: 600, traceId: "t", promiseFrom: "local",
      unitsPerReferenceMax: null, unitsPerTokenMax: null, lines: [{ ...place, variantId: null, sku: "KETTLE", quantity, counts: true }],
    },
  ]);
  const [outcome] = outcomes;
  if (outcome?.kind !== "granted") throw new Error(`not granted: ${JSON.stringify(outcome, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value))}`);
  return outcome.reservation.id;
}

async function waitsForPerson(quantity: number): Promise<string> {
  const id = await hold(quantity);
  const { database, reservations } = house.composed;
  await reservations.book.commit({ installId: shop.installId, reservationId: id, commitHash: "c", orderId: null, paymentReference: "pay", createOrder: null, promiseFrom: "local", by: "test" });
  await database.execute(`UPDATE reservations SET settlement = 'person', settle_at = NULL WHERE id = $1::uuid`, id);
  return id;
}

describe("the operator", () => {
  it("lists holds page by page and by what they wait for, and sees one with its lines", async () => {
    const ids = [await hold(1), await hold(2), await waitsForPerson(3)];
    const first = await run(reservationsList, { limit: "2" });
    const second = await run(reservationsList, { limit: "2", cursor: first.value.nextCursor ?? "" });
    expect([...first.value.items, ...second.value.items].map(({ id }) => id)).toEqual(ids.toReversed());
    expect((await run(reservationsList, { why: "person" })).value.items.map(({ id }) => id)).toEqual([ids[2]]);
    expect((await run(reservationsList, { state: "active" })).value.items).toHaveLength(2);
    expect((await run(reservationsList, { item: kettle.inventoryItemId })).value.items).toHaveLength(3);
    expect((await run(reservationsList, { order: "1" })).text).toBe("no holds");
    await expect(run(reservationsList, { order: "first" })).rejects.toThrow(/--order is an id/);
    await expect(run(reservationsList, { cursor: "x" })).rejects.toThrow(/--cursor/);
    const shown = await run(reservationsShow, { ids: [ids[1] ?? ""], id: ids[1] });
    expect(shown.text).toMatch(/On hold[\s\S]*2 × KETTLE[\s\S]*reference cart/);
    expect(shown.value).toMatchObject({ id: ids[1], state: "active" });
    await expect(run(reservationsShow, { ids: [randomUUID()] })).rejects.toThrow(/has no hold/);
  });

  it("tries a release first, then releases, and what is paid for stays", async () => {
    const [active, paid] = [await hold(1), await waitsForPerson(1)];
    const tried = await run(reservationsRelease, { ids: [active, paid], dryRun: true });
    expect(tried.value.outcomes.map(({ outcome }) => outcome)).toEqual(["ended", "committed"]);
    expect((await run(reservationsShow, { ids: [active] })).value.state).toBe("active");
    const done = await run(reservationsRelease, { ids: [active, paid] });
    expect(done.ok).toBe(false);
    expect(done.text).toContain("not done: it is paid for");
    expect((await run(reservationsRelease, { ids: [active] })).value.outcomes).toEqual([{ id: active, outcome: "already" }]);
  });

  it("decides with a reason, once, and only where a decision is wanted", async () => {
    const [waiting, active] = [await waitsForPerson(2), await hold(1)];
    await expect(run(reservationsDecide, { ids: [waiting] })).rejects.toThrow(/--sold or --back/);
    await expect(run(reservationsDecide, { ids: [waiting], back: true })).rejects.toThrow(/--reason/);
    const tried = await run(reservationsDecide, { ids: [waiting, active], back: true, dryRun: true });
    expect(tried.value.outcomes.map(({ outcome }) => outcome)).toEqual(["done", "not_waiting"]);
    expect((await run(reservationsDecide, { ids: [waiting], back: true, reason: "given back" })).ok).toBe(true);
    expect((await run(reservationsDecide, { ids: [waiting], back: true, reason: "given back" })).value.outcomes).toEqual([{ id: waiting, outcome: "not_waiting" }]);
  });

  it("says what releasing all would do, and does it", async () => {
    await hold(4);
    const tried = await run(reservationsReleaseAll, { dryRun: true });
    expect(tried.text).toMatch(/units on hold lose them/);
    expect((await run(reservationsList, { state: "active" })).value.items.length).toBeGreaterThan(0);
    expect((await run(reservationsReleaseAll)).text).toMatch(/released; what Shopify keeps aside goes back/);
    expect((await run(reservationsList, { state: "active" })).text).toBe("no holds");
  });
});

describe("GET /api/v1/pushes", () => {
  it("lists the shop's own pushes by state and refuses what it does not know", async () => {
    const made = await house.composed.apiTokenStore.create({ installId: shop.installId, label: "test", actor: "staff:1" });
    const headers = { Authorization: `Bearer ${made.kind === "created" ? made.token : ""}` };
    const call = async (query: string) => {
      const response = await pushesEndpoint({ request: new Request(`http://app.test/api/v1/pushes${query}`, { headers }), params: {} }, () => ({ ...house.composed, rateLimiter: { take: () => ({ kind: "allowed" }) } }));
      return { status: response.status, body: (await response.json()) as { items?: { sequence: string; state: string; inventoryItemId: string }[]; nextCursor?: string | null; error?: { code: string } } };
    };
    const other = await house.openShop();
    await house.composed.database.execute(
      `INSERT INTO external_pushes (install_id, shop, change_id, inventory_item_id, sequence, content, state, reason)
       SELECT i.id, i.shop, i.id * 1000 + n, '51', n, '{"sku": "KETTLE", "delta": -1}'::jsonb, CASE n WHEN 1 THEN 'parked' ELSE 'pending' END, CASE n WHEN 1 THEN 'answered 422' END
       FROM installs i, generate_series(1, 3) n WHERE i.id IN ($1, $2)`,
      shop.installId, other.installId,
    );
    const first = await call("?limit=2");
    expect(first.body.items?.map(({ sequence }) => sequence)).toEqual(["3", "2"]);
    expect((await call(`?limit=2&cursor=${first.body.nextCursor}`)).body.items?.map(({ sequence }) => sequence)).toEqual(["1"]);
    expect((await call("?state=parked")).body.items).toMatchObject([{ state: "parked", inventoryItemId: "gid://shopify/InventoryItem/51" }]);
    expect((await call("?state=lost")).body.error?.code).toBe("invalid_parameter");
    expect((await call("?order=1")).status).toBe(400);
  });
});

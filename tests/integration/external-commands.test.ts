// The external stock system and the shadow verdict as the operator's command and the API show them.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { settingsEndpoint } from "#app/api/settings-endpoint.server.ts";
import { shadowVerdictEndpoint } from "#app/api/shadow-verdict-endpoint.server.ts";
import type { Endpoint } from "#app/api/endpoint.server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import type { Command, CommandOptions } from "../../cli/command.ts";
import { NO_OPTIONS } from "../../cli/command.ts";
import { externalList, externalQueue, externalRetry, externalSecret, externalSkip } from "../../cli/external.ts";
import { shadow } from "../../cli/shadow.ts";
import { openStockSystem, pushEverything } from "./external-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function run(command: Command, shop: HouseShop, options: Partial<CommandOptions> = {}) {
  const { ok, value, text } = await command.run({ composed: house.composed, options: { ...NO_OPTIONS, shop: shop.shop, ...options } });
  return { ok, text, value: JSON.parse(JSON.stringify(value)) as Record<string, unknown> & { items: { id: string; state: string; reason: string }[] } };
}

async function call(endpoint: Endpoint, shop: HouseShop, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const made = await house.composed.apiTokenStore.create({ installId: shop.installId, label: "test", actor: "staff:1" });
  const headers = { Authorization: `Bearer ${made.kind === "created" ? made.token : ""}` };
  const request = new Request("http://app.test/api/v1/x", body === undefined ? { headers } : { headers, method: "PUT", body: JSON.stringify(body) });
  const response = await endpoint({ request, params: {} }, () => ({ ...house.composed, rateLimiter: { take: () => ({ kind: "allowed" }) } }));
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function shopWithKettle() {
  const shop = await house.openShop();
  const product = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "KETTLE", levels: [{ locationId: shop.locationIds[0] ?? "", available: 1 }] }] });
  const [kettle] = product.variants;
  if (!kettle) throw new Error("the product has a variant");
  return { shop, kettle };
}

describe("the operator", () => {
  it("connects a stock system, queues what came before, sees what stopped and why, skips one with a reason and retries", async () => {
    const system = await openStockSystem();
    const { shop, kettle } = await shopWithKettle();
    await house.protect(shop);
    for (let count = 0; count < 3; count += 1) {
      house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: kettle.variantId, quantity: 1 }] });
      await house.settle(shop.shop);
    }
    await expect(run(externalQueue, shop, { fromStart: true })).rejects.toThrow(/switch the connection on first/);
    await house.settings(shop, (settings) => ({ ...settings, external: { enabled: true, url: system.url } }));
    expect((await run(externalList, shop)).text).toMatch(/no secret: nothing is sent/);
    expect((await run(externalSecret, shop, { dryRun: true })).value).not.toHaveProperty("secret");
    system.secret = String((await run(externalSecret, shop)).value.secret);
    expect(system.secret).toMatch(/^hfx_/);
    await expect(run(externalQueue, shop)).rejects.toThrow(/--from-start/);
    expect((await run(externalQueue, shop, { fromStart: true, dryRun: true })).value.queued).toBe(3);
    expect((await run(externalQueue, shop, { fromStart: true })).value.queued).toBe(3);
    expect((await run(externalQueue, shop, { fromStart: true })).value.queued).toBe(0);

    system.fault = (push) => (push.sequence <= 2 ? { when: "before", status: 422 } : null);
    await pushEverything(house, shop);
    const stopped = await run(externalList, shop, { state: "parked" });
    expect(stopped.value).toMatchObject({ enabled: true, blockedItems: 1, openItems: 1, items: [{ state: "parked", reason: "http_422", sequence: "1" }] });
    expect(stopped.text).not.toContain(system.secret);
    const ids = stopped.value.items.map(({ id }) => id);
    await expect(run(externalSkip, shop, { ids })).rejects.toThrow(/--reason/);
    expect((await run(externalSkip, shop, { ids, reason: "entered by hand", dryRun: true })).value.doneIds).toEqual(ids);
    expect((await run(externalSkip, shop, { ids, reason: "entered by hand" })).value.doneIds).toEqual(ids);
    await pushEverything(house, shop);
    system.fault = () => null;
    expect((await run(externalRetry, shop, { all: true })).ok).toBe(true);
    await pushEverything(house, shop);
    expect(system.taken.map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect((await run(externalRetry, shop, { ids })).value.refused).toMatchObject([{ code: "not_parked", ids }]);
    await system.close();
  });

  it("reaches no other shop's pushes", async () => {
    const { shop } = await shopWithKettle();
    expect((await run(externalList, shop)).value.items).toEqual([]);
    const [foreign] = await house.composed.database.query<{ id: bigint }>(`SELECT id FROM external_pushes WHERE install_id <> $1 LIMIT 1`, shop.installId);
    expect((await run(externalRetry, shop, { ids: [String(foreign?.id)] })).value.refused).toMatchObject([{ code: "not_found" }]);
  });
});

describe("the settings", () => {
  it("carry the address, refuse one that is no https or holds a password, keep it when a writer leaves it out, and never show the secret", async () => {
    const { shop } = await shopWithKettle();
    const current = (await call(settingsEndpoint, shop)).body;
    for (const url of ["http://stock.example/x", "https://user:pass@stock.example/x", "ftp://stock.example", ""]) {
      const refused = await call(settingsEndpoint, shop, { ...current, external: { enabled: true, url } });
      expect([url, refused.status]).toEqual([url, 422]);
    }
    const saved = await call(settingsEndpoint, shop, { ...current, external: { enabled: true, url: "https://stock.example/x" } });
    expect(saved).toMatchObject({ status: 200, body: { external: { enabled: true, url: "https://stock.example/x" } } });
    const secret = await house.composed.external.desk.renewSecret({ installId: shop.installId, shop: shop.shop, actor: "test" });
    const { external, ...without } = saved.body;
    const again = await call(settingsEndpoint, shop, { ...without });
    expect(again.body.external).toEqual(external);
    expect(JSON.stringify(again.body)).not.toContain(secret);
  });
});

describe("the shadow verdict", () => {
  it("counts what was only watched, and the oversell that writing it would have prevented, with what is assumed beside it", async () => {
    const { shop, kettle } = await shopWithKettle();
    await house.settings(shop, (settings) => ({ ...settings, deduct: { ...settings.deduct, sources: [{ sourceName: "my-channel", confirmedBypass: true }] } }));
    const { control } = house.simulator;
    const outside = control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: kettle.variantId, quantity: 1 }] });
    if ("refused" in outside) throw new Error("the order was refused");
    await house.settle(shop.shop);
    const [item, location] = [kettle.inventoryItemId.split("/").at(-1) ?? "", (shop.locationIds[0] ?? "").split("/").at(-1) ?? ""];
    const outsideId = outside.orderId.split("/").at(-1) ?? "";
    const { database } = house.composed;
    // What detection keeps of the two orders: the outside one, and one of the online store five minutes later.
    await database.execute(
      `INSERT INTO order_items (install_id, order_id, line_id, inventory_item_id, units, units_open, committed_at, heard_at, paid, source_key)
       SELECT $1, o.id, '1', $2, 1, 1, o.at, o.at, true, o.source FROM (VALUES ($3, now() - interval '5 minutes', 'name:my-channel'), ('999', now(), 'name:web')) AS o(id, at, source)
       ON CONFLICT (install_id, order_id, line_id, inventory_item_id) DO NOTHING`,
      shop.installId,
      item,
      outsideId,
    );
    await database.execute(
      `INSERT INTO oversells (install_id, shop, inventory_item_id, location_id, kind, depth, short, pending, orders, policy, cause, confidence, seen_by)
       VALUES ($1, $2, $3, $4, 'oversold', 1, 1, -1, $5::jsonb, 'latest_first', 'two_sales', 'certain', 'notification')`,
      shop.installId,
      shop.shop,
      item,
      location,
      JSON.stringify([{ orderId: outsideId, name: "#1001" }, { orderId: "999", name: "#1002" }]),
    );
    const { status, body } = await call(shadowVerdictEndpoint, shop);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      protectedSince: null,
      watched: { changes: 1, orders: 1, items: 1, unitsTaken: 1, unitsReturned: 0, cut: false, sources: [{ sourceKey: "name:my-channel", units: 1 }], topItems: [{ inventoryItemId: kettle.inventoryItemId, unitsTaken: 1 }] },
      oversells: { judged: 1, units: 1, unitsPrevented: 1, prevented: 1, items: [{ verdict: "prevented", refusedOrders: [{ orderId: "gid://shopify/Order/999", name: "#1002" }] }] },
      assumed: expect.arrayContaining([expect.stringContaining("10 seconds")]) as unknown,
    });
    expect((await run(shadow, shop)).text).toContain("1 unit would have been prevented");
    const empty = await house.openShop();
    expect((await call(shadowVerdictEndpoint, empty)).body).toMatchObject({ watched: { changes: 0 }, oversells: { judged: 0 } });
  });
});

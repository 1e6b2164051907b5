// Goal: what the app may do in a shop is what Shopify said last, in whatever order its notices arrive.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { registerInstall } from "#app/adapters/shopify/register-install.server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function sayScopes(shop: HouseShop, current: readonly string[], atMs: number): Promise<void> {
  const sent = await house.simulator.control.sendWebhook({
    shop: shop.shop,
    topic: "app/scopes_update",
    payload: { id: "gid://shopify/AppInstallation/1", previous: [], current, updated_at: new Date(atMs).toISOString() },
    headers: { "X-Shopify-Triggered-At": new Date(atMs).toISOString() },
  });
  expect(sent.status).toBe(200);
}

async function knownScopes(shop: HouseShop): Promise<{ install: string; session: string | null }> {
  const [row] = await house.composed.database.query<{ install: string; session: string | null }>(
    `SELECT installs.scopes AS install, "Session".scope AS session FROM installs JOIN "Session" ON "Session".shop = installs.shop WHERE installs.id = $1`,
    shop.installId,
  );
  if (!row) throw new Error("the install or its session is gone");
  return row;
}

describe("a notice of scopes", () => {
  it.each([
    ["in one batch", false],
    ["in a later turn", true],
  ])("that comes after a newer one changes nothing: %s", async (_name, separately) => {
    const shop = await house.openShop();
    const atMs = Date.now() + 1_000;
    await sayScopes(shop, ["read_orders", "write_inventory"], atMs + 2);
    if (separately) await house.turn(shop.shop);
    await sayScopes(shop, ["read_orders"], atMs + 1);
    await house.turn(shop.shop);
    expect(await knownScopes(shop)).toEqual({ install: "read_orders,write_inventory", session: "read_orders,write_inventory" });
    await sayScopes(shop, ["read_orders", "read_products"], atMs + 3);
    await house.turn(shop.shop);
    expect(await knownScopes(shop)).toEqual({ install: "read_orders,read_products", session: "read_orders,read_products" });
  });

  it("from before the merchant's last visit changes nothing: the visit read what holds", async () => {
    const shop = await house.openShop();
    const saidBefore = Date.now();
    await house.composed.database.execute(`UPDATE installs SET scopes_at = now() - interval '1 day' WHERE id = $1`, shop.installId);
    const visit = await registerInstall({ adminApi: house.composed.shopify.adminApi, installStore: house.composed.installStore }, { shop: shop.shop });
    expect(visit).toMatchObject({ kind: "registered", install: { installId: shop.installId, isNew: false } });
    const visited = await knownScopes(shop);
    await sayScopes(shop, ["read_orders"], saidBefore - 60_000);
    await house.turn(shop.shop);
    expect(await knownScopes(shop)).toEqual(visited);
  });
});

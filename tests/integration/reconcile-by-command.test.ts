// Goal: an operator compares a shop or an item, reads what was found and decides on it by command; programs read the same over the API.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { driftEndpoint } from "#app/api/drift-endpoint.server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { scanPorts } from "#tests/setup/scan-by-hand.ts";
import type { Command, CommandOptions } from "../../cli/command.ts";
import { NO_OPTIONS } from "../../cli/command.ts";
import { conflictsRepair, driftCorrect, driftDismiss, driftList } from "../../cli/corrections.ts";
import { reconcile } from "../../cli/reconcile.ts";
import { openDashboardFixture } from "./dashboard-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
  house.simulator.control.setBulk({ startAfterMs: 0, cancelAfterMs: 0 });
});
afterAll(() => house.close());

const run = (command: Command, options: Partial<CommandOptions>) => command.run({ composed: { ...house.composed, reconcile: { ...house.composed.reconcile, limits: scanPorts(house).limits } }, options: { ...NO_OPTIONS, ...options } });

/** One kettle of ten of which nobody told that three are gone. */
async function shopWithMismatch(): Promise<{ shop: HouseShop; item: string }> {
  const shop = await house.openShop();
  const { control } = house.simulator;
  const locationId = shop.locationIds[0] ?? "";
  const { variants } = control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "K", levels: [{ locationId, available: 10 }] }] });
  await house.protect(shop);
  await house.settle(shop.shop);
  const item = variants[0]?.inventoryItemId ?? "";
  control.planWebhooks({ loss: { rate: 1 } });
  control.adjustLevel(shop.shop, { inventoryItemId: item, locationId, delta: -3, writer: "till" });
  await house.delivered();
  control.planWebhooks({ loss: { rate: 0 } });
  return { shop, item };
}

describe("holdfast reconcile", () => {
  it("compares one item, with --dry-run without writing, and the mismatch is listed once", async () => {
    const { shop, item } = await shopWithMismatch();
    const dry = await run(reconcile, { shop: shop.shop, item, dryRun: true });
    expect(dry).toMatchObject({ ok: true, value: { dryRun: true, differences: [{ shopify: 7, known: 10 }] } });
    expect(dry.text).toContain("nothing was written");
    expect(await run(driftList, { shop: shop.shop })).toMatchObject({ text: "none" });
    await run(reconcile, { shop: shop.shop, item });
    expect(await run(driftList, { shop: shop.shop })).toMatchObject({ value: { items: [{ shopify: 7, known: 10, difference: -3, proposal: null }] } });
  });

  it("compares a whole shop and says what it found; of everything there is no dry run", async () => {
    const { shop } = await shopWithMismatch();
    await expect(run(reconcile, { shop: shop.shop, dryRun: true })).rejects.toThrow("--dry-run goes with --item");
    expect(await run(reconcile, { shop: shop.shop })).toMatchObject({ ok: true, value: { state: "done", levels: 1, drifts: 1 } });
  });
});

describe("holdfast drift and conflicts", () => {
  it("sends nothing where nothing is owed, wants a reason, and leaves a mismatch as it is once", async () => {
    const { shop, item } = await shopWithMismatch();
    await run(reconcile, { shop: shop.shop, item });
    const [row] = await house.composed.database.query<{ id: bigint }>(`SELECT id FROM drifts WHERE install_id = $1`, shop.installId);
    const decide = { shop: shop.shop, id: String(row?.id), ids: [String(row?.id)], reason: "counted" };
    expect(await run(driftCorrect, decide)).toMatchObject({ ok: false, value: { refused: "no_proposal" } });
    expect(await run(conflictsRepair, { ...decide, id: "999999", ids: ["999999"] })).toMatchObject({ ok: false, value: { refused: "not_found" } });
    await expect(run(driftDismiss, { ...decide, reason: undefined })).rejects.toThrow("--reason");
    expect(await run(driftDismiss, decide)).toMatchObject({ ok: true, text: "left as it is" });
    expect(await run(driftDismiss, decide)).toMatchObject({ ok: false, value: { refused: "not_open" } });
    expect(await run(driftList, { shop: shop.shop, state: "dismissed" })).toMatchObject({ value: { items: [{ ended: { by: "operator", note: "counted" } }] } });
  });
});

describe("GET /api/v1/drift", () => {
  it("shows a shop its own mismatches by state, a null where Shopify has no number, and refuses an unknown state", async () => {
    const fixture = await openDashboardFixture();
    try {
      const [install, other] = [await fixture.install("one.myshopify.com"), await fixture.install("two.myshopify.com")];
      const created = await fixture.dependencies.apiTokenStore.create({ installId: install.installId, label: "test", actor: "staff:1" });
      const token = created.kind === "created" ? created.token : "";
      for (const { installId, shop } of [install, other]) {
        await fixture.database.execute(`INSERT INTO drifts (install_id, shop, inventory_item_id, location_id, shopify, known, difference, explanation) VALUES ($1, $2, '10', '20', NULL, 7, -7, 'not_stocked')`, installId, shop);
      }
      const get = async (query: string) => {
        const response = await driftEndpoint({ request: new Request(`http://app.test/api/v1/drift${query}`, { headers: { Authorization: `Bearer ${token}` } }), params: {} }, () => fixture.dependencies);
        return { status: response.status, body: (await response.json()) as { items?: unknown[] } };
      };
      const open = await get("");
      expect(open.body.items).toMatchObject([{ inventoryItemId: "gid://shopify/InventoryItem/10", shopify: null, known: 7, difference: -7, explanation: { kind: "not_stocked" }, proposal: null, ended: null }]);
      expect((await get("?state=dismissed")).body.items).toEqual([]);
      expect((await get("?state=odd")).status).toBe(400);
    } finally {
      await fixture.close();
    }
  });
});

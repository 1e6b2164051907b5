// Goal: what Shopify asks to be deleted is deleted, whatever was lost before, whoever else asks, and however much there is; a present life stays.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createCompliance } from "#app/adapters/prisma/compliance.server.ts";
import type { LookForApp } from "#app/ports/compliance.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";

const REQUESTS_MAX = 10;

let house: House;
let lookForApp: LookForApp;
beforeAll(async () => {
  house = await openHouse();
  lookForApp = house.composed.shopify.lookForApp;
});
beforeEach(async () => {
  house.simulator.control.clearFaults();
  await house.composed.database.execute(`DELETE FROM compliance_requests`);
});
afterAll(() => house.close());

async function loseUninstall(shop: HouseShop): Promise<void> {
  house.simulator.control.planWebhooks({ seed: 1, loss: { rate: 1 } });
  house.simulator.control.uninstall(shop.shop);
  await house.delivered();
  house.simulator.control.planWebhooks({ seed: 1 });
  expect(await house.composed.installStore.active(shop.shop)).not.toBeNull();
}

async function uninstall(shop: HouseShop): Promise<void> {
  house.simulator.control.uninstall(shop.shop);
  await house.settle(shop.shop);
}

async function askForRedaction(shop: HouseShop): Promise<void> {
  house.simulator.control.sendCompliance(shop.shop, { topic: "shop/redact" });
  await house.delivered();
}

const { complete, rowsOf, outcomeOf } = {
  complete: (look: LookForApp = lookForApp) => house.composed.compliance.completeOpen(REQUESTS_MAX, look),
  async rowsOf(installId: bigint): Promise<string[]> {
    const { database } = house.composed;
    const tables = await database.query<{ name: string }>(`SELECT table_name::text AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'install_id'`);
    const found: string[] = [];
    for (const { name } of tables) {
      if ((await database.query(`SELECT 1 FROM ${name} WHERE install_id = $1`, installId)).length > 0) found.push(name);
    }
    if ((await database.query(`SELECT 1 FROM installs WHERE id = $1`, installId)).length > 0) found.push("installs");
    return found;
  },
  async outcomeOf(shop: HouseShop): Promise<string | null> {
    const [row] = await house.composed.database.query<{ outcome: string | null }>(`SELECT outcome FROM compliance_requests WHERE shop = $1`, shop.shop);
    if (!row) throw new Error("the request is not on record");
    return row.outcome;
  },
};

describe("a redaction whose uninstall notice was lost", () => {
  it("ends the install that Shopify no longer knows, and deletes its rows and sessions", async () => {
    const shop = await house.openShop();
    await loseUninstall(shop);
    await askForRedaction(shop);
    expect((await complete()).postponed).toMatchObject([{ reason: "just_ended" }]);
    expect(await house.composed.installStore.active(shop.shop)).toBeNull();
    expect((await complete()).completedCount).toBe(1);
    expect(await rowsOf(shop.installId)).toEqual([]);
    expect(await house.composed.database.query(`SELECT 1 FROM "Session" WHERE shop = $1`, shop.shop)).toEqual([]);
    expect(await outcomeOf(shop)).toBe("deleted");
  });

  it("waits while Shopify does not say whether the app is gone, and lets the next request pass", async () => {
    const [silent, next] = [await house.openShop(), await house.openShop()];
    await loseUninstall(silent);
    await uninstall(next);
    await askForRedaction(silent);
    await askForRedaction(next);
    const round = await complete(async (shop) => (shop === silent.shop ? { kind: "unknown", cause: "no answer" } : lookForApp(shop)));
    expect(round).toMatchObject({ completedCount: 1, postponed: [{ reason: "presence_unknown: no answer" }] });
    expect(await outcomeOf(silent)).toBeNull();
    expect(await rowsOf(silent.installId)).toContain("installs");
    expect(await rowsOf(next.installId)).toEqual([]);
    await complete();
    await complete();
    expect(await outcomeOf(silent)).toBe("deleted");
  });

  it("keeps the present life of a shop that installed the app again, and deletes the lives before", async () => {
    const shop = await house.openShop();
    await loseUninstall(shop);
    const present = await house.install(shop.shop);
    await askForRedaction(shop);
    expect((await complete()).completedCount).toBe(1);
    expect(await rowsOf(shop.installId)).toEqual([]);
    expect((await house.composed.installStore.active(shop.shop))?.installId).toBe(present);
    expect(await lookForApp(shop.shop)).toMatchObject({ kind: "installed" });
    expect(await outcomeOf(shop)).toBe("present_life_kept");
  });

  it("waits for a new life that is not on record yet, so that the old one is not taken for it", async () => {
    const shop = await house.openShop();
    await askForRedaction(shop);
    const round = await complete(async () => ({ kind: "installed", appInstallationGid: "gid://shopify/AppInstallation/999" }));
    expect(round).toMatchObject({ completedCount: 0, postponed: [{ reason: "newer_life" }] });
  });
});

describe("whether the app is in a shop", () => {
  it("is what Shopify answers to its token: installed, and gone after the uninstall", async () => {
    const shop = await house.openShop();
    const install = await house.composed.database.query(`SELECT app_installation_gid AS "appInstallationGid" FROM installs WHERE id = $1`, shop.installId);
    expect(await lookForApp(shop.shop)).toEqual({ kind: "installed", ...(install[0] as object) });
    house.simulator.control.uninstall(shop.shop);
    expect(await lookForApp(shop.shop)).toEqual({ kind: "gone" });
    expect(await lookForApp("never.myshopify.com")).toEqual({ kind: "gone" });
  });

  it("is asked again with a fresh token when Shopify refuses the present one", async () => {
    const shop = await house.openShop();
    house.simulator.control.addFault({ boundary: "graphql", kind: "token_revoked", times: 1, shop: shop.shop });
    expect(await lookForApp(shop.shop)).toMatchObject({ kind: "installed" });
  });

  it("is gone when Shopify refused the token and no other can be had", async () => {
    const shop = await house.openShop();
    house.simulator.control.addFault({ boundary: "graphql", kind: "token_revoked", times: 1, shop: shop.shop });
    house.simulator.control.addFault({ boundary: "token", kind: "http_5xx", times: 5, shop: shop.shop });
    expect(await lookForApp(shop.shop)).toEqual({ kind: "gone" });
  });

  it.each([
    { kind: "http_5xx", code: 503 },
    { kind: "http_429" },
    { kind: "throttled" },
    { kind: "cut" },
    { kind: "html", code: 401 },
    { kind: "html", code: 403 },
    { kind: "html", code: 200 },
  ] as const)("is unknown after %j", async (fault) => {
    const shop = await house.openShop();
    house.simulator.control.addFault({ boundary: "graphql", times: 1, shop: shop.shop, ...fault });
    expect(await lookForApp(shop.shop)).toMatchObject({ kind: "unknown" });
  });
});

describe("the redaction of a long history", () => {
  const LIMITS = { rowsPerStepMax: 5, mutationsPerStepMax: 2, stepsPerRoundMax: 4 };

  async function leaveHistory(shop: HouseShop, deliveryCount: number): Promise<void> {
    await house.composed.database.execute(
      `INSERT INTO deliveries (install_id, shop, webhook_id, topic, trace_id) SELECT $1, $2, 'old-' || n, 'orders/create', 't' FROM generate_series(1, $3) AS n`,
      shop.installId,
      shop.shop,
      deliveryCount,
    );
  }

  it("goes on round after round in small steps, and lets other shops' requests pass", async () => {
    const [long, short] = [await house.openShop(), await house.openShop()];
    for (const shop of [long, short]) await uninstall(shop);
    await leaveHistory(long, 60);
    for (const shop of [long, short]) await askForRedaction(shop);
    const compliance = createCompliance(house.composed.database, LIMITS);
    const completed: string[] = [];
    const stepsMax = LIMITS.rowsPerStepMax * LIMITS.stepsPerRoundMax;
    for (let round = 0; round < 20 && completed.length < 2; round += 1) {
      const { deletedRowCount, failed } = await compliance.completeOpen(REQUESTS_MAX, lookForApp);
      expect(failed).toEqual([]);
      // The install itself is deleted with the completion, beside the steps.
      expect(deletedRowCount).toBeLessThanOrEqual(stepsMax + 2);
      for (const shop of [long, short]) if ((await outcomeOf(shop)) !== null && !completed.includes(shop.shop)) completed.push(shop.shop);
    }
    expect(completed).toEqual([short.shop, long.shop]);
    expect([await rowsOf(long.installId), await rowsOf(short.installId)]).toEqual([[], []]);
  });

  it("is taken up where it stopped by whoever comes next", async () => {
    const shop = await house.openShop();
    await uninstall(shop);
    await leaveHistory(shop, 60);
    await askForRedaction(shop);
    const countLeft = async () => (await house.composed.database.query(`SELECT 1 FROM deliveries WHERE install_id = $1`, shop.installId)).length;
    const before = await countLeft();
    await createCompliance(house.composed.database, { ...LIMITS, stepsPerRoundMax: 8 }).completeOpen(REQUESTS_MAX, lookForApp);
    const left = await countLeft();
    expect(left).toBeLessThan(before);
    expect(left).toBeGreaterThan(0);
    expect((await complete()).completedCount).toBe(1);
    expect(await rowsOf(shop.installId)).toEqual([]);
  });

  it("that fails is reported, stays open, and keeps no later request from being completed", async () => {
    const [broken, next] = [await house.openShop(), await house.openShop()];
    await loseUninstall(broken);
    await uninstall(next);
    for (const shop of [broken, next]) await askForRedaction(shop);
    const cause = new Error("a bug");
    const round = await complete(async () => {
      throw cause;
    });
    expect(round).toMatchObject({ completedCount: 1, failed: [{ cause }] });
    expect([await outcomeOf(broken), await outcomeOf(next)]).toEqual([null, "deleted"]);
  });
});

// Every page works whatever the merchant granted: each optional scope withdrawn, and none granted at all.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readManifest } from "#dev/demo/demo-settings.ts";
import { openAppRoutes, type AppRoutes } from "#tests/setup/app-routes.ts";
import { openFullShop, type FullShop } from "#tests/setup/full-shop.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { sampleParameters } from "#tests/setup/route-samples.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const { scopes: REQUIRED, optionalScopes: OPTIONAL } = await readManifest(ROOT);

let house: House;
let app: AppRoutes;
let full: FullShop;
let logged: string[] = [];

beforeAll(async () => {
  house = await openHouse({ logLevel: "error", logTo: { write: (line) => void logged.push(line) } });
  app = await openAppRoutes(house);
  full = await openFullShop(house, "full", { scopes: OPTIONAL });
});
afterAll(() => house.close());

/** Every page of the shop, its details too; what did not answer 200. */
async function openEveryPage(shop: FullShop): Promise<string[]> {
  const pages = app.routes.filter(({ kind, module, parameters }) => kind === "embedded" && module.loader !== undefined && !parameters.includes("*"));
  expect(pages.length).toBeGreaterThan(10);
  const wrong: string[] = [];
  for (const page of pages) {
    const { status, text } = await app.load(page, shop.shop, { parameters: sampleParameters(page, shop) });
    if (status !== 200) wrong.push(`${page.file}: ${status} ${text.slice(0, 200)}`);
  }
  return wrong;
}

describe("every page", () => {
  it.each(OPTIONAL)("works in a shop that has withdrawn %s", async (withdrawn) => {
    logged = [];
    house.simulator.control.setScopes(full.shop, { granted: [...REQUIRED, ...OPTIONAL].filter((scope) => scope !== withdrawn) });
    await house.settle(full.shop);
    const install = await house.composed.installStore.active(full.shop);
    expect(install?.scopes).not.toContain(withdrawn);
    expect(await openEveryPage(full)).toEqual([]);
    expect(logged).toEqual([]);
  });

  it("works in a shop that has granted nothing optional", async () => {
    logged = [];
    house.simulator.control.setScopes(full.shop, { granted: [...REQUIRED] });
    await house.settle(full.shop);
    expect(await openEveryPage(full)).toEqual([]);
    expect(logged).toEqual([]);
  });
});

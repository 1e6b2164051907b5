// The usual handler in the smoke sale: the verdict must show its damage, in units and in both directions.
import { afterEach, expect, inject, it } from "vitest";
import { startSimulator } from "../start.ts";
import type { Simulator } from "../start.ts";
import { controlClient } from "./control-client.ts";
import { startNaiveApp } from "./naive-app.ts";
import type { NaiveApp } from "./naive-app.ts";
import { runScenario } from "./run-scenario.ts";

const identity = { apiKey: "key", apiSecret: "secret" };
let simulator: Simulator | undefined;
let app: NaiveApp | undefined;

afterEach(async () => {
  await app?.close();
  await simulator?.close();
});

it("loses units and takes units twice, with the same buyers and the same mischief", async () => {
  simulator = await startSimulator({ ...identity, scopes: ["read_orders", "read_products", "read_inventory"], optionalScopes: ["write_inventory"], schemaPath: inject("adminSchemaPath"), seed: 1 });
  const control = controlClient(simulator.origin);
  app = await startNaiveApp({ ...identity, control, apiVersion: "2026-10" });
  simulator.setAppUrl(app.url);
  const { verdict } = await runScenario({ name: "smoke", seed: 1, naive: true, control, app, shop: "naive.myshopify.com", say: () => undefined });
  expect(verdict).toMatchObject({ ok: false, naive: true, orders: 60, ledgerEqualsTruth: false, pending: 0 });
  expect(verdict.lost).toBeGreaterThan(0);
  expect(verdict.doublyApplied).toBeGreaterThan(0);
  expect(verdict.mischief.cancelsBeforeCreates).toBeGreaterThan(0);
});

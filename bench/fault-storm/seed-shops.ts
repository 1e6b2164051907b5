// The shops of a seed: stocked in the simulator, the app installed with its tokens, protection on.
import process from "node:process";
import { compose } from "#app/composition.server.ts";
import { readEnvironment } from "#app/config/read-environment.ts";
import { stockShop, type Catalogue } from "#simulator/scenarios/catalogue.ts";
import { controlClient } from "#simulator/scenarios/control-client.ts";
import { channel } from "#simulator/scenarios/play-sale.ts";
import type { Simulator } from "#simulator/start.ts";
import type { EffectRules } from "#simulator/verdict/effects.ts";
import { registerShop, storeOfflineSession } from "#tests/setup/token-exchange.ts";

export const IDENTITY = {
  SHOPIFY_API_KEY: "storm-api-key",
  SHOPIFY_API_SECRET: "storm-api-secret",
  SHOPIFY_APP_URL: "http://127.0.0.1",
  SCOPES: "read_orders,read_products,read_inventory,read_locations,read_merchant_managed_fulfillment_orders,read_third_party_fulfillment_orders",
  OPTIONAL_SCOPES: "write_inventory,write_merchant_managed_fulfillment_orders,write_third_party_fulfillment_orders,write_orders",
} as const;

/** Few items, so that many orders want the same one at once. */
export const CATALOGUE_SIZE = { plainProducts: 5, bundles: 2 } as const;

export interface StormShop {
  readonly shop: string;
  readonly installId: bigint;
  readonly catalogue: Catalogue;
  readonly rules: EffectRules;
}

/** What every process of the seed is started with. */
export function seedEnvironment(input: { databaseUrl: string; redisUrl: string; encryptionKey: string }): Record<string, string> {
  return {
    NODE_ENV: "production",
    DATABASE_URL: input.databaseUrl,
    REDIS_URL: input.redisUrl,
    ENCRYPTION_KEY: input.encryptionKey,
    ALLOW_ORIGIN_OVERRIDE: "1",
    LOG_LEVEL: process.env["LOG_LEVEL"] ?? "silent",
    SHOPIFY_API_KEY: IDENTITY.SHOPIFY_API_KEY,
    SHOPIFY_API_SECRET: IDENTITY.SHOPIFY_API_SECRET,
    SHOPIFY_APP_URL: IDENTITY.SHOPIFY_APP_URL,
    SCOPES: IDENTITY.SCOPES,
  };
}

export async function openShops(simulator: Simulator, env: Readonly<Record<string, string>>, names: readonly string[]): Promise<StormShop[]> {
  const reading = readEnvironment({ ...env, SHOPIFY_ORIGIN_OVERRIDE: simulator.origin });
  if (reading.kind === "faulty") throw new Error(reading.faults.join("; "));
  const composed = compose(reading.environment, "cli", { redisPrefix: "storm-install" });
  try {
    await composed.redis.connected();
    const shops: StormShop[] = [];
    for (const shop of names) {
      const catalogue = await stockShop(controlClient(simulator.origin), shop, { orders: 0, bursts: 0, ...CATALOGUE_SIZE });
      const rules: EffectRules = { deductSources: [channel], bundles: catalogue.bundles.map(({ variantId, components }) => ({ variantId, components })) };
      const installId = await install(simulator, composed, shop);
      const current = await composed.settingsStore.current(installId);
      const saved = await composed.settingsStore.save({
        installId,
        expectedVersion: current.version,
        actor: "the storm",
        document: {
          ...current,
          mode: "enforce",
          deduct: { ...current.deduct, sources: [{ sourceName: channel, confirmedBypass: true }] },
          bundles: rules.bundles.map((bundle) => ({ ...bundle, parentStock: "leave" as const })),
        },
      });
      if (saved.kind !== "saved") throw new Error(`the settings of ${shop} could not be saved: ${saved.kind}`);
      shops.push({ shop, installId, catalogue, rules });
    }
    return shops;
  } finally {
    await composed.close();
  }
}

async function install(simulator: Simulator, composed: ReturnType<typeof compose>, shop: string): Promise<bigint> {
  simulator.control.install(shop, { scopes: ["write_inventory"] });
  const app = { apiKey: IDENTITY.SHOPIFY_API_KEY, apiSecret: IDENTITY.SHOPIFY_API_SECRET };
  await storeOfflineSession(composed, shop, { origin: simulator.origin, app, sessionToken: simulator.control.sessionToken(shop).token });
  return registerShop(composed, shop);
}

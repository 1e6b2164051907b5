// Tells the scripts of load/ where this demo is and how to sign in: a file of environment variables that lives as long as the demo.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DemoFrame } from "./start-processes.ts";

export interface LoadTargets {
  readonly simulatorOrigin: string;
  readonly holdfastUrl: string;
  readonly holdfastToken: string;
  readonly checkout: string;
  readonly shop: string;
  readonly channel: string;
  readonly item: { readonly variantId: string; readonly inventoryItemId: string } | undefined;
  readonly locationId: string;
}

export const LOAD_SETTINGS_FILE = ".holdfast/demo.env";

export async function writeLoadSettings(frame: DemoFrame, targets: LoadTargets): Promise<void> {
  const file = join(frame.root, LOAD_SETTINGS_FILE);
  const values = {
    SIMULATOR_URL: targets.simulatorOrigin,
    HOLDFAST_URL: targets.holdfastUrl,
    HOLDFAST_TOKEN: targets.holdfastToken,
    CHECKOUT_URL: targets.checkout,
    SHOP: targets.shop,
    CHANNEL: targets.channel,
    SHOPIFY_API_SECRET: frame.identity.apiSecret,
    INVENTORY_ITEM_ID: targets.item?.inventoryItemId ?? "",
    LOCATION_ID: targets.locationId,
    // Not for the checkout, which says itself what it sells.
    CHAOS_VARIANT_ID: targets.item?.variantId ?? "",
  };
  await writeFile(file, Object.entries(values).map(([name, value]) => `${name}='${value}'\n`).join(""), { mode: 0o600 });
  frame.shutdown.add("load settings", async () => await rm(file, { force: true }));
}

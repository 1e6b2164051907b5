// The demo's custom checkout for a person: one lamp, two buyers, and a page on which they fight for it.
import { shopifyClient } from "#simulator/checkout/shopify-client.ts";
import { startPaymentProvider } from "#simulator/checkout/payment-provider.ts";
import { exchangeToken } from "#simulator/scenarios/naive-shopify.ts";
import type { ControlClient } from "#simulator/scenarios/control-client.ts";
import { startCheckouts } from "./start-checkouts.ts";
import type { DemoFrame } from "./start-processes.ts";

export type LastUnitOptions = { control: ControlClient; shop: string; locationId: string; holdfastUrl: string; holdfastToken: string };

const TITLE = "limited lamp";
/** Long enough to be watched. */
const CHARGE_MS = 1_500;

/** Resolves with the page's address. */
export async function startLastUnitCheckout(frame: DemoFrame, { control, shop, locationId, holdfastUrl, holdfastToken }: LastUnitOptions): Promise<string> {
  const [lamp] = (await control.createProduct(shop, { title: TITLE, variants: [{ sku: "LAMP", levels: [{ locationId, available: 1 }] }] })).variants;
  if (lamp === undefined) throw new Error("the lamp was made without a variant");
  const provider = await startPaymentProvider({ chargeMs: CHARGE_MS, mischief: { seed: 1, dropAfter: 0.1, tellTwice: 0.3 } });
  frame.shutdown.add("the payment provider", provider.close);
  const { apiKey, apiSecret } = frame.identity;
  const access = { origin: control.origin, shop, token: await exchangeToken({ control, apiKey, apiSecret }, shop), apiVersion: frame.manifest.apiVersion };
  await shopifyClient(access).defineUniqueId();
  const [checkout] = await startCheckouts(frame, 1, {
    PAYMENTS_URL: provider.origin,
    SHOPIFY_ORIGIN: access.origin,
    SHOP: shop,
    SHOPIFY_TOKEN: access.token,
    SHOPIFY_API_VERSION: access.apiVersion,
    HOLDFAST_URL: holdfastUrl,
    HOLDFAST_TOKEN: holdfastToken,
    TTL_SECONDS: "60",
    LAST_UNIT: JSON.stringify({ title: TITLE, variantId: lamp.variantId, inventoryItemId: lamp.inventoryItemId, locationId }),
  });
  if (checkout === undefined) throw new Error("the checkout did not start");
  return checkout.origin;
}

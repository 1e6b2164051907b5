// The custom checkout as a process of its own, made to be killed: what it has begun is in its journal, and is finished or undone when it starts again.
import process from "node:process";
import { openJournal } from "./journal.ts";
import { holdfastClient } from "./holdfast-client.ts";
import { paymentClient } from "./payment-client.ts";
import { openShopFront } from "./shop-front.ts";
import { shopifyClient } from "./shopify-client.ts";
import { z } from "zod";

const settings = z
  .object({
    CHECKOUT_PORT: z.coerce.number(),
    CHECKOUT_JOURNAL: z.string(),
    PAYMENTS_URL: z.url(),
    SHOPIFY_ORIGIN: z.url(),
    SHOP: z.string(),
    SHOPIFY_TOKEN: z.string(),
    SHOPIFY_API_VERSION: z.string().default("2026-10"),
    /** Left out: the naive checkout. */
    HOLDFAST_URL: z.url().optional(),
    HOLDFAST_TOKEN: z.string().optional(),
    TTL_SECONDS: z.coerce.number().default(600),
    CHARGE_NEEDS_MS: z.coerce.number().default(5_000),
    ORDER_BY: z.enum(["checkout", "holdfast", "both"]).default("both"),
    /** For its page, JSON. */
    LAST_UNIT: z.string().optional(),
  })
  .parse(process.env);

const stopping = new AbortController();
const patience = { sleep: async (ms: number) => await new Promise<void>((resolve) => setTimeout(resolve, ms)), signal: stopping.signal };
const payments = paymentClient({ url: settings.PAYMENTS_URL, tell: `http://127.0.0.1:${settings.CHECKOUT_PORT}/payments/told` });
const shopify = shopifyClient({ origin: settings.SHOPIFY_ORIGIN, shop: settings.SHOP, token: settings.SHOPIFY_TOKEN, apiVersion: settings.SHOPIFY_API_VERSION });
const { HOLDFAST_URL: url, HOLDFAST_TOKEN: token, LAST_UNIT: lastUnit } = settings;
const journal = openJournal(settings.CHECKOUT_JOURNAL);
const holding =
  url === undefined || token === undefined
    ? {}
    : { parts: { journal, payments, shopify, patience, holdfast: holdfastClient({ url, token }), ttlSeconds: settings.TTL_SECONDS, chargeNeedsMs: settings.CHARGE_NEEDS_MS, nowMs: Date.now } };
const front = await openShopFront({
  port: settings.CHECKOUT_PORT,
  naive: { payments, shopify, patience },
  orderBy: settings.ORDER_BY,
  ...holding,
  ...(lastUnit === undefined ? {} : { product: productOf(lastUnit) }),
});
process.stdout.write(`checkout: ${front.origin}\n`);
front.recovered.then(
  () => process.stdout.write("checkout: nothing is left of the time before\n"),
  (error: unknown) => process.stderr.write(`checkout: ${String(error)}\n`),
);

function productOf(text: string) {
  const { title, variantId, ...place } = z.object({ title: z.string(), variantId: z.string(), inventoryItemId: z.string(), locationId: z.string() }).parse(JSON.parse(text));
  const deliver = async () => {
    const body = JSON.stringify({ ...place, delta: 1, writer: "warehouse", kind: "receipt" });
    const response = await fetch(`${settings.SHOPIFY_ORIGIN}/sim/shops/${settings.SHOP}/levels/adjust`, { method: "POST", headers: { "content-type": "application/json" }, body });
    if (!response.ok) throw new Error(`nothing was delivered: ${response.status}`);
  };
  return { title, variantId, deliver };
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    stopping.abort();
    void front.close().then(() => process.exit(0));
  });
}

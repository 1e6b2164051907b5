// Fills a development store with things to try Holdfast on, or takes them away again. It runs with a token of the store's owner, not with the app's.

import process from "node:process";

import { createShopifyTransport } from "#app/adapters/shopify/shopify-transport.server.ts";
import type { Command, CommandAnswer, CommandContext } from "./command.ts";
import { emptyStore } from "./seed/empty-store.ts";
import { readStore, seedStore } from "./seed/seed-store.ts";
import { createStoreClient } from "./seed/store-client.ts";

const PRODUCTS = { usual: 8, most: 50 };
const ORDERS = { usual: 5, most: 50 };
const ORDERS_PER_MINUTE = 5;

export const seed: Command = {
  does: "fills a development store with products, stock and orders, or takes them away; token in SHOPIFY_ADMIN_TOKEN",
  options: "--shop S [--products N] [--orders N] [--remove] [--dry-run]",
  async run(context) {
    const { shop, products, orders, remove, dryRun } = context.options;
    if (!shop) throw new Error("--shop <name>.myshopify.com is missing");
    const productCount = countOf("--products", products, PRODUCTS);
    const orderCount = countOf("--orders", orders, ORDERS);
    const token = process.env.SHOPIFY_ADMIN_TOKEN;
    if (!token) throw new Error("SHOPIFY_ADMIN_TOKEN is missing: an Admin API token of the development store with write_products, write_inventory, write_orders and write_locations");
    return await withClient(context, { shop, token }, async (client, pause) => {
      const store = await readStore(client);
      const { originOverride } = context.composed.config.shopify;
      if (!store.isDevelopment && originOverride === null) throw new Error(`${shop} is no development store: it is not touched`);
      if (remove) return removedAnswer(await emptyStore(client, store, dryRun));
      const ordersPerMinute = store.isDevelopment ? ORDERS_PER_MINUTE : Number.POSITIVE_INFINITY;
      return seededAnswer(await seedStore(client, store, { productCount, orderCount, dryRun, ordersPerMinute, pause, say }));
    });
  },
};

type Client = ReturnType<typeof createStoreClient>;

async function withClient<Answer>({ composed }: CommandContext, { shop, token }: { shop: string; token: string }, work: (client: Client, pause: (ms: number) => Promise<void>) => Promise<Answer>): Promise<Answer> {
  const { config, clock, timings } = composed;
  const pause = async (ms: number) => await new Promise<void>((resume) => clock.setTimer(ms, resume));
  const transport = createShopifyTransport({ originOverride: config.shopify.originOverride, totalTimeoutMs: timings.callTimeoutMs });
  try {
    return await work(createStoreClient({ transport, shop, token, pause }), pause);
  } finally {
    await transport.close();
  }
}

function say(text: string): void {
  process.stderr.write(`seed: ${text}\n`);
}

function countOf(name: string, given: string | undefined, { usual, most }: { usual: number; most: number }): number {
  if (given === undefined) return usual;
  const count = /^\d{1,3}$/.test(given) ? Number(given) : Number.NaN;
  if (!(count <= most)) throw new Error(`${name} takes a number up to ${most}`);
  return count;
}

function seededAnswer(report: Awaited<ReturnType<typeof seedStore>>): CommandAnswer {
  const { shop, dryRun, location, products, orders } = report;
  const verb = dryRun ? "would be made" : "made";
  const places = { made: `a second location ${verb}`, there: "two locations were there", without: "one location only" }[location];
  const text = `${shop}: ${places}; ${products.made} products ${verb}, ${products.there} were there; ${orders.made} orders ${verb}, ${orders.there} were there`;
  return { ok: true, value: report, text };
}

function removedAnswer(report: Awaited<ReturnType<typeof emptyStore>>): CommandAnswer {
  const { shop, dryRun, removed, left } = report;
  const head = `${shop}: ${removed.orders} orders, ${removed.products} products, ${removed.locations} locations ${dryRun ? "would be taken away" : "taken away"}`;
  return { ok: left.length === 0, value: report, text: [head, ...left.map((line) => `  left: ${line}`)].join("\n") };
}

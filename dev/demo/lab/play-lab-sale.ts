// Plays one sale of the race lab against whoever handles it, and waits until nothing moves any more.
import type { ControlClient, PlacedOrder } from "#simulator/scenarios/control-client.ts";
import type { PlacedLine } from "./judge-lab-sale.ts";
import { PRODUCTS, LAST_UNITS } from "./lab-sale.ts";
import type { LabSale } from "./lab-sale.ts";
import type { Stock } from "./lab-shopify.ts";

export const LAB_SOURCE = "my-channel";

export type LabProduct = { variantId: string; stock: Stock };
export type LabShop = { shop: string; products: LabProduct[]; lastUnits: LabProduct };

/** Whoever handles the sale: the lab's handler, or the whole of Holdfast. */
export interface Contender {
  /** One buyer at the counter wants one of the last units. */
  sell(buyer: string, lastUnits: LabProduct): Promise<"sold" | "sold_out">;
  /** Resolves when the accident of this sale has happened: the processing restarts in the middle of it. */
  accident: Promise<void>;
  atRest(): Promise<boolean>;
}

export type Play = {
  control: ControlClient;
  shop: LabShop;
  sale: LabSale;
  contender: Contender;
  /** Buyers of the online store, who come while the handler is between two calls; those who did not by then come now. */
  restOfWeb: () => Promise<void>;
  /** Whether Shopify's clock may jump to its next retry: not where others share the clock. */
  mayJump: boolean;
  limitMs: number;
};

export type Played = { lines: PlacedLine[]; sold: number; seconds: number; finished: boolean };

const POLL_MS = 50;
/** So often in a row must nothing have moved. */
const STILL_POLLS = 4;

export async function stockLabShop(control: ControlClient, shop: string): Promise<LabShop> {
  const { locations } = await control.createShop({ shop, plan: "plus", locations: [{ name: "Main warehouse" }] });
  const locationId = locations[0]?.id ?? "";
  const create = async ({ title, sku, available }: { title: string; sku: string; available: number }): Promise<LabProduct> => {
    const [variant] = (await control.createProduct(shop, { title, variants: [{ sku, levels: [{ locationId, available }] }] })).variants;
    if (variant === undefined) throw new Error(`${sku} was made without a variant`);
    return { variantId: variant.variantId, stock: { inventoryItemId: variant.inventoryItemId, locationId } };
  };
  const products: LabProduct[] = [];
  for (const product of PRODUCTS) products.push(await create(product));
  return { shop, products, lastUnits: await create(LAST_UNITS) };
}

export async function playLabSale(play: Play): Promise<Played> {
  const { control, shop, sale, contender } = play;
  const startedAt = performance.now();
  const deadline = startedAt + play.limitMs;
  // It may fail before anybody waits for it; whoever waits hears of it.
  contender.accident.catch(() => undefined);
  // Every notification is sent twice.
  await control.planWebhooks({ seed: sale.seed, duplicates: { rate: 1, copies: 1 } });
  const orders = sale.channel.map(({ product, quantity }) => ({
    channel: "api" as const,
    sourceName: LAB_SOURCE,
    inventoryBehaviour: "BYPASS" as const,
    lines: [{ variantId: shop.products[product]?.variantId ?? "", quantity }],
  }));
  const lines = (await control.placeOrders(shop.shop, orders)).flatMap(linesOf);
  await Promise.race([contender.accident, timeUp(deadline)]);
  const told = await Promise.race([Promise.all(sale.counterBuyers.map(async (buyer) => await contender.sell(buyer, shop.lastUnits))), timeUp(deadline)]);
  await play.restOfWeb();
  const finished = (await untilAtRest(play, deadline)) && told !== null;
  return { lines, sold: told?.filter((answer) => answer === "sold").length ?? 0, seconds: Math.round((performance.now() - startedAt) / 100) / 10, finished };
}

function linesOf(placed: PlacedOrder | { refused: string }): PlacedLine[] {
  if ("refused" in placed) throw new Error(`an order was refused: ${placed.refused}`);
  return placed.lines.map(({ lineItemId, inventoryItemId, locationId, quantity }) => ({ orderId: placed.orderId, lineItemId, stock: { inventoryItemId, locationId }, quantity }));
}

/** False: the time was up before. */
async function untilAtRest({ control, contender, mayJump }: Play, deadline: number): Promise<boolean> {
  for (let still = 0; performance.now() < deadline; ) {
    const [webhooks, atRest] = [await control.webhooks(), await contender.atRest()];
    const nothingFlies = webhooks.inFlight === 0;
    if (nothingFlies && atRest && webhooks.pending === 0) still += 1;
    else still = 0;
    if (still >= STILL_POLLS) return true;
    // What is left are Shopify's retries, minutes apart.
    if (nothingFlies && atRest && webhooks.pending > 0 && mayJump) await control.skipToPendingWebhooks();
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
  return false;
}

async function timeUp(deadline: number): Promise<null> {
  await new Promise((wake) => setTimeout(wake, Math.max(0, deadline - performance.now())).unref());
  return null;
}

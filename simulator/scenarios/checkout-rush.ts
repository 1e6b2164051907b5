// A rush on a custom checkout, from the empty shop to the verdict: many buyers, few units, a payment provider in bad shape, processes that are killed.
import { shopifyClient } from "../checkout/shopify-client.ts";
import { startPaymentProvider } from "../checkout/payment-provider.ts";
import type { PaymentMischief, PaymentProvider } from "../checkout/payment-provider.ts";
import type { Progress } from "../checkout/journal.ts";
import { judgeRush } from "../verdict/checkout-verdict.ts";
import type { RushVerdict } from "../verdict/checkout-verdict.ts";
import { buyersAtTheCheckout } from "./checkout-buyers.ts";
import type { BuyersAtTheCheckout } from "./checkout-buyers.ts";
import { writeRushScript } from "./checkout-script.ts";
import type { RushScript, RushSize } from "./checkout-script.ts";
import type { ControlClient } from "./control-client.ts";
import { exchangeToken } from "./naive-shopify.ts";
import { createStriker, planStrikes, type PerformStrike, type Strike } from "./strikes.ts";

export type RushTarget = "web" | "worker" | "checkout";

export interface RushScenario {
  readonly about: string;
  readonly size: RushSize;
  readonly waveMs: number;
  readonly graphqlMs: number;
  readonly ttlSeconds: number;
  readonly chargeMs: number;
  readonly mischief: Omit<PaymentMischief, "seed">;
  readonly strikes: Readonly<Record<RushTarget, number>>;
  /** Of all buyers, how many must have been cut off for the run to prove something. */
  readonly cutOffShare: number;
}

export const rushScenarios: Readonly<Record<string, RushScenario>> = {
  "checkout-rush": {
    about: "2,000 buyers for 100 units through a custom checkout: cards are declined, buttons clicked twice, payments charged and lost, processes killed",
    size: { buyers: 2_000, units: 100, waves: 10 },
    waveMs: 2_000,
    graphqlMs: 100,
    ttlSeconds: 15,
    chargeMs: 300,
    mischief: { refuse: 0.05, dropAfter: 0.05, tellTwice: 0.2, verySlow: 0.02 },
    strikes: { web: 3, worker: 3, checkout: 8 },
    cutOffShare: 0.05,
  },
  "checkout-rush-small": {
    about: "100 buyers for 5 units of the same kind, for tests",
    size: { buyers: 100, units: 5, waves: 4 },
    waveMs: 500,
    graphqlMs: 20,
    ttlSeconds: 3,
    chargeMs: 100,
    mischief: { refuse: 0.05, dropAfter: 0.1, tellTwice: 0.2, verySlow: 0.05 },
    strikes: { web: 1, worker: 1, checkout: 2 },
    cutOffShare: 0.01,
  },
};

export interface RushInput {
  readonly name: string;
  readonly seed: number;
  readonly naive: boolean;
  readonly control: ControlClient;
  readonly shop: string;
  readonly app: { readonly apiKey: string; readonly apiSecret: string };
  readonly say: (text: string) => void;
  /** Null: the naive way, which has no Holdfast. Installs it in the shop, switches holds on, and says how the checkout reaches it. */
  readonly prepareHoldfast: ((shop: string) => Promise<{ url: string; token: string }>) | null;
  /** Starts the checkout's processes with these variables. */
  readonly startCheckouts: (env: Readonly<Record<string, string>>) => Promise<{ origins: readonly string[] }>;
  readonly strike: PerformStrike<RushTarget>;
}

const API_VERSION = "2026-10";
/** A sale that cannot be finished ends all the same: so long after the last hold may have lapsed. */
const AFTER_LAST_TTL_MS = 60_000;
const ROUND_MS = 500;
const RETRIES_AFTER_MS = 3_000;
/** A hold that lives shorter is prolonged before the charge. */
const CHARGE_NEEDS_MS = 2_000;

export async function runRush(input: RushInput): Promise<RushVerdict> {
  const scenario = rushScenarios[input.name];
  if (scenario === undefined) throw new Error(`there is no rush ${input.name}; there are ${Object.keys(rushScenarios).join(", ")}`);
  const { control, shop, seed, say } = input;
  const script = writeRushScript(seed, scenario.size);
  say(`preparing the shop ${shop}`);
  const item = await stockRushShop(control, shop, scenario.size.units);
  const provider = await startPaymentProvider({ mischief: { seed, ...scenario.mischief }, chargeMs: scenario.chargeMs, verySlowMs: (scenario.ttlSeconds + 2) * 1_000 });
  try {
    const { origins } = await openCheckouts(input, scenario, provider);
    await control.setLatency(scenario.graphqlMs);
    const buyers = buyersAtTheCheckout({ origins, variantId: item.variantId });
    const strikes = planned(input, scenario);
    const startedAtMs = performance.now();
    await playRush({ input, scenario, script, buyers, strikes });
    say("waiting until every purchase is finished and every hold is ended");
    const unfinished = await waitUntilQuiet(input, scenario, origins);
    const seconds = Math.round((performance.now() - startedAtMs) / 100) / 10;
    const { charges, refunds, mishaps } = provider.ledger();
    return judgeRush({
      scenario: input.name,
      seed,
      naive: input.naive,
      units: scenario.size.units,
      inventoryItemId: item.inventoryItemId,
      buyers: script.waves.flat().map(({ name }) => name),
      script: { declined: script.declined, doubleClicks: script.doubleClicks, leaving: script.leaving },
      orders: await ordersWithBuyers(control, shop),
      truth: await control.truth(shop, 0),
      charges,
      refunds,
      mishaps,
      told: buyers.told(),
      cutOff: buyers.cutOffCount(),
      cutOffWanted: Math.round(scenario.size.buyers * scenario.cutOffShare),
      strikes: countOf(strikes),
      unfinished,
      seconds,
    });
  } finally {
    await provider.close();
  }
}

async function stockRushShop(control: ControlClient, shop: string, units: number): Promise<{ variantId: string; inventoryItemId: string }> {
  const { locations } = await control.createShop({ shop, plan: "plus", locations: [{ name: "Main warehouse" }] });
  const levels = [{ locationId: locations[0]?.id, available: units }];
  const [variant] = (await control.createProduct(shop, { title: "Limited lamp", variants: [{ sku: "LAMP", levels }] })).variants;
  if (variant === undefined) throw new Error("the lamp was made without a variant");
  return variant;
}

async function openCheckouts(input: RushInput, { ttlSeconds }: RushScenario, provider: PaymentProvider): Promise<{ origins: readonly string[] }> {
  const { control, shop, app } = input;
  await control.install(shop, ["write_inventory", "write_orders"]);
  const holdfast = input.prepareHoldfast === null ? null : await input.prepareHoldfast(shop);
  const token = await exchangeToken({ control, ...app }, shop);
  await shopifyClient({ origin: control.origin, shop, token, apiVersion: API_VERSION }).defineUniqueId();
  return await input.startCheckouts({
    PAYMENTS_URL: provider.origin,
    SHOPIFY_ORIGIN: control.origin,
    SHOP: shop,
    SHOPIFY_TOKEN: token,
    SHOPIFY_API_VERSION: API_VERSION,
    TTL_SECONDS: String(ttlSeconds),
    CHARGE_NEEDS_MS: String(CHARGE_NEEDS_MS),
    ...(holdfast === null ? {} : { HOLDFAST_URL: holdfast.url, HOLDFAST_TOKEN: holdfast.token }),
  });
}

/** The naive way has no web and no worker: its checkouts are killed as often. */
function planned({ seed, naive }: RushInput, { strikes, size }: RushScenario): Strike<RushTarget>[] {
  const all = planStrikes<RushTarget>(seed, strikes, size.waves);
  return naive ? all.filter(({ target }) => target === "checkout") : all;
}

interface Play {
  readonly input: RushInput;
  readonly scenario: RushScenario;
  readonly script: RushScript;
  readonly buyers: BuyersAtTheCheckout;
  readonly strikes: readonly Strike<RushTarget>[];
}

async function playRush({ input: { say, strike }, scenario, script, buyers, strikes }: Play): Promise<void> {
  const striker = createStriker(strikes, strike, say);
  const waves: Promise<void>[] = [];
  for (const [index, wave] of script.waves.entries()) {
    striker.burstBegins(index);
    waves.push(buyers.arrive(wave, scenario.waveMs));
    await pause(scenario.waveMs);
    say(`wave ${index + 1} of ${script.waves.length}: ${buyers.soldCount()} of ${scenario.size.units} sold`);
  }
  await Promise.all(waves);
  await striker.over();
  // What came back from declined cards and lapsed holds is sold to those who were sent away: as long as somebody asks.
  const until = performance.now() + scenario.ttlSeconds * 1_000 + AFTER_LAST_TTL_MS;
  while (buyers.soldCount() < scenario.size.units && performance.now() < until) {
    const missing = scenario.size.units - buyers.soldCount();
    if ((await buyers.comeBack(missing)) === 0) break;
    await pause(ROUND_MS);
  }
  say(`${buyers.soldCount()} of ${scenario.size.units} sold`);
}

/** Resolves with how many purchases hang. */
async function waitUntilQuiet({ control, shop, naive }: RushInput, { ttlSeconds }: RushScenario, origins: readonly string[]): Promise<number> {
  const until = performance.now() + ttlSeconds * 1_000 + AFTER_LAST_TTL_MS;
  let quietBefore = false;
  let waitingSince: number | null = null;
  for (;;) {
    const open = (await Promise.all(origins.map(openPurchases))).reduce((sum, count) => sum + count, 0);
    const reserved = (await control.truth(shop, 0)).filter(({ name }) => name === "reserved").reduce((sum, { delta }) => sum + delta, 0);
    const webhooks = await control.webhooks();
    // Nobody listens to the naive way's.
    const told = naive || (webhooks.pending === 0 && webhooks.inFlight === 0);
    const quiet = open === 0 && reserved === 0 && told;
    waitingSince = told || webhooks.inFlight > 0 ? null : (waitingSince ?? performance.now());
    // Left are Shopify's retries to a web process that was killed, minutes apart: its clock is moved to them.
    if (waitingSince !== null && performance.now() - waitingSince > RETRIES_AFTER_MS) await control.skipToPendingWebhooks();
    // Seen twice, with a round between: what was on its way shows in the second.
    if ((quiet && quietBefore) || performance.now() > until) return open;
    quietBefore = quiet;
    await pause(ROUND_MS);
  }
}

async function openPurchases(origin: string): Promise<number> {
  const { items } = (await (await fetch(`${origin}/purchases`)).json()) as { items: Progress[] };
  return items.filter(({ outcome }) => outcome === undefined).length;
}

type OrderTold = { note_attributes?: { name: string; value: string }[] };

async function ordersWithBuyers(control: ControlClient, shop: string): Promise<{ orderId: string; units: number; buyer: string | null }[]> {
  const orders = [];
  for (const { orderId, lines } of await control.orders(shop)) {
    const { note_attributes: attributes = [] } = await control.order<OrderTold>(shop, orderId);
    orders.push({ orderId, units: lines.reduce((sum, { quantity }) => sum + quantity, 0), buyer: attributes.find(({ name }) => name === "buyer")?.value ?? null });
  }
  return orders;
}

function countOf(strikes: readonly Strike<RushTarget>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { target } of strikes) counts[target] = (counts[target] ?? 0) + 1;
  return counts;
}

async function pause(ms: number): Promise<void> {
  await new Promise((wake) => setTimeout(wake, ms));
}

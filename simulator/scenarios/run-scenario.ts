// Runs one scenario from an empty shop to its verdict, against whichever app it is given.
import { expectedEffects } from "../verdict/effects.ts";
import type { EffectRules, RecordedOrder } from "../verdict/effects.ts";
import { judge } from "../verdict/judge.ts";
import type { Finding, LedgerChange } from "../verdict/judge.ts";
import { reachVerdict } from "../verdict/verdict.ts";
import type { MischiefDone, Verdict } from "../verdict/verdict.ts";
import type { AppUnderTest } from "./app-under-test.ts";
import { writeBuyersScript } from "./buyers-script.ts";
import type { SaleSize } from "./buyers-script.ts";
import { stockShop } from "./catalogue.ts";
import type { AdminRequest, ControlClient } from "./control-client.ts";
import { lastOrderSendMs, mischiefDone } from "./mischief-done.ts";
import { channel, playSale } from "./play-sale.ts";
import { planStrikes, type PerformStrike, type Strike, type StrikeTarget } from "./strikes.ts";
import { waitUntilDone } from "./wait-until-done.ts";

export type Scenario = {
  about: string;
  size: SaleSize;
  graphqlMs: number;
  pauseMs: number;
  mischief: { late: { rate: number; delayMs: number }; reorder: { rate: number; withinMs: number } };
  mischiefWanted: MischiefDone;
  drainLimitSeconds: number;
  /** How often which part of the app is struck during the sale. */
  strikes?: Partial<Record<StrikeTarget, number>>;
};

const flashSale: Scenario = {
  about: "3,000 orders in bursts: a third bypassed, a third with own bundles, a third native, every webhook twice, some late, some out of order",
  size: { orders: 3_000, bursts: 10, plainProducts: 60, bundles: 12 },
  graphqlMs: 150,
  pauseMs: 1_000,
  mischief: { late: { rate: 0.05, delayMs: 6_000 }, reorder: { rate: 0.1, withinMs: 3_000 } },
  mischiefWanted: { lateSends: 400, outOfOrderSends: 300, cancelsBeforeCreates: 20 },
  drainLimitSeconds: 60,
};

export const scenarios: Record<string, Scenario> = {
  "flash-sale": flashSale,
  "flash-sale-under-fire": {
    ...flashSale,
    about: "the same sale while its processes are killed with kill -9 again and again, PostgreSQL among them, and Redis is emptied",
    drainLimitSeconds: 30,
    strikes: { worker: 4, web: 3, redis: 1, redis_emptied: 2, postgres: 1 },
  },
  smoke: {
    about: "60 orders of the same kind, for tests",
    size: { orders: 60, bursts: 2, plainProducts: 8, bundles: 4 },
    graphqlMs: 20,
    pauseMs: 200,
    mischief: { late: { rate: 0.05, delayMs: 6_000 }, reorder: { rate: 0.2, withinMs: 1_000 } },
    mischiefWanted: { lateSends: 5, outOfOrderSends: 2, cancelsBeforeCreates: 4 },
    drainLimitSeconds: 60,
  },
};

export type RunInput = {
  name: string;
  seed: number;
  naive: boolean;
  control: ControlClient;
  app: AppUnderTest;
  shop: string;
  say: (text: string) => void;
  /** Strikes a part of the app and resolves when it is up again; without it a scenario that wants strikes is refused. */
  strike?: PerformStrike;
};
/** Beside the verdict, what it rests on: for a person who wants to know why. */
export type RunResult = { verdict: Verdict; findings: Finding[]; contradictions: string[]; orders: RecordedOrder[]; ledger: LedgerChange[]; requests: AdminRequest[] };

/** Receipts read one by one at the end; every order with a later act is looked at before the others. */
const receiptsRead = 60;
/** An app of several processes may be silent for a while and go on; the naive one has either a request open or nothing to do. */
const stillMs = { naive: 3_000, whole: 15_000 };
const limitMs = 600_000;

export async function runScenario(input: RunInput): Promise<RunResult> {
  const { name, seed, naive, control, app, shop, say } = input;
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`there is no scenario ${name}; there are ${Object.keys(scenarios).join(", ")}`);
  const strikes = scenario.strikes === undefined ? [] : planStrikes(seed, scenario.strikes, scenario.size.bursts);
  const strike = input.strike ?? noStrike;
  if (strikes.length > 0 && strike === noStrike) throw new Error(`${name} strikes the app's processes, and this app has none to strike`);
  let lastStruckMs: number | null = null;
  const noted: PerformStrike = async (target) => {
    lastStruckMs = await control.nowMs();
    await strike(target);
  };
  const script = writeBuyersScript(seed, scenario.size);
  say(`preparing the shop ${shop}`);
  const catalogue = await stockShop(control, shop, scenario.size);
  const rules: EffectRules = { deductSources: [channel], bundles: catalogue.bundles.map(({ variantId, components }) => ({ variantId, components })) };
  await app.prepare(catalogue, rules);
  const before = await control.webhooks();
  await control.setLatency(scenario.graphqlMs);

  say(`the sale starts: ${script.orders} orders`);
  const mischief = { seed, duplicates: { rate: 1, copies: 1 }, ...scenario.mischief };
  const orders = await playSale({ control, catalogue, script, mischief, pauseMs: scenario.pauseMs, say, strikes, strike: noted });
  say("the sale is over; waiting until everything is worked on");
  const expected = expectedEffects(orders, rules);
  const outcome = await waitUntilDone({ control, app, shop, expected: expected.values(), stillMs: naive ? stillMs.naive : stillMs.whole, limitMs, say });

  say("comparing the ledger with Shopify's truth, effect by effect");
  const [truth, ledger, log, after] = [await control.truth(shop, 0), await app.ledger(), await control.webhookLog(), await control.webhooks()];
  const contradictions = await app.contradictions(sampleOf(orders), ledger);
  const judgement = judge(expected, truth, ledger);
  const ofShop = log.filter((entry) => entry.shop === shop);
  // From whatever disturbed the app last: a webhook or a strike.
  const lastDisturbedMs = latest(lastOrderSendMs(ofShop), lastStruckMs);
  const drainSeconds = outcome.doneAtMs === null || lastDisturbedMs === null ? null : Math.max(0, Math.round((outcome.doneAtMs - lastDisturbedMs) / 100) / 10);
  const verdict = reachVerdict({
    scenario: name, seed, naive, orders: orders.length, plannedOrders: script.orders,
    deliveries: after.deliveries - before.deliveries,
    duplicates: after.copies - before.copies,
    ledger,
    judgement: { ...judgement, ledgerEqualsTruth: judgement.ledgerEqualsTruth && contradictions.length === 0 },
    parkedExpected: 0,
    unfinishedNotifications: outcome.unfinishedNotifications,
    drainSeconds,
    drainLimitSeconds: scenario.drainLimitSeconds,
    mischief: mischiefDone(ofShop),
    mischiefWanted: scenario.mischiefWanted,
    strikes: countStrikes(strikes),
  });
  return { verdict, findings: judgement.findings, contradictions, orders, ledger, requests: await control.requests(shop) };
}

const noStrike: PerformStrike = async () => undefined;

function latest(...times: (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function countStrikes(strikes: readonly Strike[]): Partial<Record<StrikeTarget, number>> {
  const counts: Partial<Record<StrikeTarget, number>> = {};
  for (const { target } of strikes) counts[target] = (counts[target] ?? 0) + 1;
  return counts;
}

function sampleOf(orders: readonly RecordedOrder[]): string[] {
  const changed = orders.filter((order) => order.cancelled !== null || order.lines.some((line) => line.refunds.length > 0));
  return [...changed.slice(0, receiptsRead / 2), ...orders.slice(-receiptsRead / 2)].map(({ orderId }) => orderId);
}

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
import { waitUntilDone } from "./wait-until-done.ts";

export type Scenario = {
  about: string;
  size: SaleSize;
  graphqlMs: number;
  pauseMs: number;
  mischief: { late: { rate: number; delayMs: number }; reorder: { rate: number; withinMs: number } };
  mischiefWanted: MischiefDone;
  drainLimitSeconds: number;
};

export const scenarios: Record<string, Scenario> = {
  "flash-sale": {
    about: "3,000 orders in bursts: a third bypassed, a third with own bundles, a third native, every webhook twice, some late, some out of order",
    size: { orders: 3_000, bursts: 10, plainProducts: 60, bundles: 12 },
    graphqlMs: 150,
    pauseMs: 1_000,
    mischief: { late: { rate: 0.05, delayMs: 6_000 }, reorder: { rate: 0.1, withinMs: 3_000 } },
    mischiefWanted: { lateSends: 400, outOfOrderSends: 300, cancelsBeforeCreates: 20 },
    drainLimitSeconds: 60,
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

export type RunInput = { name: string; seed: number; naive: boolean; control: ControlClient; app: AppUnderTest; shop: string; say: (text: string) => void };
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
  const script = writeBuyersScript(seed, scenario.size);
  say(`preparing the shop ${shop}`);
  const catalogue = await stockShop(control, shop, scenario.size);
  const rules: EffectRules = { deductSources: [channel], bundles: catalogue.bundles.map(({ variantId, components }) => ({ variantId, components })) };
  await app.prepare(catalogue, rules);
  const before = await control.webhooks();
  await control.setLatency(scenario.graphqlMs);

  say(`the sale starts: ${script.orders} orders`);
  const mischief = { seed, duplicates: { rate: 1, copies: 1 }, ...scenario.mischief };
  const orders = await playSale({ control, catalogue, script, mischief, pauseMs: scenario.pauseMs, say });
  say("the sale is over; waiting until everything is worked on");
  const expected = expectedEffects(orders, rules);
  const outcome = await waitUntilDone({ control, app, shop, expected: expected.values(), stillMs: naive ? stillMs.naive : stillMs.whole, limitMs, say });

  say("comparing the ledger with Shopify's truth, effect by effect");
  const [truth, ledger, log, after] = [await control.truth(shop, 0), await app.ledger(), await control.webhookLog(), await control.webhooks()];
  const contradictions = await app.contradictions(sampleOf(orders), ledger);
  const judgement = judge(expected, truth, ledger);
  const ofShop = log.filter((entry) => entry.shop === shop);
  const lastSentMs = lastOrderSendMs(ofShop);
  const drainSeconds = outcome.doneAtMs === null || lastSentMs === null ? null : Math.max(0, Math.round((outcome.doneAtMs - lastSentMs) / 100) / 10);
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
  });
  return { verdict, findings: judgement.findings, contradictions, orders, ledger, requests: await control.requests(shop) };
}

function sampleOf(orders: readonly RecordedOrder[]): string[] {
  const changed = orders.filter((order) => order.cancelled !== null || order.lines.some((line) => line.refunds.length > 0));
  return [...changed.slice(0, receiptsRead / 2), ...orders.slice(-receiptsRead / 2)].map(({ orderId }) => orderId);
}

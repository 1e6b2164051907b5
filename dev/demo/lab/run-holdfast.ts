// The same sale with the whole of Holdfast, on the demo's own simulated Shopify, web and worker: what the lab's five switches add up to.
import { holdfastClient } from "#simulator/checkout/holdfast-client.ts";
import type { ControlClient } from "#simulator/scenarios/control-client.ts";
import { holdfastApp } from "#simulator/scenarios/holdfast-app.ts";
import { judgeLabSale } from "./judge-lab-sale.ts";
import type { LabResult } from "./lab-result.ts";
import { drawLabSale, LAST_UNITS } from "./lab-sale.ts";
import type { LabSale } from "./lab-sale.ts";
import { LAB_SOURCE, playLabSale, stockLabShop } from "./play-lab-sale.ts";
import type { LabProduct, LabShop } from "./play-lab-sale.ts";
import { ALL_ON } from "./switches.ts";

export type HoldfastUnderTest = {
  control: ControlClient;
  url: string;
  createToken: (shop: string) => Promise<string>;
  /** `kill -9` of the worker, started again at once; and Redis is emptied, where it is the demo's own. */
  accident: () => Promise<void>;
  /** Shopify's latency in the demo, which is put back afterwards. */
  graphqlMs: number;
};

/** A killed worker's call may be sent again after 16 s and is found 5 s later at the latest: its lease is a real one here. */
const LIMIT_MS = 45_000;
const HOLD_SECONDS = 120;
const ASK_AGAIN_MS = 100;
const SETTLED_MS = 10_000;

export async function runHoldfast(under: HoldfastUnderTest, seed: number): Promise<LabResult> {
  const { control, graphqlMs } = under;
  const sale = drawLabSale(seed);
  const shop = await stockLabShop(control, `race-lab-${Date.now().toString(36)}.myshopify.com`);
  let token = "";
  const app = holdfastApp({ url: under.url, control, createToken: async (name) => (token = await under.createToken(name)) });
  await app.prepare({ shop: shop.shop, locations: [shop.lastUnits.stock.locationId], plain: [], bundles: [], locationOf: new Map() }, { deductSources: [LAB_SOURCE], bundles: [] });
  await control.setLatency(graphqlMs);
  await control.addFault({ boundary: "inventoryAdjustQuantities", kind: "after_commit", shop: shop.shop });
  const holds = holdfastClient({ url: under.url, token });
  const web = buyersOfTheStore(control, shop, sale);
  const contender = {
    sell: async (buyer: string, lamp: LabProduct) => await holdThenSell({ control, holds, shop }, buyer, lamp),
    accident: firstWrite(control, shop.shop).then(async () => {
      await web();
      await under.accident();
    }),
    async atRest() {
      const { notifications, changes } = await app.unfinished();
      return notifications + changes === 0;
    },
  };
  try {
    const played = await playLabSale({ control, shop, sale, contender, restOfWeb: web, mayJump: false, limitMs: LIMIT_MS });
    await holdsSettled(control, shop, played.sold);
    const truth = (await control.truth(shop.shop, 0)).filter((entry) => entry.cause.kind === "app");
    const counter = { stock: shop.lastUnits.stock, available: LAST_UNITS.available, sold: played.sold };
    const damage = judgeLabSale({ truth, ledger: await app.ledger(), lines: played.lines, counter });
    const log = (await control.webhookLog()).filter((entry) => entry.shop === shop.shop);
    return {
      kind: "holdfast",
      switches: ALL_ON,
      seed,
      ...damage,
      lateAnswers: log.filter(({ status }) => status === "timeout" || status === "connect_timeout").length,
      calls: (await control.requests(shop.shop)).length,
      waiting: (await app.unfinished()).notifications,
      counterSold: played.sold,
      seconds: played.seconds,
      finished: played.finished,
    };
  } finally {
    await control.planWebhooks({ seed: 1 });
  }
}

type Counter = { control: ControlClient; holds: ReturnType<typeof holdfastClient>; shop: LabShop };

/** As a checkout does it: hold, then take the money, then the order, which names its hold. */
async function holdThenSell({ control, holds, shop }: Counter, buyer: string, lamp: LabProduct): Promise<"sold" | "sold_out"> {
  const wanted = { idempotencyKey: buyer, lines: [{ variantId: lamp.variantId, quantity: 1 }], ttlSeconds: HOLD_SECONDS, reference: buyer };
  const held = await answered(async () => await holds.reserve(wanted));
  if (held.kind === "refused") throw new Error(held.why);
  if (held.kind === "sold_out") return "sold_out";
  const committed = await answered(async () => await holds.commit(held.reservationId, { paymentReference: buyer }));
  if (committed.kind !== "committed") throw new Error(`the hold of ${buyer} was not committed: ${committed.kind}`);
  const attributes = [{ name: "holdfast_reservation", value: held.reservationId }];
  const order = { channel: "api" as const, sourceName: LAB_SOURCE, inventoryBehaviour: "BYPASS" as const, lines: [{ variantId: lamp.variantId, quantity: 1 }], attributes };
  await control.placeOrders(shop.shop, [order]);
  return "sold";
}

async function answered<Answer extends { kind: string }>(ask: () => Promise<Answer>): Promise<Exclude<Answer, { kind: "unanswered" }>> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const answer = await ask();
    if (isAnswer(answer)) return answer;
    if (performance.now() > deadline) throw new Error("Holdfast did not answer a buyer at the counter");
    await new Promise((wake) => setTimeout(wake, ASK_AGAIN_MS));
  }
}

function isAnswer<Answer extends { kind: string }>(answer: Answer): answer is Exclude<Answer, { kind: "unanswered" }> {
  return answer.kind !== "unanswered";
}

/** All that have not bought yet, in one go. */
function buyersOfTheStore(control: ControlClient, shop: LabShop, sale: LabSale): () => Promise<void> {
  const left = [...sale.web];
  return async () => {
    const orders = left.splice(0).map(({ product, quantity }) => ({ channel: "web" as const, lines: [{ variantId: shop.products[product]?.variantId ?? "", quantity }] }));
    if (orders.length > 0) await control.placeOrders(shop.shop, orders);
  };
}

/** Holdfast has no hooks to be stopped at: the accident comes as soon as its first write shows. */
async function firstWrite(control: ControlClient, shop: string): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (performance.now() < deadline) {
    if ((await control.truth(shop, 0)).some((entry) => entry.cause.kind === "app")) return;
    await new Promise((wake) => setTimeout(wake, ASK_AGAIN_MS / 2));
  }
}

/** Units of holds go back when their orders have taken theirs; then as many are off sale as were sold. */
async function holdsSettled(control: ControlClient, { shop, lastUnits }: LabShop, sold: number): Promise<void> {
  const deadline = performance.now() + SETTLED_MS;
  while (performance.now() < deadline) {
    const moved = (await control.truth(shop, 0)).filter((entry) => entry.cause.kind === "app" && entry.name === "available" && entry.inventoryItemId === lastUnits.stock.inventoryItemId);
    if (moved.reduce((sum, { delta }) => sum + delta, 0) === -sold) return;
    await new Promise((wake) => setTimeout(wake, ASK_AGAIN_MS));
  }
}

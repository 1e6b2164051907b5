// Goal: one effect per order whatever Shopify sends, however often, late and in whatever order (issue 3, item 5). Method: the whole house
// behind a front that refuses, delays and repeats; bodies are the simulator's own, taken at the moment of each event. The delayed endpoint
// is delayed by Shopify's own patience: a request is held until Shopify hangs up, on a fast clock.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { startAcceptServer } from "#tests/setup/accept-server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { startWebhookFront, type WebhookFront } from "#tests/setup/webhook-front.ts";

let house: House;
let accept: Awaited<ReturnType<typeof startAcceptServer>>;
let front: WebhookFront;
beforeAll(async () => {
  house = await openHouse();
  accept = await startAcceptServer(house.composed.accept);
  front = await startWebhookFront(accept.origin);
  house.simulator.setAppUrl(front.origin);
});
afterEach(() => {
  front.treat(() => "pass");
  house.simulator.control.setClock({ scale: 1 });
  house.simulator.control.planWebhooks({ seed: 1 });
});
afterAll(async () => {
  await house.close();
  await front.close();
  await accept.close();
});

interface Store {
  readonly shop: HouseShop;
  readonly variantId: string;
  readonly item: string;
}

async function openStore(on: "orders/create" | "orders/paid" = "orders/create"): Promise<Store> {
  const shop = await house.openShop();
  await house.protect(shop, (settings) => ({ ...settings, deduct: { ...settings.deduct, on } }));
  const levels = [{ locationId: shop.locationIds[0] ?? "", available: 100 }];
  const [kettle] = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "K", levels }] }).variants;
  await house.settle(shop.shop);
  return { shop, variantId: kettle?.variantId ?? "", item: kettle?.inventoryItemId ?? "" };
}

const place = ({ shop, variantId }: Store, quantity = 2, paid = true) => {
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", paid, lines: [{ variantId, quantity }] });
  if ("refused" in placed) throw new Error("the order was refused");
  return placed;
};

/** Nothing of what happens inside is sent by itself. */
async function unsent<Result>(act: () => Result): Promise<Result> {
  await house.delivered();
  house.simulator.control.planWebhooks({ seed: 1, loss: { rate: 1 } });
  const result = act();
  await house.delivered();
  house.simulator.control.planWebhooks({ seed: 1 });
  return result;
}

interface Letter {
  readonly topic: string;
  readonly rawBody: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly triggeredAt: string;
}

let letterCount = 0;
/** The order as it is now, as a webhook would carry it. */
function letterOf({ shop }: Store, orderId: string, topic: string, over: Partial<Letter> = {}): Letter {
  const { control } = house.simulator;
  letterCount += 1;
  return { topic, rawBody: JSON.stringify(control.order(shop.shop, orderId)), webhookId: `letter-${letterCount}`, eventId: `event-${letterCount}`, triggeredAt: control.clock().now, ...over };
}

async function send({ shop }: Store, letter: Letter): Promise<number | null> {
  const headers = { "X-Shopify-Webhook-Id": letter.webhookId, "X-Shopify-Event-Id": letter.eventId, "X-Shopify-Triggered-At": letter.triggeredAt };
  return (await house.simulator.control.sendWebhook({ shop: shop.shop, topic: letter.topic, rawBody: letter.rawBody, headers })).status;
}

const deliveries = ({ shop }: Store, webhookId: string) =>
  house.composed.database.query<{ state: string }>(`SELECT state FROM deliveries WHERE install_id = $1 AND webhook_id = $2`, shop.installId, webhookId);
const duplicateCount = async ({ shop }: Store) => {
  const [row] = await house.composed.database.query<{ count: number }>(`SELECT count(*)::int AS count FROM delivery_duplicates WHERE install_id = $1`, shop.installId);
  return row?.count ?? 0;
};

/** What Holdfast has done to stock once everything was worked on, and where ledger and stock differ. */
async function effectOn(store: Store): Promise<{ units: number; differences: string[] }> {
  await house.settle(store.shop.shop);
  return { units: unitsMoved(house, store.shop, store.item), differences: await ledgerDifferences(house, store.shop) };
}

const took = (units: number) => ({ units: units === 0 ? 0 : -units, differences: [] });

describe("a copy of a webhook", () => {
  it("at the same instant, three times, is one entry and one effect", async () => {
    const store = await openStore();
    const placed = await unsent(() => place(store));
    const letter = letterOf(store, placed.orderId, "orders/create");
    expect(await Promise.all([send(store, letter), send(store, letter), send(store, letter)])).toEqual([200, 200, 200]);
    expect(await deliveries(store, letter.webhookId)).toHaveLength(1);
    expect(await duplicateCount(store)).toBe(2);
    expect(await effectOn(store)).toEqual(took(2));
  });

  it.each(["absorb", "derive", "claim", "recordApplied"] as const)("after a worker died at %s is one entry and one effect", async (step) => {
    const store = await openStore();
    const placed = await unsent(() => place(store));
    const letter = letterOf(store, placed.orderId, "orders/create");
    await send(store, letter);
    const { orders, ledger } = house.composed.turnPorts;
    const died = () => Promise.reject(new Error("killed"));
    const dying = step === "absorb" || step === "derive" ? { orders: { ...orders, [step]: died } } : { ledger: { ...ledger, [step]: died } };
    await expect(house.turn(store.shop.shop, dying)).rejects.toThrow("killed");
    expect(await send(store, letter)).toBe(200);
    expect(await deliveries(store, letter.webhookId)).toHaveLength(1);
    expect(await effectOn(store)).toEqual(took(2));
  });

  it("after a month is known, and would have no effect if its entry were gone", async () => {
    const store = await openStore();
    const placed = await unsent(() => place(store));
    const letter = letterOf(store, placed.orderId, "orders/create");
    await send(store, letter);
    expect(await effectOn(store)).toEqual(took(2));
    await house.composed.database.execute(`UPDATE deliveries SET received_at = received_at - interval '31 days', processed_at = processed_at - interval '31 days' WHERE install_id = $1`, store.shop.installId);
    expect(await send(store, letter)).toBe(200);
    expect(await deliveries(store, letter.webhookId)).toHaveLength(1);
    expect(await duplicateCount(store)).toBe(1);
    expect(await effectOn(store)).toEqual(took(2));

    await house.composed.database.execute(`DELETE FROM deliveries WHERE install_id = $1 AND webhook_id = $2`, store.shop.installId, letter.webhookId);
    expect(await send(store, letter)).toBe(200);
    expect(await effectOn(store)).toEqual(took(2));
  });

  it("through a second subscription, with an id of its own, is two entries and one effect", async () => {
    const store = await openStore();
    const placed = await unsent(() => place(store));
    const letter = letterOf(store, placed.orderId, "orders/create");
    const second = { ...letter, webhookId: `${letter.webhookId}-second` };
    await Promise.all([send(store, letter), send(store, second)]);
    expect(await deliveries(store, second.webhookId)).toHaveLength(1);
    expect(await effectOn(store)).toEqual(took(2));
  });
});

/** Each order in which three things can come. */
const ORDERS_OF_ARRIVAL = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] as const;

describe("an order that was created, paid and cancelled", () => {
  const cases = ORDERS_OF_ARRIVAL.flatMap((arrival) => (["orders/create", "orders/paid"] as const).flatMap((on) => [true, false].map((restock) => ({ arrival, on, restock, seconds: arrival[0] === 0 ? 0 : 3 }))));

  it.each(cases)("and heard of as $arrival, $seconds s apart, under $on with restock $restock, takes what it should and nothing twice", async ({ arrival, on, restock, seconds }) => {
    const store = await openStore(on);
    const { control } = house.simulator;
    const letters: Letter[] = [];
    await unsent(() => {
      const { orderId } = place(store, 2, false);
      letters.push(letterOf(store, orderId, "orders/create"));
      control.setClock({ advanceMs: seconds * 1_000 });
      control.payOrder(store.shop.shop, orderId);
      letters.push(letterOf(store, orderId, "orders/paid"));
      control.setClock({ advanceMs: seconds * 1_000 });
      control.cancelOrder(store.shop.shop, orderId, { restock });
      letters.push(letterOf(store, orderId, "orders/cancelled"));
    });
    for (const index of arrival) {
      const letter = letters[index];
      if (letter) await send(store, letter);
      await house.settle(store.shop.shop);
    }
    expect(await effectOn(store)).toEqual(took(restock ? 0 : 2));
  });
});

describe("an update", () => {
  it("that is older than what is known changes nothing", async () => {
    const store = await openStore();
    const { control } = house.simulator;
    const [old, recent] = await unsent(() => {
      const { orderId, lines } = place(store, 2);
      const before = letterOf(store, orderId, "orders/updated");
      control.setClock({ advanceMs: 5_000 });
      control.editOrder(store.shop.shop, orderId, { setQuantities: [{ lineItemId: lines[0]?.lineItemId ?? "", quantity: 5 }] });
      return [before, letterOf(store, orderId, "orders/updated")] as const;
    });
    await send(store, recent);
    expect(await effectOn(store)).toEqual(took(5));
    await send(store, old);
    expect(await effectOn(store)).toEqual(took(5));
  });

  it.each([
    ["the trigger times tell which is newer", false],
    ["nothing tells which is newer, so Shopify is asked", true],
  ])("of the same second with other content ends at what Shopify has, in either order: %s", async (_name, sameTrigger) => {
    for (const reversed of [false, true]) {
      const store = await openStore();
      const { control } = house.simulator;
      const letters = await unsent(() => {
        const { orderId, lines } = place(store, 2);
        const first = letterOf(store, orderId, "orders/updated", { triggeredAt: "2026-11-22T10:00:00.100Z" });
        control.editOrder(store.shop.shop, orderId, { setQuantities: [{ lineItemId: lines[0]?.lineItemId ?? "", quantity: 5 }] });
        const second = letterOf(store, orderId, "orders/updated", { triggeredAt: sameTrigger ? first.triggeredAt : "2026-11-22T10:00:00.200Z" });
        // Both events carry one second, whenever the second really turned.
        const at = /"updated_at":"[^"]+"/.exec(second.rawBody)?.[0] ?? "";
        return [{ ...first, rawBody: first.rawBody.replace(/"updated_at":"[^"]+"/, at) }, second];
      });
      for (const letter of reversed ? letters.toReversed() : letters) {
        await send(store, letter);
        await house.settle(store.shop.shop);
      }
      expect(await effectOn(store)).toEqual(took(5));
    }
  });
});

describe("Shopify's retries", () => {
  it("eight of them, with the payload of then, change nothing of what the order has become since", async () => {
    const store = await openStore();
    const { control } = house.simulator;
    // The first event is refused eight times and heard of hours later; what comes after it arrives at once.
    let refused: string | null = null;
    front.treat(({ topic, webhookId, count }) => {
      if (topic === "orders/create") refused ??= webhookId;
      return webhookId === refused && count <= 8 ? "refuse" : "pass";
    });
    const placed = place(store, 2);
    control.setClock({ advanceMs: 2_000 });
    control.editOrder(store.shop.shop, placed.orderId, { setQuantities: [{ lineItemId: placed.lines[0]?.lineItemId ?? "", quantity: 4 }] });
    await control.drainWebhooks({ skipAhead: true });
    expect(await effectOn(store)).toEqual(took(4));
    expect(front.counts.get(refused ?? "")).toBe(9);
    expect(await deliveries(store, refused ?? "")).toHaveLength(1);
  });

  it("eight copies that were all taken although Shopify heard of none are one entry each and one effect", async () => {
    const store = await openStore();
    house.simulator.control.setClock({ scale: 20 });
    front.treat(({ topic, count }) => (topic === "orders/create" && count <= 8 ? "answer_late" : "pass"));
    place(store, 2);
    await house.simulator.control.drainWebhooks({ skipAhead: true });
    await front.settled();
    expect(Math.max(...front.counts.values())).toBeGreaterThanOrEqual(9);
    expect(await duplicateCount(store)).toBeGreaterThanOrEqual(8);
    expect(await effectOn(store)).toEqual(took(2));
  });
});

describe("an endpoint that is delayed by 6 seconds", () => {
  /** What people write: look, work, write down that it was done, answer. The work takes longer than Shopify waits. */
  async function usualEndpoint(seen: Set<string>, webhookId: string, work: () => Promise<void>): Promise<void> {
    if (seen.has(webhookId)) return;
    await work();
    seen.add(webhookId);
  }

  it("works twice in the usual handler: the retry looks before the first has written down that it was done", async () => {
    const seen = new Set<string>();
    let effects = 0;
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (finish = resolve));
    const first = usualEndpoint(seen, "w", () => slow.then(() => void (effects += 1)));
    const retry = usualEndpoint(seen, "w", () => slow.then(() => void (effects += 1)));
    finish();
    await Promise.all([first, retry]);
    expect(effects).toBe(2);
  });

  it.each(["answer_late", "arrive_late"] as const)("is retried by Shopify, and Holdfast has one entry a webhook and one effect an order (%s)", async (treatment) => {
    const store = await openStore();
    const { control } = house.simulator;
    // Five seconds of Shopify's are a quarter of one here; every request of an order is held until Shopify hangs up, twice.
    control.setClock({ scale: 20 });
    front.treat(({ topic, count }) => (topic.startsWith("orders/") && count <= 2 ? treatment : "pass"));
    const logged = control.webhookLog({ limit: 10_000 }).items.length;
    const orderIds = Array.from({ length: 5 }, () => place(store, 1).orderId);
    await control.drainWebhooks({ skipAhead: true });
    await front.settled();

    const sends = control.webhookLog({ limit: 10_000 }).items.slice(logged).filter((sent) => orderIds.includes(sent.orderId ?? ""));
    expect(sends.filter(({ status }) => status === "timeout").length).toBeGreaterThanOrEqual(orderIds.length * 2);
    const entries = await house.composed.database.query<{ webhook_id: string; count: number }>(
      `SELECT webhook_id, count(*)::int AS count FROM deliveries WHERE install_id = $1 AND topic LIKE 'orders/%' GROUP BY webhook_id`,
      store.shop.installId,
    );
    expect(new Set(entries.map(({ webhook_id }) => webhook_id))).toEqual(new Set(sends.map(({ webhookId }) => webhookId)));
    expect(entries.every(({ count }) => count === 1)).toBe(true);
    expect(await effectOn(store)).toEqual(took(5));
    const effects = await house.composed.database.query<{ count: number }>(`SELECT count(*)::int AS count FROM changes WHERE install_id = $1 GROUP BY order_id`, store.shop.installId);
    expect(effects.map(({ count }) => count)).toEqual(orderIds.map(() => 1));
  });
});

describe("an order older than the install", () => {
  it("is never deducted and never given back, whatever happens to it after the install", async () => {
    const store = await openStore();
    const { control } = house.simulator;
    const placed = control.placeOrder(store.shop.shop, { channel: "api", sourceName: "my-channel", createdAt: "2020-01-01T00:00:00Z", lines: [{ variantId: store.variantId, quantity: 3 }] });
    if ("refused" in placed) throw new Error("the order was refused");
    expect(await effectOn(store)).toEqual(took(0));
    const lineItemId = placed.lines[0]?.lineItemId ?? "";
    control.editOrder(store.shop.shop, placed.orderId, { setQuantities: [{ lineItemId, quantity: 5 }] });
    control.refundOrder(store.shop.shop, placed.orderId, { lines: [{ lineItemId, quantity: 1, restockType: "return" }] });
    control.cancelOrder(store.shop.shop, placed.orderId, { restock: true });
    expect(await effectOn(store)).toEqual(took(0));
    expect(await house.composed.database.query(`SELECT 1 FROM changes WHERE install_id = $1`, store.shop.installId)).toEqual([]);
  });
});

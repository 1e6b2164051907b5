// Goal: while web cannot keep up with notifications, turns and detection begin nothing that keeps PostgreSQL busy; afterwards all of it is done.
import { afterAll, beforeAll, expect, it } from "vitest";

import { detect } from "#app/detection/detect.server.ts";
import { acceptWebhook } from "#app/pipeline/accept/accept-webhook.server.ts";
import type { StockToJudge } from "#app/ports/stock-watch.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";
import { orderBody, webhookRequest } from "#tests/setup/webhook-request.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** A rush that is on until it is let go, and begins when nobody gave way to it so often; tells when somebody has begun to. */
function heldRush(beginsAfter = 0) {
  const asked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  let count = 0;
  const giveWay = () => {
    count += 1;
    if (count <= beginsAfter) return Promise.resolve();
    asked.resolve();
    return over.promise;
  };
  return { rush: { giveWay }, asked: asked.promise, end: over.resolve, count: () => count };
}

/** One order with a line for each of so many variants. */
async function soldOnce(variantCount = 1) {
  const shop = await house.openShop();
  const levels = shop.locationIds.map((locationId) => ({ locationId, available: 9 }));
  const { variants } = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: Array.from({ length: variantCount }, (_, index) => ({ sku: `KETTLE-${index}`, levels })) });
  const kettle = variants[0];
  if (!kettle) throw new Error("the product has a variant");
  await house.protect(shop);
  house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: variants.map(({ variantId }) => ({ variantId, quantity: 2 })) });
  await house.delivered();
  return { shop, kettle };
}

it("a turn takes nothing in while the rush is on, and everything afterwards", async () => {
  const { shop, kettle } = await soldOnce();
  const held = heldRush();
  const turn = house.turn(shop.shop, { rush: held.rush });
  await held.asked;
  expect(await house.composed.database.query(`SELECT 1 FROM orders WHERE install_id = $1`, shop.installId)).toEqual([]);
  expect(await house.composed.database.query(`SELECT 1 FROM deliveries WHERE install_id = $1 AND state = 'pending'`, shop.installId)).not.toEqual([]);
  held.end();
  await turn;
  // Before it takes in, before it derives, before each call.
  expect(held.count()).toBeGreaterThanOrEqual(3);
  await house.settle(shop.shop);
  expect(unitsMoved(house, shop, kettle.inventoryItemId)).toBe(-2);
  expect(await ledgerDifferences(house, shop)).toEqual([]);
});

it("detection looks at nothing while the rush is on", async () => {
  const { shop } = await soldOnce();
  await house.settle(shop.shop);
  const held = heldRush();
  const looked: string[] = [];
  const { detection } = house.composed;
  const watched = {
    ...detection,
    rush: held.rush,
    detectionOrders: { ...detection.detectionOrders, take: (limit: number, leaseMs: number) => (looked.push("orders"), detection.detectionOrders.take(limit, leaseMs)) },
  };
  const round = detect(watched, new AbortController().signal);
  await held.asked;
  expect(looked).toEqual([]);
  held.end();
  await round;
  expect(looked).toEqual(["orders"]);
});

it("a rush that begins while stocks are judged waits for the items under way, not for all that the step took", async () => {
  const { shop } = await soldOnce(6);
  await house.settle(shop.shop);
  const { detection, database } = house.composed;
  await detect(detection, new AbortController().signal);
  await database.execute(`UPDATE stock_judgements SET due_at = now() WHERE install_id = $1 AND due_at < 'infinity'`, shop.installId);
  const judged = new Set<string>();
  const stockWatch = {
    ...detection.stockWatch,
    history: (stock: StockToJudge) => (judged.add(stock.inventoryItemId), detection.stockWatch.history(stock)),
  };
  // Before orders, and before each of the first two items: two are judged at once.
  const held = heldRush(3);
  const round = detect({ ...detection, stockWatch, rush: held.rush }, new AbortController().signal);
  await held.asked;
  expect(judged.size).toBe(2);
  held.end();
  await round;
  expect(judged.size).toBe(6);
});

it("a web process that cannot keep up says so where workers hear it", async () => {
  house.composed.rush.say();
  await house.composed.redis.commands.ping();
  expect(await house.composed.redis.commands.exists(`${house.redisPrefix}:rush`)).toBe(1);
});

it("counts every webhook that comes, whatever becomes of it", async () => {
  const { accept } = house.composed;
  expect(accept.rushWatch).toBeDefined();
  let count = 0;
  const counting = { ...accept, rushWatch: { noteWebhook: () => (count += 1) } };
  await acceptWebhook(webhookRequest(orderBody()), counting);
  await acceptWebhook(webhookRequest(orderBody(), { secret: "wrong" }), counting);
  expect(count).toBe(2);
});

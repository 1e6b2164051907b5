// Goal: the route of the webhooks answers by itself, and leaves waiting for the commit to a web server that offers it. Method: its action and loader called as Remix does.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Composition } from "#app/composition.server.ts";
import { type BareAnswer, receiveWebhook } from "#app/pipeline/accept/received-webhook.ts";
import { action, loader } from "#app/routes/webhooks.tsx";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { orderBody, webhookRequest } from "#tests/setup/webhook-request.ts";

const home = globalThis as { holdfast?: Composition };
let house: House;
let shop: HouseShop;

beforeAll(async () => {
  house = await openHouse();
  home.holdfast = house.composed;
  shop = await house.openShop();
});
afterAll(async () => {
  delete home.holdfast;
  await house.close();
});

const request = () => webhookRequest(orderBody({}), { shop: shop.shop });
const storedCount = async () => Number((await house.composed.database.query<{ count: bigint }>(`SELECT count(*) AS count FROM deliveries WHERE install_id = $1`, shop.installId))[0]?.count);

describe("the route of the webhooks", () => {
  it("answers when the webhook is stored", async () => {
    const before = await storedCount();
    const { status } = await action({ request: request(), params: {}, context: {} });
    expect([status, (await storedCount()) - before]).toEqual([200, 1]);
  });

  it("hands its answer over before the webhook is stored, where the web server waits for it", async () => {
    const before = await storedCount();
    const webhook = await receiveWebhook(request());
    const promised: Promise<BareAnswer>[] = [];
    const lock = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const locking = house.composed.database.transaction(async (tx) => {
      await tx.execute("LOCK TABLE deliveries IN EXCLUSIVE MODE");
      locked.resolve();
      await lock.promise;
    });
    await locked.promise;
    const left = await action({ request: new Request("https://app.example.com/webhooks", { method: "POST" }), params: {}, context: { webhook, answerLater: (answer) => void promised.push(answer) } });
    expect([left.status, promised.length, (await storedCount()) - before]).toEqual([202, 1, 0]);
    lock.resolve();
    await locking;
    expect([await promised[0], (await storedCount()) - before]).toEqual([{ status: 200, headers: {} }, 1]);
  });

  it("takes nothing but POST", async () => {
    const answer = await loader({ request: new Request("https://app.example.com/webhooks"), params: {}, context: {} });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  });
});

// Goal: the blocks in Shopify's admin are told what the pages tell, in a way that Shopify's own origin may read, and what a person does there
// is done as that person. Method: the routes as Remix calls them, session tokens of the simulated Shopify, an order that is really short.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { answerExtension as AnswerExtensionFunction } from "#app/extension-api/answer-extension.server.ts";
import type { OrderActAnswer, OrderStockAnswer, VariantStockAnswer } from "#app/extension-api/extension-answers.ts";
import { BROWSER, openAppRoutes, type AppRoutes, type RouteRequest } from "#tests/setup/app-routes.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { detectionStage, idOf } from "./detection-fixture.ts";

type AnswerExtension = typeof AnswerExtensionFunction;

/** Of the shop: may look at orders, and hold none. */
const LOOKER = "7002";
/** Where Shopify runs extensions. */
const ORIGIN = "https://extensions.shopifycdn.com";

let house: House;
let app: AppRoutes;
let shop: HouseShop;
let variantId: string;
let shortOrder: string;
/** Read when the house stands: it reaches for the process's composition. */
let answerExtension: AnswerExtension;

const { shopWithMug, sell, judged } = detectionStage(() => house);

beforeAll(async () => {
  house = await openHouse();
  app = await openAppRoutes(house);
  ({ answerExtension } = await import("#app/extension-api/answer-extension.server.ts"));
  const stage = await shopWithMug([1], ["write_inventory", "write_merchant_managed_fulfillment_orders"]);
  ({ shop } = stage);
  variantId = idOf(stage.mug.variantId);
  sell(shop, stage.mug.variantId, 1);
  shortOrder = idOf(sell(shop, stage.mug.variantId, 1).orderId);
  await judged(shop);
  house.simulator.control.setStaff(shop.shop, { id: LOOKER, scopes: ["read_orders", "read_inventory", "write_inventory"] });
});
afterAll(() => house.close());

function routeOf(path: string) {
  const route = app.routes.find((one) => one.path === path);
  if (route === undefined) throw new Error(`there is no route ${path}`);
  return route;
}

async function ask<Answer>(path: string, parameters: Readonly<Record<string, string>>, request: RouteRequest = {}): Promise<{ status: number; data: Answer }> {
  const { status, data } = await app.load(routeOf(path), shop.shop, { ...request, parameters });
  return { status, data: data as Answer };
}

const askOrder = () => ask<OrderStockAnswer>("/extension/orders/:orderId", { orderId: shortOrder });

async function act(form: Readonly<Record<string, string>>, staff?: string): Promise<OrderActAnswer> {
  const answer = await app.act(routeOf("/extension/orders/:orderId"), shop.shop, form, { parameters: { orderId: shortOrder }, ...(staff === undefined ? {} : { staff }) });
  expect(answer.status).toBe(200);
  return answer.data as OrderActAnswer;
}

/** The answer itself, headers and all. */
async function raw(init: RequestInit): Promise<Response> {
  const { module } = routeOf("/extension/variants/:variantId");
  const run = module.loader;
  if (run === undefined) throw new Error("it has a loader");
  return (await run({ request: new Request(`http://127.0.0.1/extension/variants/${variantId}`, init), params: { variantId }, context: {} })) as Response;
}

describe("the block on a variant's page", () => {
  it("is told of the oversell and who goes short, by the gid that the admin gives or the number in it", async () => {
    for (const id of [variantId, `gid://shopify/ProductVariant/${variantId}`]) {
      const { status, data } = await ask<VariantStockAnswer>("/extension/variants/:variantId", { variantId: id });
      expect(status).toBe(200);
      expect(data.oversells).toMatchObject([{ heading: expect.stringMatching(/1 unit of Mug too many was sold$/), page: expect.stringMatching(/^\/app\/oversells\/\d+$/) }]);
      expect(data.oversells[0]?.text).toMatch(/is short of stock\.$/);
    }
  });

  it("is told of a change with its cause, the levels and its order", async () => {
    const own = await house.openShop();
    await house.protect(own);
    const [mug] = house.simulator.control.createProduct(own.shop, { title: "Mug", variants: [{ sku: "M", levels: [{ locationId: own.locationIds[0] ?? "", available: 10 }] }] }).variants;
    const placed = house.simulator.control.placeOrder(own.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: mug?.variantId ?? "", quantity: 3 }] });
    if ("refused" in placed) throw new Error("the order was refused");
    await house.settle(own.shop);
    const { data } = await app.load(routeOf("/extension/variants/:variantId"), own.shop, { parameters: { variantId: idOf(mug?.variantId ?? "") } });
    expect((data as VariantStockAnswer).changes).toMatchObject([{ delta: "−3", cause: "Order placed", order: placed.name, state: "Applied", levels: "10 → 7" }]);
  });

  it("is told 404 of a variant that nothing is known of, and of what is no id", async () => {
    for (const id of ["999", "gid://shopify/Order/1", "x"]) expect((await ask("/extension/variants/:variantId", { variantId: id })).status).toBe(404);
  });
});

describe("the block on an order's page", () => {
  it("is refused by Shopify for a person who may not hold orders, and the order is not held", async () => {
    const { data } = await askOrder();
    expect(data.shortages).toMatchObject([{ canHold: true, canRelease: false, hold: null }]);
    const refused = await act({ act: "hold", oversell: data.shortages[0]?.oversellId ?? "" }, LOOKER);
    expect(refused).toMatchObject({ kind: "not_allowed", title: "Nothing was done: your Shopify account may not do this" });
    expect((await askOrder()).data.shortages).toMatchObject([{ canHold: true, canRelease: false }]);
  });

  it("holds the fulfilment of a short order and releases it, each act under the person's name", async () => {
    const oversell = (await askOrder()).data.shortages[0]?.oversellId ?? "";
    expect(await act({ act: "hold", oversell })).toMatchObject({ kind: "done", tone: "success" });
    expect((await askOrder()).data.shortages).toMatchObject([{ canHold: false, canRelease: true, hold: { state: "Fulfilment on hold" } }]);
    expect(await act({ act: "release", oversell })).toMatchObject({ kind: "done" });
    expect((await askOrder()).data.shortages).toMatchObject([{ canHold: true, canRelease: false, hold: { state: "Hold released" } }]);
    const actors = await house.composed.database.query<{ actor: string }>(`SELECT DISTINCT actor FROM audit_entries WHERE install_id = $1 AND kind LIKE '%hold%'`, shop.installId);
    expect(actors).toHaveLength(1);
    expect(actors[0]?.actor).toMatch(/^staff:\d+$/);
  });

  it("does nothing with an act, an incident or an order that it does not know", async () => {
    const oversell = (await askOrder()).data.shortages[0]?.oversellId ?? "";
    expect(await act({ act: "handled", oversell })).toMatchObject({ kind: "not_understood" });
    expect(await act({ act: "hold", oversell: "12345678" })).toMatchObject({ kind: "not_found" });
    const unknown = await app.act(routeOf("/extension/orders/:orderId"), shop.shop, { act: "hold", oversell }, { parameters: { orderId: "999" } });
    expect(unknown.status).toBe(404);
  });

  it("answers 400 to what is no form", async () => {
    const run = routeOf("/extension/orders/:orderId").module.action;
    if (run === undefined) throw new Error("it has an action");
    const { token } = house.simulator.control.sessionToken(shop.shop, {});
    const request = new Request(`http://127.0.0.1/extension/orders/${shortOrder}`, { method: "POST", body: "{", headers: { Authorization: `Bearer ${token}`, "User-Agent": BROWSER, "Content-Type": "text/plain" } });
    expect(await run({ request, params: { orderId: shortOrder }, context: {} })).toMatchObject({ status: 400 });
  });

  it("says where the permission to hold is missing in the shop", async () => {
    house.simulator.control.setScopes(shop.shop, { granted: ["read_orders", "read_inventory", "read_products", "read_locations", "write_inventory"] });
    await house.settle(shop.shop);
    const { data } = await askOrder();
    expect(data.mayHold).toBe(false);
    expect(await act({ act: "hold", oversell: data.shortages[0]?.oversellId ?? "" })).toMatchObject({ kind: "scope_missing" });
  });
});

describe("an answer to a block", () => {
  it("may be read from Shopify's origin, refusals too, and the browser is told so beforehand", async () => {
    const preflight = await raw({ method: "OPTIONS", headers: { Origin: ORIGIN, "Access-Control-Request-Headers": "authorization" } });
    expect({ status: preflight.status, allowed: preflight.headers.get("Access-Control-Allow-Headers") }).toEqual({ status: 204, allowed: "Authorization, Content-Type" });
    for (const authorization of [undefined, "Bearer forged.token.here"]) {
      const refused = await raw({ headers: { Origin: ORIGIN, "User-Agent": BROWSER, ...(authorization === undefined ? {} : { Authorization: authorization }) } });
      expect({ status: refused.status, origin: refused.headers.get("Access-Control-Allow-Origin") }).toEqual({ status: 401, origin: "*" });
    }
  });

  it("is 429 with the seconds to wait once a person asks more often than a program may", async () => {
    const taken: string[] = [];
    const rateLimiter = { take: (key: string) => (taken.push(key), taken.length > 1 ? ({ kind: "limited", retryAfterSeconds: 3 } as const) : ({ kind: "allowed" } as const)) };
    const { token } = house.simulator.control.sessionToken(shop.shop, { staff: LOOKER });
    const request = () => new Request("http://127.0.0.1/extension/orders/1", { headers: { Authorization: `Bearer ${token}`, "User-Agent": BROWSER } });
    const answers = [1, 2].map(() => answerExtension(request(), () => Promise.resolve(new Response("{}")), () => ({ rateLimiter, logger: house.composed.logger })));
    const [first, second] = await Promise.all(answers);
    expect([first?.status, second?.status, second?.headers.get("Retry-After")]).toEqual([200, 429, "3"]);
    expect(taken).toEqual([`staff:${LOOKER}@${shop.installId}`, `staff:${LOOKER}@${shop.installId}`]);
  });

  it("is 500 as JSON when something throws, and says nothing of what", async () => {
    const { token } = house.simulator.control.sessionToken(shop.shop, {});
    const request = new Request("http://127.0.0.1/extension/orders/1", { headers: { Authorization: `Bearer ${token}`, "User-Agent": BROWSER } });
    const logged: object[] = [];
    const answer = await answerExtension(request, () => Promise.reject(new Error("SELECT secret")), () => ({ rateLimiter: { take: () => ({ kind: "allowed" }) }, logger: { error: (fields) => void logged.push(fields) } }));
    expect([answer.status, answer.headers.get("Access-Control-Allow-Origin"), (await answer.text()).includes("secret")]).toEqual([500, "*", false]);
    expect(logged).toHaveLength(1);
  });
});

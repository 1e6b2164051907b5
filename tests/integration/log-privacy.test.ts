// Goal: nothing that a customer wrote and no secret reaches the log, whatever arrives and however it fails.
// Method: notifications full of marked personal data in every place, right and odd, through the route and the turns at LOG_LEVEL=debug; every line is read.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createJsonLogger } from "#app/adapters/telemetry/json-logger.server.ts";
import type { Composition } from "#app/composition.server.ts";
import { METRIC_TOPICS } from "#app/pipeline/accept/accept-webhook.server.ts";
import { action } from "#app/routes/webhooks.tsx";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { orderBody, TEST_SECRET, webhookRequest, type WebhookOverrides } from "#tests/setup/webhook-request.ts";

/** Stands in every personal value; no code of ours writes it. */
const MARK = "zq-private";
const PERSON = {
  email: `${MARK}@example.com`,
  contact_email: `${MARK}@example.com`,
  phone: `+49 ${MARK}`,
  note: `${MARK} please ring`,
  browser_ip: MARK,
  customer: { id: 7, email: `${MARK}@example.com`, first_name: MARK, default_address: { address1: MARK } },
  shipping_address: { name: MARK, address1: MARK, phone: MARK },
  billing_address: { name: MARK },
  note_attributes: [{ name: MARK, value: MARK }],
};

const FAULTS = ["http_5xx", "throttled", "http_429", "html", "user_error"] as const;

const lines: string[] = [];
const home = globalThis as { holdfast?: Composition };
let house: House;
let shop: HouseShop;
let variantId: string;
beforeAll(async () => {
  house = await openHouse({ logLevel: "debug", logTo: { write: (line) => void lines.push(line) } });
  home.holdfast = house.composed;
  shop = await openSteadyShop();
});

async function openSteadyShop(): Promise<HouseShop> {
  const opened = await house.openShop();
  const product = house.simulator.control.createProduct(opened.shop, { title: "Kettle", variants: [{ sku: "KETTLE", levels: [{ locationId: opened.locationIds[0] ?? "", available: 1_000 }] }] });
  variantId = product.variants[0]?.variantId ?? "";
  await house.protect(opened);
  await house.settle(opened.shop);
  return opened;
}
afterAll(async () => {
  delete home.holdfast;
  await house.close();
});

async function send(body: unknown, overrides: WebhookOverrides = {}): Promise<number> {
  const response = await action({ request: webhookRequest(body, { shop: shop.shop, ...overrides }), params: {}, context: {} });
  return response.status;
}

function personalOrder(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const line = { id: 1, variant_id: 11, sku: "KETTLE", quantity: 1, current_quantity: 1, properties: [{ name: MARK, value: MARK }], variant_inventory_management: "shopify" };
  return orderBody({ ...PERSON, line_items: [line], ...over });
}

/** The order with each of its fields, one after the other, holding what it should not. */
function oddOrders(): Record<string, unknown>[] {
  const strange = [`${MARK}\u0000`, { [MARK]: MARK }, [MARK], Number.MAX_VALUE];
  return Object.keys(personalOrder()).flatMap((field) => strange.map((value, index) => personalOrder({ id: 9_000 + index, [field]: value })));
}

const linesWith = (text: string) => lines.filter((line) => line.includes(text));

describe("the log at its most talkative", () => {
  it("holds nothing that a customer wrote, whatever the notification's shape and whatever its topic", async () => {
    lines.length = 0;
    for (const topic of METRIC_TOPICS) await send(personalOrder({ id: 8_000 }), { topic });
    for (const body of oddOrders()) await send(body);
    expect(await send(`{"email": "${MARK}@example.com", `)).toBe(400);
    expect(await send(personalOrder(), { secret: "forged" })).toBe(401);
    expect(await send(personalOrder(), { headers: { "X-Shopify-Topic": null } })).toBe(400);
    expect(await send(JSON.stringify({ ...personalOrder(), note: MARK.repeat(500_000) }))).toBe(413);
    // Its own shop may be gone by now: one of the topics was app/uninstalled, with a body that does not name it.
    await house.settle(shop.shop);
    expect(lines.length).toBeGreaterThan(METRIC_TOPICS.length);
    expect(linesWith(MARK)).toEqual([]);
  });

  it("holds nothing of it when Shopify fails, answers nonsense and refuses", async () => {
    lines.length = 0;
    // Another one: among the topics were some that end what an app may do in a shop.
    shop = await openSteadyShop();
    const { control } = house.simulator;
    for (const kind of [...FAULTS, null]) {
      if (kind !== null) control.addFault({ boundary: "inventoryAdjustQuantities", shop: shop.shop, kind, ...(kind === "user_error" ? { code: "INVALID_REASON" } : {}) });
      const placed = control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity: 1 }] });
      if ("refused" in placed) throw new Error("the order was refused");
      await send(personalOrder({ id: 7_000 }), { topic: "orders/updated" });
      await house.settle(shop.shop);
    }
    expect(linesWith("Shopify refused").length).toBeGreaterThan(0);
    expect(linesWith("change applied").length).toBeGreaterThan(0);
    expect(linesWith(MARK)).toEqual([]);
  });

  it("holds no secret: no token of the shop, no signing secret, no key, no password", async () => {
    const session = await house.composed.shopify.sessionStorage.loadSession(`offline_${shop.shop}`);
    const secrets = [session?.accessToken, session?.refreshToken, Buffer.from(house.environment.encryptionKeys[0]).toString("base64"), new URL(house.environment.databaseUrl).password];
    expect(session?.accessToken).toBeTruthy();
    for (const secret of [...secrets, TEST_SECRET].filter((text) => text !== undefined && text !== "")) expect(linesWith(String(secret))).toEqual([]);
  });

  it("would be caught here if it held any: a line with a body is found, and what is named like a secret is taken out by the logger", () => {
    const written: string[] = [];
    const logger = createJsonLogger({ level: "debug", service: "web", destination: { write: (line) => void written.push(line) } });
    logger.info({ payload: personalOrder() }, "a body");
    expect(written.filter((line) => line.includes(MARK))).toHaveLength(1);
    logger.info({ accessToken: "shpat_secret", session: { refreshToken: "shprt_secret" }, authorization: "Bearer hf_secret" }, "tokens");
    expect(written.at(-1)).not.toContain("secret\"");
    expect(written.at(-1)).toContain("[redacted]");
  });
});

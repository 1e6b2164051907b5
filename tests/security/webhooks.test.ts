// Goal: whoever cannot sign as Shopify does, or repeats what Shopify once signed, moves no unit and leaves no row.
// Method: the route's own acceptance over a real database; each attack beside the same without its guard, where it succeeds.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { acceptWebhook } from "#app/pipeline/accept/accept-webhook.server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { orderBody, webhookRequest, type WebhookOverrides } from "#tests/setup/webhook-request.ts";

/** As interfaces.md promises. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

let house: House;
let shop: HouseShop;
let variantId: string;
let itemId: string;

beforeAll(async () => {
  house = await openHouse();
  shop = await house.openShop();
  const [variant] = house.simulator.control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "KETTLE", levels: [{ locationId: shop.locationIds[0] ?? "", available: 100 }] }] }).variants;
  if (variant === undefined) throw new Error("the product has a variant");
  ({ variantId, inventoryItemId: itemId } = variant);
  await house.protect(shop);
  await house.settle(shop.shop);
});
afterAll(() => house.close());

const send = (body: unknown, overrides: WebhookOverrides = {}) => acceptWebhook(webhookRequest(body, { shop: shop.shop, ...overrides }), house.composed.accept);
const available = () => Number(house.simulator.control.levels(shop.shop).find((level) => level["inventoryItemId"] === itemId)?.["available"]);

async function deliveryCount(): Promise<number> {
  const [row] = await house.composed.database.query<{ count: number }>("SELECT count(*)::int AS count FROM deliveries");
  return row?.count ?? 0;
}

describe("a forged webhook", () => {
  const GOOD_OF_ANOTHER = "c2lnbmVkIGJ5IG5vYm9keSwgYnV0IG9mIHRoZSByaWdodCBs";

  it("is refused and leaves nothing, however its signature is made up", async () => {
    const before = await deliveryCount();
    const forged: WebhookOverrides[] = [
      { secret: "guessed" }, { secret: "" }, { headers: { "X-Shopify-Hmac-Sha256": GOOD_OF_ANOTHER } }, { headers: { "X-Shopify-Hmac-Sha256": "=" } }, { headers: { "X-Shopify-Hmac-Sha256": "AAAA" } },
      // What a comparison by prefix, or of the text, would let through.
      { headers: { "X-Shopify-Hmac-Sha256": `${"A".repeat(43)}=` } },
    ];
    for (const overrides of forged) expect((await send(orderBody({ id: 1 }), overrides)).outcome).toBe("bad_signature");
    const signed = webhookRequest(orderBody({ id: 1 }), { shop: shop.shop });
    const changed = new Request(signed.url, { method: "POST", headers: signed.headers, body: JSON.stringify(orderBody({ id: 2 })) });
    expect((await acceptWebhook(changed, house.composed.accept)).outcome).toBe("bad_signature");
    expect((await send(orderBody({ id: 1 }), { headers: { "X-Shopify-Hmac-Sha256": null } })).outcome).toBe("bad_headers");
    expect(await deliveryCount()).toBe(before);
  });

  it("would be work without the check of its signature", async () => {
    const before = await deliveryCount();
    const guessed = { ...house.composed.accept, secrets: ["guessed"] };
    expect((await acceptWebhook(webhookRequest({ id: 5 }, { shop: shop.shop, topic: "inventory_items/update", secret: "guessed" }), guessed)).outcome).toBe("accepted");
    expect(await deliveryCount()).toBe(before + 1);
  });
});

describe("a replayed webhook", () => {
  it("takes no second unit: neither under its own id, nor under ids of the replayer's own, which nothing signs", async () => {
    const before = available();
    const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity: 1 }] });
    if ("refused" in placed) throw new Error("the order was refused");
    await house.settle(shop.shop);
    expect(available()).toBe(before - 1);
    const [delivery] = await house.composed.database.query<{ webhook_id: string; order_id: string }>("SELECT webhook_id, order_id FROM deliveries WHERE topic = 'orders/create' ORDER BY id DESC LIMIT 1");
    const captured = orderBody({
      id: Number(delivery?.order_id),
      updated_at: "2020-01-01T00:00:00Z",
      line_items: [{ id: 77, variant_id: Number(variantId.split("/").at(-1)), sku: "KETTLE", name: "Kettle", quantity: 1, current_quantity: 1, gift_card: false, variant_inventory_management: "shopify" }],
    });
    expect((await send(captured, { webhookId: delivery?.webhook_id ?? "" })).outcome).toBe("duplicate");
    const replayed = ["orders/create", "orders/create", "orders/paid", "orders/updated"];
    const accepted = await Promise.all(replayed.map(async (topic) => (await send(captured, { topic })).outcome));
    // Nothing at the door tells them from new ones: who takes a unit for each webhook id that he has not seen takes four more.
    expect(accepted).toEqual(replayed.map(() => "accepted"));
    await house.settle(shop.shop);
    expect(available()).toBe(before - 1);
    const taken = await house.composed.database.query("SELECT 1 FROM changes WHERE order_id = $1", delivery?.order_id ?? "");
    expect(taken).toHaveLength(1);
  });
});

describe("an oversized or deeply nested webhook", () => {
  it("is refused before it is parsed, or as no JSON, and costs nobody a stack", async () => {
    const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect((await send("x".repeat(BODY_BYTES_MAX + 1))).outcome).toBe("too_large");
    // With a long number in it ids are kept to the digit, by a parser that goes as deep as the text does.
    expect((await send(`${deep(300_000).replace("[]", "[12345678901234567890]")}`)).outcome).toBe("bad_json");
    expect(["rejected", "bad_json"]).toContain((await send(deep(300_000))).outcome);
    expect(["rejected", "bad_json"]).toContain((await send(`${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`)).outcome);
    expect((await send(`{"id": 1, "line_items": [${Array.from({ length: 5_000 }, () => "{}").join(",")}], "updated_at": "2026-01-01T00:00:00Z"}`)).outcome).toBe("rejected");
    expect((await send('{"__proto__": {"isAdmin": true}, "id": 3, "sku": "S"}', { topic: "inventory_items/update" })).outcome).toBe("accepted");
    expect(Object.prototype).not.toHaveProperty("isAdmin");
  });
});

// GET /api/v1/changes and the order receipt against a real database: filters, pages that do not shift, and other shops' rows out of reach.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { changesEndpoint } from "#app/api/changes-endpoint.server.ts";
import type { Endpoint } from "#app/api/endpoint.server.ts";
import { receiptEndpoint } from "#app/api/receipt-endpoint.server.ts";
import type { ActiveInstall } from "#app/dashboard/dependencies.ts";

import { NOW, openDashboardFixture, seedChange, seedDelivery, seedOrder, type DashboardFixture } from "./dashboard-fixture.ts";

let fixture: DashboardFixture;
let install: ActiveInstall;
let other: ActiveInstall;
let token: string;

beforeEach(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com");
  other = await fixture.install("two.myshopify.com");
  const created = await fixture.dependencies.apiTokenStore.create({ installId: install.installId, label: "test", actor: "staff:1" });
  token = created.kind === "created" ? created.token : "";
});

afterEach(async () => {
  await fixture.close();
});

/** What the two endpoints may answer, as far as these tests look into it. */
interface Body {
  readonly items: readonly { readonly id: string }[];
  readonly nextCursor: string | null;
  readonly deliveries: readonly { readonly webhookId: string; readonly duplicates: number }[];
  readonly changes: readonly { readonly attempts: readonly { readonly number: number; readonly outcome: string | null }[] }[];
}

async function call(endpoint: Endpoint, path: string, params: Record<string, string> = {}): Promise<{ status: number; body: Body }> {
  const request = new Request(`http://app.test${path}`, { headers: { Authorization: `Bearer ${token}` } });
  const response = await endpoint({ request, params }, () => fixture.dependencies);
  return { status: response.status, body: await response.json() };
}

const changes = (query = "") => call(changesEndpoint, `/api/v1/changes${query}`);
const receipt = (orderId: string) => call(receiptEndpoint, `/api/v1/orders/${encodeURIComponent(orderId)}/receipt`, { orderId });
const idsOf = (body: Body) => body.items.map((item) => item.id);

describe("GET /api/v1/changes", () => {
  it("shows a change with gids, its mutation's key and its quantities", async () => {
    const id = await seedChange(fixture.database, install, { state: "applied", inventoryItemId: "271878346596884015", delta: -2 });
    const { body } = await changes();
    expect(body.nextCursor).toBeNull();
    expect(body.items).toEqual([
      expect.objectContaining({
        id: String(id),
        orderId: "gid://shopify/Order/1001",
        orderName: "#1001",
        lineId: "gid://shopify/LineItem/31",
        variantId: "gid://shopify/ProductVariant/41",
        inventoryItemId: "gid://shopify/InventoryItem/271878346596884015",
        locationId: "gid://shopify/Location/61",
        quantityName: "available",
        delta: -2,
        state: "applied",
        before: 5,
        after: 3,
        webhookId: "webhook-1",
        traceId: "trace-1",
        settingsVersion: 1,
        mutationKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
        finishedAt: NOW.toISOString(),
      }),
    ]);
  });

  it("filters by each of its parameters", async () => {
    const one = await seedChange(fixture.database, install, { orderId: "1", inventoryItemId: "11", webhookId: "w1", traceId: "t1", state: "parked" });
    const two = await seedChange(fixture.database, install, { orderId: "2", inventoryItemId: "22", webhookId: "w2", traceId: "t2", state: "applied" });
    const expectOnly = async (query: string, id: bigint) => expect(idsOf((await changes(query)).body)).toEqual([String(id)]);
    await expectOnly("?orderId=1", one);
    await expectOnly(`?orderId=${encodeURIComponent("gid://shopify/Order/2")}`, two);
    await expectOnly("?inventoryItemId=11", one);
    await expectOnly("?webhookId=w2", two);
    await expectOnly("?traceId=t1", one);
    await expectOnly("?state=applied", two);
    expect(idsOf((await changes("?state=applied,parked")).body)).toEqual([String(two), String(one)]);
    expect(idsOf((await changes("?orderId=1&state=applied")).body)).toEqual([]);
  });

  it("gives everything that the filters find as a file, without pages", async () => {
    for (let index = 0; index < 3; index++) await seedChange(fixture.database, install, { state: "parked" });
    await seedChange(fixture.database, install, { state: "applied" });
    await seedChange(fixture.database, other, { state: "parked" });
    const request = (query: string) => changesEndpoint({ request: new Request(`http://app.test/api/v1/changes${query}`, { headers: { Authorization: `Bearer ${token}` } }), params: {} }, () => fixture.dependencies);
    const file = await request("?format=csv&state=parked");
    expect([file.status, file.headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8"]);
    expect((await request("?format=csv")).status).toBe(503);
    expect((await file.text()).trimEnd().split("\r\n")).toHaveLength(4);
    expect([(await request("?format=csv&limit=5")).status, (await request("?format=xml")).status]).toEqual([400, 400]);
  });

  it("gives every change exactly once over pages, newest first, while new ones arrive", async () => {
    const seeded: bigint[] = [];
    for (let index = 0; index < 7; index++) seeded.push(await seedChange(fixture.database, install));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const body: Body = (await changes(`?limit=3${cursor === null ? "" : `&cursor=${cursor}`}`)).body;
      seen.push(...idsOf(body));
      cursor = body.nextCursor;
      await seedChange(fixture.database, install);
    } while (cursor !== null);
    expect(seen).toEqual(seeded.map(String).toReversed());
  });

  it("ends without a cursor when the last page is exactly full", async () => {
    for (let index = 0; index < 4; index++) await seedChange(fixture.database, install);
    const first = (await changes("?limit=2")).body;
    const second = (await changes(`?limit=2&cursor=${first.nextCursor}`)).body;
    expect([second.items.length, second.nextCursor]).toEqual([2, null]);
  });

  it("never shows another shop's changes, whatever is asked for", async () => {
    await seedChange(fixture.database, other, { orderId: "77", webhookId: "theirs", inventoryItemId: "88", traceId: "their-trace", state: "applied" });
    for (const query of ["", "?orderId=77", "?webhookId=theirs", "?inventoryItemId=88", "?traceId=their-trace", "?state=applied", "?limit=250"]) {
      expect((await changes(query)).body).toEqual({ items: [], nextCursor: null });
    }
  });

  it.each(["webhookId", "traceId"])("takes hostile text in %s for text", async (name) => {
    await seedChange(fixture.database, install);
    for (const text of ["' OR '1'='1", "$1", "%", "\\", "webhook-1'--", "\uFFFD", "{}", "null"]) {
      expect(await changes(`?${name}=${encodeURIComponent(text)}`)).toMatchObject({ status: 200, body: { items: [] } });
    }
  });
});

describe("GET /api/v1/orders/:orderId/receipt", () => {
  it("shows what was received, what was decided and what became of each unit", async () => {
    await seedOrder(fixture.database, install, "1001");
    await seedDelivery(fixture.database, install, { webhookId: "webhook-1", duplicates: 2 });
    await seedDelivery(fixture.database, install, { webhookId: "webhook-2" });
    await seedChange(fixture.database, install, { state: "applied" });
    const { status, body } = await receipt("1001");
    expect([status, fixture.logged]).toEqual([200, []]);
    expect(body).toMatchObject({
      orderId: "gid://shopify/Order/1001",
      orderName: "#1001",
      mode: "enforce",
      modeReason: "protected",
      deliveriesReceived: 4,
      duplicatesStopped: 2,
      truncated: false,
    });
    expect(body.deliveries.map((delivery) => [delivery.webhookId, delivery.duplicates])).toEqual([["webhook-1", 2], ["webhook-2", 0]]);
    expect(body.changes).toHaveLength(1);
    expect(body.changes[0]?.attempts.map((attempt) => [attempt.number, attempt.outcome])).toEqual([[1, "throttled"], [2, "applied"]]);
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  it("is the same by number and by gid", async () => {
    await seedOrder(fixture.database, install, "271878346596884015");
    const byNumber = await receipt("271878346596884015");
    expect(byNumber.status).toBe(200);
    expect(await receipt("gid://shopify/Order/271878346596884015")).toEqual(byNumber);
  });

  it("shows an order that was received and not worked on yet", async () => {
    await seedDelivery(fixture.database, install, { orderId: "5", state: "pending" });
    expect((await receipt("5")).body).toMatchObject({ state: null, mode: null, deliveriesReceived: 1, changes: [] });
  });

  it.each(["404404", "abc", "gid://shopify/Product/1", "1' OR '1'='1", "99999999999999999999"])("answers 404 to %j", async (orderId) => {
    expect(await receipt(orderId)).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
  });

  it("answers 404 to another shop's order, and counts only its own deliveries for the same id", async () => {
    await seedOrder(fixture.database, other, "1001");
    await seedDelivery(fixture.database, other, { webhookId: "shared", duplicates: 3 });
    await seedChange(fixture.database, other);
    expect((await receipt("1001")).status).toBe(404);
    await seedDelivery(fixture.database, install, { webhookId: "shared" });
    expect((await receipt("1001")).body).toMatchObject({ deliveriesReceived: 1, duplicatesStopped: 0, changes: [] });
  });
});

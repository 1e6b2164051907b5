// The read models and acts behind the pages of oversells, on oversells that detection found in the simulated Shopify: lists, an incident's page, holds and notes.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { actOnOversell, type OversellActor } from "#app/dashboard/oversell-acts.server.ts";
import { loadOversell, loadOversells } from "#app/dashboard/oversells-page.server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";

import { detectionStage, idOf } from "./detection-fixture.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const { shopWithMug, sell, judged, moment } = detectionStage(() => house);
const HOLDING = ["write_inventory", "write_merchant_managed_fulfillment_orders"];

const dependencies = () => ({ database: house.composed.database, clock: { now: () => new Date() } });

async function installOf({ shop }: HouseShop) {
  const install = await house.composed.installStore.active(shop);
  if (install === null) throw new Error("the shop is installed");
  return install;
}
const list = async (shop: HouseShop, query = "") => loadOversells(dependencies(), await installOf(shop), "UTC", new URLSearchParams(query));
const open = async (shop: HouseShop, id: string) => {
  const page = await loadOversell(dependencies(), await installOf(shop), "UTC", id);
  if (page === null) throw new Error("the oversell is there");
  return page;
};

async function act(shop: HouseShop, id: string | null, fields: Record<string, string>, over: Partial<OversellActor> = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const install = await installOf(shop);
  const logged: object[] = [];
  const ports = { ...house.composed.detection, logger: { error: (facts: object) => void logged.push(facts) } };
  const person = { install, actor: "staff:7", personToken: null, grantedScopesNow: () => Promise.resolve(install.scopes), ...over };
  return { answer: await actOnOversell(ports, person, id === null ? null : BigInt(id), form), logged };
}

/** Two units, three orders of one, then one of two: the last is short, and half of the one before. */
async function oversold(scopes: readonly string[] = HOLDING, units = 2) {
  const { shop, mug } = await shopWithMug([units], scopes);
  const placed = [1, 1, 1, 2].map((quantity) => sell(shop, mug.variantId, quantity));
  await judged(shop);
  const page = await list(shop);
  return { shop, mug, placed, orderIds: placed.map(({ orderId }) => idOf(orderId)), page, id: page.cards[0]?.id ?? "" };
}

describe("the list of oversells", () => {
  it("names what is missing and who goes short, and is empty in every other shop", async () => {
    const { shop, placed, page } = await oversold();
    const other = await shopWithMug([5]);
    expect(page.counts).toEqual({ open: 1, unitsShort: 3, handled: 0, ever: true });
    expect(page.cards).toHaveLength(1);
    expect(page.cards[0]).toMatchObject({ heading: "3 units of Mug too many were sold", shortOrderCount: 2, shortOrders: placed.slice(2).map(({ orderId, name }) => ({ orderId: idOf(orderId), name })), heldCount: 0, handled: false });
    expect((await list(other.shop)).counts).toEqual({ open: 0, unitsShort: 0, handled: 0, ever: false });
    for (const view of ["all", "done", "open"]) expect((await list(other.shop, `show=${view}`)).cards).toEqual([]);
    expect((await list(shop, "show=done")).cards).toEqual([]);
    expect((await list(shop, "show=all")).cards).toHaveLength(1);
  });

  it("moves what is handled, and what is over, out of what is open", async () => {
    const { shop, id, mug } = await oversold();
    await act(shop, id, { act: "handled", note: "More is on its way" });
    expect((await list(shop)).cards).toEqual([]);
    expect((await list(shop)).counts).toMatchObject({ open: 0, handled: 1, ever: true });
    expect((await list(shop, "show=done")).cards.map((card) => [card.id, card.state, card.handled])).toEqual([[id, "open", true]]);
    await act(shop, id, { act: "reopen" });
    expect((await list(shop)).cards.map((card) => card.id)).toEqual([id]);
    moment();
    house.simulator.control.setLevel(shop.shop, { inventoryItemId: mug.inventoryItemId, locationId: shop.locationIds[0] ?? "", available: 10, writer: "stock-take" });
    await judged(shop);
    expect((await list(shop)).cards).toEqual([]);
    expect((await list(shop, "show=done")).cards.map((card) => [card.id, card.state, card.closeReason])).toEqual([[id, "closed", "recounted"]]);
  });

  it("is searched by SKU, item and order", async () => {
    const { shop, id, placed } = await oversold();
    const found = async (search: string) => (await list(shop, new URLSearchParams({ search }).toString())).cards.map((card) => card.id);
    const [, , short] = placed;
    for (const search of ["mug", "MU", short?.name ?? "", (short?.name ?? "").replace("#", ""), idOf(short?.orderId ?? ""), short?.orderId ?? ""]) expect([search, await found(search)]).toEqual([search, [id]]);
    for (const search of ["%", "_ug", "teapot", "#999999", "' OR 1=1"]) expect([search, await found(search)]).toEqual([search, []]);
  });

  it("is turned page by page without losing or repeating one", async () => {
    const { shop } = await oversold();
    const { installId } = await installOf(shop);
    await house.composed.database.execute(
      `INSERT INTO oversells (install_id, shop, inventory_item_id, location_id, title, kind, depth, short, policy, cause, confidence, seen_by, state, closed_at, close_reason)
       SELECT $1, $2, 'made-' || n, '1', 'Made ' || n, 'oversold', 1, 1, 'latest_first', 'unknown', 'unknown', 'read', 'closed', now(), 'moved' FROM generate_series(1, 120) AS n`,
      installId,
      shop.shop,
    );
    const first = await list(shop, "show=done");
    const second = await list(shop, `show=done&older=${first.olderCursor ?? ""}`);
    const third = await list(shop, `show=done&older=${second.olderCursor ?? ""}`);
    const ids = [first, second, third].flatMap((page) => page.cards.map((card) => Number(card.id)));
    expect([first, second, third].map((page) => page.cards.length)).toEqual([50, 50, 20]);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(new Set(ids).size).toBe(120);
    expect(third.olderCursor).toBeNull();
    expect((await list(shop, `show=done&newer=${third.newerCursor ?? ""}`)).cards).toEqual(second.cards);
  });

  it("shows apart what may be sold beyond stock", async () => {
    const { shop, mug } = await shopWithMug([1], HOLDING, { inventoryPolicy: "CONTINUE" });
    sell(shop, mug.variantId, 3);
    await judged(shop);
    expect((await list(shop)).cards).toEqual([]);
    expect((await list(shop, "show=apart")).apart).toMatchObject([{ item: "Mug", reason: "continue", unitsOpen: 3, orderCount: 1 }]);
  });
});

describe("an oversell's page", () => {
  it("tells who took the stock in which order, who goes short, why, and each step with its evidence", async () => {
    const { shop, id, orderIds } = await oversold();
    const page = await open(shop, id);
    expect(page.orders.map(({ orderId, units, unitsShort, verdict }) => ({ orderId, units, unitsShort, verdict }))).toEqual([
      { orderId: orderIds[0], units: 1, unitsShort: 0, verdict: "served" },
      { orderId: orderIds[1], units: 1, unitsShort: 0, verdict: "served" },
      { orderId: orderIds[2], units: 1, unitsShort: 1, verdict: "short" },
      { orderId: orderIds[3], units: 2, unitsShort: 2, verdict: "short" },
    ]);
    expect(page.incident).toMatchObject({ kind: "oversold", cause: "two_sales", depth: 3, short: 3, available: -3 });
    expect(page.availableNow).toBe(-3);
    expect(page.points.map(({ available }) => available).at(-1)).toBe(-3);
    expect(page.chart.wide).toContain("<svg");
    const titles = page.story.map(({ title }) => title);
    for (const part of ["Notification received: Order placed", "Available −1 → −3", "Holdfast found that more is promised than there is"]) expect(titles.join("\n")).toContain(part);
    expect(page.story.some(({ text }) => text?.includes("Shopify, for an order (#") === true)).toBe(true);
    const times = page.story.map(({ at }) => at?.getTime() ?? 0);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const record = page.story.flatMap(({ facts }) => facts).find(({ url }) => url?.endsWith(orderIds[3] ?? "-"));
    expect(record?.url).toBe(`/app/history/orders/${orderIds[3] ?? ""}`);
  });

  it("tells the changes of Holdfast with their tries, and where units could come from", async () => {
    const { shop, mug } = await shopWithMug([1, 4], HOLDING);
    await house.settings(shop, (settings) => ({ ...settings, mode: "enforce", deduct: { ...settings.deduct, sources: [{ sourceName: "my-channel", confirmedBypass: true }] } }));
    const onChannel = { sourceName: "my-channel", inventoryBehaviour: "BYPASS" } as const;
    sell(shop, mug.variantId, 3, onChannel);
    await judged(shop);
    // No location has two any more: the first takes it.
    const placed = sell(shop, mug.variantId, 2, onChannel);
    await judged(shop);
    const [card] = (await list(shop)).cards;
    expect(card?.heading).toMatch(/^1 unit of Mug is missing at /);
    const page = await open(shop, card?.id ?? "");
    expect(page.movable).toMatchObject([{ units: 1, available: 1 }]);
    expect(page.availableNow).toBe(-1);
    const titles = page.story.map(({ title }) => title);
    expect(titles).toContain(`Holdfast decided: −2, ${placed.name}`);
    expect(titles).toContain("Sent to Shopify: Shopify applied it");
  });

  it.each(["0", "-1", "x", "9223372036854775808", "' OR 1=1", undefined])("is not there for %j", async (text) => {
    const { shop } = await shopWithMug([5]);
    expect(await loadOversell(dependencies(), await installOf(shop), "UTC", text)).toBeNull();
  });

  it("is not there for another shop, which can do nothing about it either", async () => {
    const { shop, id, orderIds } = await oversold();
    const { shop: other } = await shopWithMug([5], HOLDING);
    expect(await loadOversell(dependencies(), await installOf(other), "UTC", id)).toBeNull();
    const token = "token";
    expect((await act(other, id, { act: "handled", note: "mine" })).answer).toEqual({ kind: "not_found" });
    expect((await act(other, id, { act: "reopen" })).answer).toEqual({ kind: "not_found" });
    expect((await act(other, id, { act: "hold", order: orderIds[3] ?? "" }, { personToken: token })).answer).toEqual({ kind: "not_found" });
    expect((await act(other, id, { act: "release", order: orderIds[3] ?? "" }, { personToken: token })).answer).toEqual({ kind: "not_found" });
    expect((await open(shop, id)).incident.handledAt).toBeNull();
  });
});

describe("what a person does about an oversell", () => {
  it("marks it as handled with a note and takes that back, each in the time line by the person's name", async () => {
    const { shop, id } = await oversold();
    expect((await act(shop, id, { act: "handled", note: " Called both buyers " })).answer).toEqual({ kind: "done" });
    const handled = await open(shop, id);
    expect(handled.incident).toMatchObject({ handledBy: "staff:7", handledNote: "Called both buyers" });
    expect((await act(shop, id, { act: "reopen" }, { actor: "staff:8" })).answer).toEqual({ kind: "done" });
    expect((await act(shop, id, { act: "reopen" }, { actor: "staff:9" })).answer).toEqual({ kind: "done" });
    const page = await open(shop, id);
    expect(page.incident).toMatchObject({ handledAt: null, handledBy: null, handledNote: null });
    const told = page.story.filter(({ key }) => key.startsWith("audit-"));
    expect(told.map(({ title, text }) => [title, text])).toEqual([
      ["Oversold stock marked as handled", "By Staff member 7."],
      ["Oversold stock marked as not handled any more", "By Staff member 8."],
    ]);
    expect(told[0]?.facts).toContainEqual({ name: "Note", value: "Called both buyers" });
  });

  it("is refused in words that say whose permission is missing, before Shopify is asked", async () => {
    const { shop, id, orderIds } = await oversold(["write_inventory"]);
    const form = { act: "hold", order: orderIds[3] ?? "" };
    expect((await act(shop, id, form)).answer).toEqual({ kind: "not_allowed" });
    expect((await act(shop, id, form, { personToken: "token" })).answer).toEqual({ kind: "scope_missing" });
    expect((await open(shop, id)).permissions).toEqual({ hold: false, service: false });
  });

  it.each([
    [{ act: "hold", order: "1 OR 1=1" }, "not_understood"],
    [{ act: "explode" }, "not_understood"],
    [{ act: "handled", note: "x".repeat(501) }, "note_too_long"],
    [{ act: "handled", note: "a\u0000b" }, "note_invalid"],
    [{ intent: "read-permissions" }, "permissions_read"],
  ])("is answered in words, whatever is sent, case %#", async (fields, kind) => {
    const { shop, id } = await oversold();
    expect((await act(shop, id, fields)).answer).toEqual({ kind });
  });

  it("that fails is logged, and the page stays", async () => {
    const { shop, id } = await oversold();
    const failing = () => Promise.reject(new Error("away"));
    const { answer, logged } = await act(shop, id, { intent: "read-permissions" }, { grantedScopesNow: failing });
    expect(answer).toEqual({ kind: "failed" });
    expect(logged).toHaveLength(1);
  });
});

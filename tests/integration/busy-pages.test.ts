// The page of busy items against a real database: hours, items and causes of a shop, one item's hours, who holds what, and nothing of another shop's.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createContentionBook } from "#app/adapters/prisma/contention.server.ts";
import { listSoon } from "#app/dashboard/busy-locks.server.ts";
import { type BusyItemPage, type BusyOverview, loadBusyPage } from "#app/dashboard/busy-page.server.ts";
import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import type { ContentionCause } from "#app/domain/contention.ts";
import type { HeldLock, LockListing } from "#app/ports/lock.ts";

import { openDashboardFixture, type DashboardFixture } from "./dashboard-fixture.ts";

let fixture: DashboardFixture;
let install: ActiveInstall;
let other: ActiveInstall;
let listLocks: (shop: string) => Promise<LockListing>;
/** PostgreSQL's: counts are kept under its hours. */
let now: Date;

beforeEach(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com");
  other = await fixture.install("two.myshopify.com");
  listLocks = () => Promise.resolve({ held: [], waitingCount: 0 });
  const [row] = await fixture.database.query<{ now: Date }>(`SELECT now() AS now`);
  now = row?.now ?? new Date(0);
  await fixture.database.execute(`INSERT INTO locations (install_id, location_id, name, active, read_at) VALUES ($1, '61', 'Warehouse', true, now())`, install.installId);
  await fixture.database.execute(
    `INSERT INTO variants (install_id, variant_id, inventory_item_id, sku, title, requires_components, read_at) SELECT $1, '4' || n, '5' || n, 'SKU-' || n, 'Mug ' || n || ' - Default Title', false, now() FROM generate_series(1, 9) n`,
    install.installId,
  );
});
afterEach(() => fixture.close());

const load = async (query = "", of = install, timeZone = "UTC") => loadBusyPage({ database: fixture.database, clock: { now: () => now }, listLocks }, of, timeZone, new URLSearchParams(query));
async function overview(query = "", of = install, timeZone = "UTC"): Promise<BusyOverview> {
  const page = await load(query, of, timeZone);
  if (page?.kind !== "overview") throw new Error("no overview");
  return page;
}
async function item(query: string): Promise<BusyItemPage> {
  const page = await load(query);
  if (page?.kind !== "item") throw new Error("no item");
  return page;
}

async function waited(inventoryItemId: string, waitsMs: readonly number[], cause: ContentionCause = "orders", of = install): Promise<void> {
  await createContentionBook(fixture.database).add({ mutationIds: [], busy: [], losses: [], waits: waitsMs.map((waitMs) => ({ installId: of.installId, inventoryItemId, locationId: "61", cause, waitMs })) });
}
const hoursAgo = (count: number, of = install) => fixture.database.execute(`UPDATE contention_hours SET hour = hour - $2 * interval '1 hour' WHERE install_id = $1`, of.installId, count);
const lock = (resource: string, more: Partial<HeldLock> = {}): HeldLock => ({ resource, owner: "o", purpose: "turn", heldSince: new Date(now.getTime() - 45_000), leaseLeftMs: 1_000, waitingCount: 0, ...more });

describe("the page of busy items", () => {
  it("knows a shop in which nothing was ever waited for", async () => {
    expect(await overview()).toMatchObject({ ever: false, items: [], chart: null, all: { waits: 0, p50Ms: null }, held: { rows: [], more: 0 }, conclusions: [{ tone: "calm" }] });
  });

  it("adds up the hours of the span, by item and by cause, and draws them", async () => {
    await waited("51", [90, 90, 90]);
    await hoursAgo(30);
    await waited("51", [90, 700, 4_000]);
    await waited("52", [300], "reservations");
    const day = await overview();
    expect(day.all).toMatchObject({ waits: 4, longestMs: 4_000 });
    expect(day.causes.map(({ cause, waits, longestMs }) => [cause, waits, longestMs])).toEqual([["orders", 3, 4_000], ["reservations", 1, 300], ["reconciliation", 0, 0], ["person", 0, 0]]);
    expect(day.items.map(({ name, location, waits, causes }) => [name, location, waits, causes])).toEqual([["Mug 1", "Warehouse", 3, ["orders"]], ["Mug 2", "Warehouse", 1, ["reservations"]]]);
    expect(day.steps).toHaveLength(24);
    expect(day.steps.at(-1)).toMatchObject({ waits: 4 });
    expect(day.chart?.wide).toContain("<svg");
    const week = await overview("span=week");
    expect(week.all.waits).toBe(7);
    expect(week.items[0]).toMatchObject({ name: "Mug 1", waits: 6 });
    expect(week.steps.filter(({ waits }) => waits > 0).map(({ waits }) => waits)).toEqual([3, 4]);
    // A shop whose hours begin at half past ours.
    expect((await overview("span=week", install, "Asia/Kolkata")).all.waits).toBe(7);
  });

  it("names the twenty most waited for, the median of each within its bucket", async () => {
    for (let n = 1; n <= 25; n += 1) await waited(String(100 + n), Array.from({ length: n }, (_, index) => 260 + index));
    const { items } = await overview();
    expect(items.map(({ waits }) => waits)).toEqual(Array.from({ length: 20 }, (_, index) => 25 - index));
    for (const { p50Ms } of items) expect(p50Ms).toSatisfy((ms: number) => ms > 250 && ms <= 500);
    expect(items[0]?.name).toBe("Item 125");
  });

  it("shows nothing of another shop's", async () => {
    await waited("51", [100], "orders", other);
    expect(await overview()).toMatchObject({ ever: false, items: [], all: { waits: 0 } });
    expect(await load("item=51&location=61")).toBeNull();
    expect((await overview("", other)).all.waits).toBe(1);
  });

  it("says who holds what since when, whom most wait for first, and names what it can", async () => {
    listLocks = () => Promise.resolve({ held: [lock("stock/51/61"), lock("offline-token", { purpose: "token" }), lock("stock/77/88", { waitingCount: 3, heldSince: now })], waitingCount: 3 });
    const { held, conclusions } = await overview();
    expect(held?.rows.map(({ name, location, purpose, waitingCount }) => [name, location, purpose, waitingCount])).toEqual([
      ["Item 77", "Location 88", "Orders are being applied in Shopify", 3],
      ["Mug 1", "Warehouse", "Orders are being applied in Shopify", 0],
      ["Access to Shopify", null, "Access to Shopify is being renewed", 0],
    ]);
    expect(conclusions[0]).toMatchObject({ tone: "warning", title: "Something holds Mug 1 for 45.0 s now" });
  });

  it("bounds what it names of a call of 250 items", async () => {
    listLocks = () => Promise.resolve({ held: Array.from({ length: 250 }, (_, n) => lock(`stock/${n + 1}/61`)), waitingCount: 0 });
    const { held } = await overview();
    expect([held?.rows.length, held?.more]).toEqual([20, 230]);
  });

  it("stands without the lock service, whether it fails or is silent", async () => {
    await waited("51", [100]);
    listLocks = () => Promise.reject(new Error("connection lost"));
    expect(await overview()).toMatchObject({ held: null, all: { waits: 1 } });
    const silent = { listLocks: () => Promise.withResolvers<LockListing>().promise };
    const atOnce = { setTimer: (_ms: number, fire: () => void) => (queueMicrotask(fire), { cancel: () => undefined }) };
    listLocks = (shop) => listSoon(silent, atOnce, shop);
    expect(await overview()).toMatchObject({ held: null, all: { waits: 1 } });
  });
});

describe("a busy item", () => {
  it("has its own hours, causes and lock", async () => {
    await waited("51", [100, 200, 300]);
    await waited("52", [9_000], "person");
    listLocks = () => Promise.resolve({ held: [lock("stock/51/61"), lock("stock/52/61")], waitingCount: 0 });
    const page = await item("item=51&location=61");
    expect(page).toMatchObject({ name: "Mug 1", sku: "SKU-1", location: "Warehouse", all: { waits: 3, longestMs: 300 } });
    expect(page.held?.rows.map(({ name }) => name)).toEqual(["Mug 1"]);
    expect(page.causes[0]).toMatchObject({ cause: "orders", waits: 3 });
  });

  it("is shown without waits when its stock is known, and is nothing when it is not, or half named", async () => {
    await fixture.database.execute(`INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source) VALUES ($1, '53', '61', 5, now(), 'read')`, install.installId);
    expect(await item("item=53&location=61")).toMatchObject({ name: "Mug 3", chart: null, all: { waits: 0 } });
    for (const query of ["item=59&location=61", "item=53", "item=x&location=61", "item=&location="]) expect(await load(query)).toBeNull();
  });
});

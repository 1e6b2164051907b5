// The read models and acts behind the pages of holds, against a real database: numbers, items, holds by what they wait for, release and decision.
import { randomUUID } from "node:crypto";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createBlockBook } from "#app/adapters/prisma/block-book.server.ts";
import { createReservationBook } from "#app/adapters/prisma/reservation-book.server.ts";
import { createSettlementBook } from "#app/adapters/prisma/settlement-book.server.ts";
import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import { actOnHolds, type HoldActPorts } from "#app/dashboard/hold-acts.server.ts";
import { loadHold, loadHoldList, loadHoldsOfOrder, loadHoldsPage } from "#app/dashboard/holds-page.server.ts";
import { decodeReservationCursor, listReservations } from "#app/dashboard/queries/list-reservations.server.ts";

import { NOW, openDashboardFixture, type DashboardFixture } from "./dashboard-fixture.ts";

let fixture: DashboardFixture;
let install: ActiveInstall;
let other: ActiveInstall;
let counted: { outcome: string; count: number }[];
let ports: HoldActPorts;

beforeEach(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com");
  other = await fixture.install("two.myshopify.com");
  counted = [];
  const wakeMany = (shops: readonly string[]) => {
    fixture.woken.push(...shops);
    return Promise.resolve({ kind: "woken" as const });
  };
  ports = {
    book: createReservationBook(fixture.database),
    settlements: createSettlementBook(fixture.database),
    blocks: createBlockBook(fixture.database),
    waker: { wakeMany },
    metrics: { reservation: (outcome, count = 1) => void counted.push({ outcome, count }) },
    logger: { error: (_fields, message) => void fixture.logged.push(message) },
  };
});
afterEach(() => fixture.close());

interface SeedHold {
  readonly state?: "active" | "committed" | "released" | "expired";
  readonly settlement?: "order" | "take" | "done" | "person";
  readonly refundRequired?: boolean;
  readonly making?: "created" | "unknown" | "person";
  readonly item?: string;
  readonly quantity?: number;
  readonly reference?: string;
  readonly orderId?: string;
  readonly of?: ActiveInstall;
  readonly expiresInSeconds?: number;
}

/** A hold as the book leaves it, with its block. */
async function hold(seed: SeedHold = {}): Promise<string> {
  const { state = "active", item = "51", quantity = 1, of = install } = seed;
  const id = randomUUID();
  const settlement = state === "committed" ? (seed.settlement ?? "order") : null;
  const { database } = fixture;
  await database.execute(
    `INSERT INTO reservations (id, install_id, shop, idempotency_key, body_hash, reference, state, expires_at, trace_id, created_at, finished_at, finished_by, order_id, refund_required, settlement, settle_at)
     VALUES ($1::uuid, $2, $3, $1, 'hash', $4, $5, now() + $6 * interval '1 second', 'trace-h', now(), CASE WHEN $5 <> 'active' THEN now() END, CASE WHEN $5 <> 'active' THEN 'token:1' END, $7, $8, $9,
       CASE WHEN $9 IN ('order', 'take') THEN now() + interval '1 day' END)`,
    id, of.installId, of.shop, seed.reference ?? null, state, seed.expiresInSeconds ?? 600, seed.orderId ?? null, seed.refundRequired ?? false, settlement,
  );
  await database.execute(
    `INSERT INTO reservation_lines (reservation_id, position, install_id, inventory_item_id, location_id, variant_id, sku, quantity, counts) VALUES ($1::uuid, 0, $2, $3, '61', '41', 'SKU', $4, true)`,
    id, of.installId, item, quantity,
  );
  const granted = state === "active" ? quantity : 0;
  const settling = settlement !== null && settlement !== "done" ? quantity : 0;
  await database.execute(
    `INSERT INTO stock_blocks AS b (install_id, inventory_item_id, location_id, held, granted, settling) VALUES ($1, $2, '61', $3, $4, $5)
     ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE SET held = b.held + excluded.held, granted = b.granted + excluded.granted, settling = b.settling + excluded.settling`,
    of.installId, item, granted + settling, granted, settling,
  );
  if (seed.making !== undefined) {
    await database.execute(
      `INSERT INTO reservation_orders (reservation_id, install_id, state, body_hash, give_up_at, order_id) VALUES ($1::uuid, $2, $3, 'hash', now(), CASE WHEN $3 = 'created' THEN '1001' END)`,
      id, of.installId, seed.making,
    );
  }
  return id;
}

async function hour(hoursAgo: number, numbers: { granted?: number; committed?: number; lapsed?: number; refused?: number; short?: number }, item = "51"): Promise<void> {
  await fixture.database.execute(
    `INSERT INTO reservation_hours (install_id, hour, inventory_item_id, location_id, granted_count, granted_units, committed_units, lapsed_units, refused_count, short_units)
     VALUES ($1, $2, $3, '61', $4::int, $4::int, $5, $6, $7, $8)`,
    install.installId, new Date(NOW.getTime() - hoursAgo * 3_600_000), item, numbers.granted ?? 0, numbers.committed ?? 0, numbers.lapsed ?? 0, numbers.refused ?? 0, numbers.short ?? 0,
  );
}

const overview = (query = "") => loadHoldsPage(fixture.dependencies, install, "UTC", new URLSearchParams(query));
const list = (query = "") => loadHoldList(fixture.dependencies, install, "UTC", new URLSearchParams(query));
const act = (fields: Record<string, string>, of = install) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return actOnHolds(ports, { install: of, actor: "staff:7" }, data);
};

describe("the record of an order", () => {
  it("names the hold that the order was promised its units by, and never another shop's", async () => {
    const id = await hold({ state: "committed", settlement: "done", orderId: "1001", quantity: 2 });
    await hold({ state: "committed", orderId: "1002" });
    await hold({ state: "committed", orderId: "1001", of: other });
    expect((await loadHoldsOfOrder(fixture.dependencies, install, "1001")).map((row) => row.id)).toEqual([id]);
    expect(await loadHoldsOfOrder(fixture.dependencies, install, "1003")).toEqual([]);
  });
});

describe("the page of holds", () => {
  it("knows a shop in which no checkout ever asked", async () => {
    const page = await overview();
    expect(page.numbers).toEqual({ granted: 0, settling: 0, held: 0, nextLapseAt: null, waitingForPerson: 0, refundsRequired: 0, everUsed: false });
    expect(page).toMatchObject({ stock: [], refused: [], nextCursor: null, previousCursor: null });
  });

  it("counts what is put aside item by item, with the next end, and only its own", async () => {
    await hold({ item: "51", quantity: 2, expiresInSeconds: 600 });
    await hold({ item: "51", quantity: 3, expiresInSeconds: 60 });
    await hold({ item: "52", state: "committed", quantity: 4 });
    await hold({ item: "53", state: "released" });
    await hold({ of: other, quantity: 9 });
    const page = await overview();
    expect(page.numbers).toMatchObject({ granted: 5, settling: 4, held: 9, everUsed: true });
    expect(page.stock.map(({ inventoryItemId, granted, settling, held, free }) => ({ inventoryItemId, granted, settling, held, free }))).toEqual([
      { inventoryItemId: "51", granted: 5, settling: 0, held: 5, free: 0 },
      { inventoryItemId: "52", granted: 0, settling: 4, held: 4, free: 0 },
    ]);
    expect(page.stock[0]?.nextLapseAt).toEqual(page.numbers.nextLapseAt);
    expect(page.stock[1]?.nextLapseAt).toBeNull();
  });

  it("turns the pages of items by their place, forth and back", async () => {
    await fixture.database.execute(
      `INSERT INTO stock_blocks (install_id, inventory_item_id, location_id, held) SELECT $1, (1000 + n)::text, '61', 1 FROM generate_series(1, 120) n`,
      install.installId,
    );
    const first = await overview();
    const second = await overview(`older=${first.nextCursor}`);
    const third = await overview(`older=${second.nextCursor}`);
    const names = [first, second, third].flatMap((page) => page.stock.map((row) => row.inventoryItemId));
    expect(names).toEqual(Array.from({ length: 120 }, (_, index) => String(1001 + index)));
    expect(third.nextCursor).toBeNull();
    expect((await overview(`newer=${second.previousCursor}`)).stock).toEqual(first.stock);
    expect((await overview("older=nonsense")).stock).toEqual(first.stock);
  });

  it("sums up a day or a week, and names what was wanted in vain most", async () => {
    await hour(1, { granted: 10, committed: 6, lapsed: 2, refused: 1, short: 1 });
    await hour(2, { refused: 3, short: 40 }, "52");
    await hour(100, { granted: 100, committed: 50, refused: 500, short: 500 }, "53");
    const day = await overview();
    expect(day.ofSpan).toEqual({ grantedCount: 10, grantedUnits: 10, committedUnits: 6, releasedUnits: 0, lapsedUnits: 2, refusedCount: 4, shortUnits: 41 });
    expect(day.refused.map(({ key, refusedCount, shortUnits }) => [key, refusedCount, shortUnits])).toEqual([["52@61", 3, 40], ["51@61", 1, 1]]);
    const week = await overview("span=week");
    expect(week.ofSpan).toMatchObject({ grantedUnits: 110, committedUnits: 56, refusedCount: 504 });
    expect(week.refused[0]?.key).toBe("53@61");
  });
});

describe("the list of holds", () => {
  it("shows those that wait for a person or for a refund, until they do not", async () => {
    const unseen = await hold({ state: "committed", settlement: "person" });
    const unfound = await hold({ state: "committed", settlement: "order", making: "person" });
    await hold({ state: "committed", settlement: "done", making: "person" });
    await hold({ state: "committed", settlement: "order", making: "unknown" });
    await hold({ of: other, state: "committed", settlement: "person" });
    const late = await hold({ state: "expired", refundRequired: true });
    const active = await hold();
    const ids = async (query: string) => (await list(query)).rows.map(({ id }) => id).toSorted();
    expect(await ids("show=person")).toEqual([unseen, unfound].toSorted());
    expect(await ids("show=refund")).toEqual([late]);
    expect(await ids("show=active")).toEqual([active]);
    expect(await ids("")).toHaveLength(6);
    expect((await list()).waitingForPerson).toBe(2);
    expect((await overview()).numbers).toMatchObject({ waitingForPerson: 2, refundsRequired: 1 });
  });

  it("loses and repeats none when pages are cut, though many were asked for at the same moment", async () => {
    await fixture.database.execute(
      `INSERT INTO reservations (id, install_id, shop, idempotency_key, body_hash, state, expires_at, trace_id)
       SELECT gen_random_uuid(), $1, $2, n::text, 'hash', 'active', now(), 't' FROM generate_series(1, 120) n`,
      install.installId, install.shop,
    );
    const seen: string[] = [];
    const newerCursors: (string | null)[] = [];
    let address = "";
    for (let pages = 0; pages < 3; pages += 1) {
      const page = await list(address);
      seen.push(...page.rows.map(({ id }) => id));
      address = `older=${page.olderCursor}`;
      newerCursors.push(page.newerCursor);
    }
    expect(new Set(seen).size).toBe(120);
    expect(address).toBe("older=null");
    expect(newerCursors[0]).toBeNull();
    expect((await list(`newer=${newerCursors[1]}`)).rows.map(({ id }) => id)).toEqual(seen.slice(0, 50));
  });

  it("is narrowed by reference, order and item", async () => {
    const wanted = await hold({ reference: "cart-7", item: "77", state: "committed", settlement: "done", orderId: "1001" });
    await hold();
    const { database } = fixture;
    const find = async (filter: object) => (await listReservations(database, { installId: install.installId, filter, page: { direction: "newest", limit: 10 } })).items.map(({ id }) => id);
    expect(await find({ reference: "cart-7" })).toEqual([wanted]);
    expect(await find({ orderId: "1001" })).toEqual([wanted]);
    expect(await find({ inventoryItemId: "77" })).toEqual([wanted]);
    expect(await find({ inventoryItemId: "78" })).toEqual([]);
    expect(decodeReservationCursor("nonsense")).toBeNull();
  });
});

describe("a hold's own page", () => {
  it("is there for its own shop only, whatever the address says", async () => {
    const id = await hold({ quantity: 2, reference: "cart-1" });
    const page = await loadHold(fixture.dependencies, install, "UTC", id.toUpperCase());
    expect(page?.hold).toMatchObject({ id, heading: "2 × SKU", reference: "cart-1", traceId: "trace-h", lines: [{ quantity: 2, counts: true }] });
    expect(page?.undecided).toBe(false);
    expect(await loadHold(fixture.dependencies, other, "UTC", id)).toBeNull();
    expect(await loadHold(fixture.dependencies, install, "UTC", "1 OR 1=1")).toBeNull();
  });
});

describe("a person", () => {
  it("releases one hold, once; what is paid for stays", async () => {
    const [id, paid] = [await hold(), await hold({ state: "committed" })];
    expect(await act({ act: "release", id }, other)).toEqual({ kind: "released", outcome: "not_found" });
    expect(await act({ act: "release", id })).toEqual({ kind: "released", outcome: "ended" });
    expect(await act({ act: "release", id })).toEqual({ kind: "released", outcome: "already" });
    expect(await act({ act: "release", id: paid })).toEqual({ kind: "released", outcome: "committed" });
    expect((await overview()).numbers).toMatchObject({ granted: 0, settling: 1 });
    expect(counted).toEqual([{ outcome: "released", count: 1 }]);
  });

  it("releases all of the shop and nothing of another; what is paid for stays aside, the rest goes back, and the audit trail names the person", async () => {
    await hold({ quantity: 2 });
    await hold({ quantity: 3, item: "52" });
    await hold({ state: "committed", quantity: 4 });
    await hold({ of: other, quantity: 9 });
    expect(await act({ act: "release-all" })).toEqual({ kind: "released_all", reservations: 2, units: 5 });
    expect((await overview()).numbers).toMatchObject({ granted: 0, settling: 4 });
    expect((await overview()).stock.map(({ inventoryItemId, leaving }) => [inventoryItemId, leaving])).toEqual([["51", 2], ["52", 3]]);
    expect(fixture.woken).toEqual([install.shop]);
    expect((await loadHoldsPage(fixture.dependencies, other, "UTC", new URLSearchParams())).numbers.granted).toBe(9);
    expect(await fixture.database.query(`SELECT actor FROM audit_entries WHERE install_id = $1 AND kind = 'holds_released'`, install.installId)).toEqual([{ actor: "staff:7" }]);
    expect(await act({ act: "release-all" })).toEqual({ kind: "released_all", reservations: 0, units: 0 });
  });

  it("decides with a reason on what waits for it, once", async () => {
    const id = await hold({ state: "committed", settlement: "person", quantity: 2 });
    expect(await act({ act: "decide", id, decision: "back", note: "" })).toEqual({ kind: "note_missing" });
    expect(await act({ act: "decide", id, decision: "back", note: "no order will come" }, other)).toEqual({ kind: "not_found" });
    expect(await act({ act: "decide", id, decision: "back", note: "no order will come" })).toEqual({ kind: "decided", decision: "back" });
    expect(await act({ act: "decide", id, decision: "sold", note: "it was sold after all" })).toEqual({ kind: "not_waiting" });
    expect((await list("show=person")).rows).toEqual([]);
    expect((await overview()).numbers.settling).toBe(0);
    expect(fixture.woken).toContain(install.shop);
  });

  it("is told when the request makes no sense, and that it failed when something broke, without losing the page", async () => {
    const senseless: Record<string, string>[] = [{}, { act: "release" }, { act: "decide", id: randomUUID(), decision: "maybe", note: "x" }, { act: "boil", id: randomUUID() }];
    for (const form of senseless) expect(await act(form)).toEqual({ kind: "not_understood" });
    ports = { ...ports, blocks: { releaseAll: () => Promise.reject(new Error("broken")) } };
    expect(await act({ act: "release-all" })).toEqual({ kind: "failed" });
    expect(fixture.logged).toEqual(["an act on holds failed"]);
  });
});

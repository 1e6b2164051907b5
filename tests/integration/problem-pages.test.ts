// The read models and acts behind the pages of overwritten stock and of mismatches, against a real database: lists, evidence, what is written there by others, decisions, and how far a comparison is.
import { randomUUID } from "node:crypto";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createCorrections } from "#app/adapters/prisma/corrections.server.ts";
import { createStockScanBook } from "#app/adapters/prisma/stock-scans.server.ts";
import { actOnCorrection, askForCheck, type CorrectionActPorts } from "#app/dashboard/correction-acts.server.ts";
import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import { loadMismatch, loadMismatchesPage } from "#app/dashboard/mismatches-page.server.ts";
import { loadOverwrite, loadOverwrittenPage } from "#app/dashboard/overwritten-page.server.ts";
import { readScanStanding } from "#app/dashboard/queries/scan-standing.server.ts";
import { readStockOverTime } from "#app/dashboard/queries/stock-over-time.server.ts";
import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";
import type { SqlValue } from "#app/ports/database.ts";

import { NOW, openDashboardFixture, type DashboardFixture } from "./dashboard-fixture.ts";

let fixture: DashboardFixture;
let install: ActiveInstall;
let other: ActiveInstall;
let ports: CorrectionActPorts;

beforeEach(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com");
  other = await fixture.install("two.myshopify.com");
  ports = { corrections: createCorrections(fixture.database), waker: fixture.dependencies.waker, uuid: randomUUID, logger: fixture.dependencies.logger };
});
afterEach(() => fixture.close());

const MINUTE_MS = 60_000;
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE_MS);
const one = async <Row>(sql: string, ...values: SqlValue[]): Promise<Row> => {
  const [row] = await fixture.database.query<Row>(sql, ...values);
  if (row === undefined) throw new Error("no row");
  return row;
};

interface SeenNumber {
  readonly minutes: number;
  readonly available: number;
  readonly foreign?: number;
  readonly verdict?: string;
  readonly of?: ActiveInstall;
  readonly item?: string;
}

async function seen({ minutes, available, foreign = 0, verdict = "shopify_order", of = install, item = "51" }: SeenNumber): Promise<bigint> {
  const { id } = await one<{ id: bigint }>(
    `INSERT INTO stock_observations (install_id, inventory_item_id, location_id, available, at, seen_by, delta, verdict, foreign_delta) VALUES ($1, $2, '61', $3, $4::timestamptz, 'notification', 0, $5, $6) RETURNING id`,
    of.installId, item, available, minutesAgo(minutes), verdict, foreign,
  );
  return id;
}

interface SeedOverwrite {
  readonly minutes?: number;
  readonly state?: "open" | "repaired" | "dismissed" | "explained";
  readonly item?: string;
  readonly units?: number;
  readonly of?: ActiveInstall;
  readonly unseen?: readonly { orderId: string; name: string | null; units: number }[];
  readonly observationId?: bigint;
}

async function overwrite(seed: SeedOverwrite = {}): Promise<string> {
  const { minutes = 10, state = "open", item = "51", units = 3, of = install, unseen = [{ orderId: "1001", name: "#1001", units: 2 }, { orderId: "1002", name: null, units: 1 }] } = seed;
  const observationId = seed.observationId ?? (await seen({ minutes, available: 100, foreign: units, verdict: "another_writer", of, item }));
  const { id } = await one<{ id: bigint }>(
    `INSERT INTO conflicts (install_id, shop, observation_id, inventory_item_id, location_id, sku, title, at, value_before, value_written, same_as_at, units_at_risk, unseen, confidence, state, ended_at, ended_by)
     VALUES ($1, $2, $3, $4, '61', 'MUG', 'Mug - Default Title', $5::timestamptz, $6, 100, $7::timestamptz, $8, $9::jsonb, 'certain', $10, CASE WHEN $10 <> 'open' THEN now() END, CASE WHEN $10 <> 'open' THEN 'staff:9' END) RETURNING id`,
    of.installId, of.shop, observationId, item, minutesAgo(minutes), 100 - units, minutesAgo(minutes + 20), units, JSON.stringify(unseen), state,
  );
  return String(id);
}

interface SeedMismatch {
  readonly state?: "open" | "explained" | "corrected" | "dismissed" | "gone";
  readonly item?: string;
  readonly explanation?: string;
  readonly proposed?: number | null;
  readonly evidence?: object;
  readonly of?: ActiveInstall;
}

async function mismatch(seed: SeedMismatch = {}): Promise<string> {
  const { state = "open", item = "51", explanation = "another_writer", proposed = null, evidence = {}, of = install } = seed;
  const { id } = await one<{ id: bigint }>(
    `INSERT INTO drifts (install_id, shop, inventory_item_id, location_id, sku, title, shopify, known, difference, explanation, evidence, proposed_delta, proposed_because, state, found_at, ended_at, ended_by)
     VALUES ($1, $2, $3, '61', 'MUG', 'Mug', 8, 9, -1, $4, $5::jsonb, $6::int, CASE WHEN $6::int IS NOT NULL THEN 'doubled' END, $7, $8::timestamptz, CASE WHEN $7 <> 'open' THEN now() END, CASE WHEN $7 <> 'open' THEN 'holdfast' END) RETURNING id`,
    of.installId, of.shop, item, explanation, JSON.stringify(evidence), proposed, state, NOW,
  );
  return String(id);
}

const overwritten = (query = "", of = install) => loadOverwrittenPage(fixture.dependencies, of, "UTC", new URLSearchParams(query));
const mismatches = (query = "", of = install) => loadMismatchesPage(fixture.dependencies, of, "UTC", new URLSearchParams(query));
const oneOverwrite = (id: string, of = install) => loadOverwrite(fixture.dependencies, of, "UTC", id);
const oneMismatch = (id: string, of = install) => loadMismatch(fixture.dependencies, of, "UTC", id);
const may = { actor: "staff:7", mayChangeStock: () => Promise.resolve(true) };
const act = (kind: "drift" | "conflict", id: string, fields: Record<string, string>, over: Partial<typeof may & { install: ActiveInstall }> = {}) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return actOnCorrection(ports, { install, ...may, ...over }, kind, id, form);
};
const protect = (of = install) => fixture.dependencies.settingsStore.save({ installId: of.installId, expectedVersion: 1, document: { ...DEFAULT_SETTINGS, mode: "enforce" }, actor: "test" });
const stock = (available: number, of = install) =>
  fixture.database.execute(`INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source) VALUES ($1, '51', '61', $2, $3::timestamptz, 'notification')`, of.installId, available, NOW);

describe("the list of overwritten stock", () => {
  it("shows a shop's own by state and by item, with the numbers of the last day", async () => {
    const open = await overwrite();
    const repaired = await overwrite({ state: "repaired", item: "52", minutes: 30, units: 4, unseen: [{ orderId: "1001", name: "#1001", units: 4 }] });
    const old = await overwrite({ minutes: 60 * 30 });
    await overwrite({ state: "explained", minutes: 5 });
    await overwrite({ of: other });
    const page = await overwritten();
    expect(page.numbers).toEqual({ open: 2, everFound: true, lastDay: { count: 2, stockCount: 2, unitsAtRisk: 7, orderCount: 2, capped: false } });
    expect(page.rows.map(({ id }) => id)).toEqual([old, open]);
    expect(page.rows[1]).toMatchObject({ item: "Mug", sku: "MUG", location: "Location 61", valueBefore: 97, valueWritten: 100, unitsAtRisk: 3, timesLastDay: 1, orderCount: 2, orders: [{ orderId: "1001", name: "#1001", units: 2 }, { name: "Order 1002" }] });
    expect((await overwritten("show=repaired")).rows.map(({ id }) => id)).toEqual([repaired]);
    expect((await overwritten("show=all&item=52")).rows.map(({ id }) => id)).toEqual([repaired]);
    expect((await overwritten("show=all&item=nonsense")).rows).toHaveLength(4);
    expect((await overwritten("", await fixture.install("three.myshopify.com"))).numbers).toMatchObject({ open: 0, everFound: false });
  });

  it("turns its pages by key, forth and back", async () => {
    await fixture.database.execute(
      `INSERT INTO conflicts (install_id, shop, observation_id, inventory_item_id, location_id, at, value_before, value_written, same_as_at, units_at_risk, unseen, confidence)
       SELECT $1, $2, n, '51', '61', $3::timestamptz, 7, 10, $3::timestamptz, 3, '[]', 'likely' FROM generate_series(1, 120) n`,
      install.installId, install.shop, minutesAgo(60 * 48),
    );
    const first = await overwritten();
    const second = await overwritten(`older=${first.olderCursor}`);
    const third = await overwritten(`older=${second.olderCursor}`);
    expect(new Set([first, second, third].flatMap(({ rows }) => rows.map(({ id }) => id))).size).toBe(120);
    expect([third.olderCursor, first.newerCursor]).toEqual([null, null]);
    expect((await overwritten(`newer=${second.newerCursor}`)).rows).toEqual(first.rows);
  });
});

describe("an overwrite's own page", () => {
  it("shows the orders, the picture, who else wrote there and what was overwritten beside it", async () => {
    await seen({ minutes: 45, available: 100 });
    await seen({ minutes: 20, available: 97 });
    for (const minutes of [130, 100, 70, 40]) await overwrite({ minutes });
    const id = await overwrite({ minutes: 10 });
    await seen({ minutes: 5, available: 99 });
    await overwrite({ minutes: 10, item: "52" });
    await overwrite({ minutes: 10, item: "53", of: other });
    const page = await oneOverwrite(id);
    expect(page?.overwrite).toMatchObject({ id, unitsAtRisk: 3, timesLastDay: 5, orders: [{ orderId: "1001" }, { orderId: "1002" }], sameAsAt: minutesAgo(30) });
    expect(page?.writer.writes.map(({ conflictId, foreignDelta }) => [conflictId === id, foreignDelta])).toEqual([[true, 3], [false, 3], [false, 3], [false, 3], [false, 3]]);
    expect(page?.writer.advice).toEqual([expect.stringContaining("about every 30 minutes"), expect.stringContaining("1 other item was overwritten in the same minute")]);
    expect(page?.picture?.rows.map(({ available }) => available)).toEqual([99, 100, 97, 100, 100]);
    expect(page?.picture?.chart.wide).toContain("Without the overwrite");
    expect(page?.decided).toEqual({ correction: null, undoing: null, canUndo: false });
  });

  it("is there for its own shop only, whatever the address says", async () => {
    const id = await overwrite();
    expect(await oneOverwrite(id, other)).toBeNull();
    expect(await oneOverwrite("1 OR 1=1")).toBeNull();
    expect(await oneOverwrite("999999999")).toBeNull();
    const drift = await mismatch();
    expect(await oneMismatch(drift, other)).toBeNull();
    expect(await oneMismatch("nonsense")).toBeNull();
  });
});

describe("the list of mismatches", () => {
  it("shows a shop's own by state, and how many have a correction", async () => {
    const proposed = await mismatch({ explanation: "doubled", proposed: 1 });
    const open = await mismatch({ item: "52" });
    const gone = await mismatch({ state: "gone" });
    await mismatch({ of: other });
    const page = await mismatches();
    expect(page.numbers).toEqual({ open: 2, proposed: 1, everFound: true });
    expect(page.rows.map(({ id }) => id)).toEqual([open, proposed]);
    expect(page.rows[1]).toMatchObject({ item: "Mug", shopify: 8, known: 9, difference: -1, explanation: "doubled", proposedDelta: 1, state: "open" });
    expect((await mismatches("show=gone")).rows.map(({ id }) => id)).toEqual([gone]);
    expect((await mismatches("show=all")).rows).toHaveLength(3);
    expect((await mismatches("show=all&item=52")).rows.map(({ id }) => id)).toEqual([open]);
  });
});

describe("a mismatch's own page", () => {
  it("says since when the other number was known, by which call and for which change", async () => {
    const mutationId = randomUUID();
    await seen({ minutes: 50, available: 10 });
    await seen({ minutes: 30, available: 9, verdict: "ours" });
    await seen({ minutes: 0, available: 8, verdict: "unknown" });
    await fixture.database.execute(`INSERT INTO mutations (id, install_id, shop, key, state, trace_id, owner_id, claimed_at) VALUES ($1::uuid, $2, $3, gen_random_uuid(), 'applied', 't', 'o', now())`, mutationId, install.installId, install.shop);
    const change = await one<{ id: bigint }>(
      `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, order_name, inventory_item_id, location_id, delta, state, mutation_id, trace_id, finished_at)
       VALUES ($1, $2, 'e', 'order', '1001', '#1001', '51', '61', -1, 'applied', $3::uuid, 't', now()) RETURNING id`,
      install.installId, install.shop, mutationId,
    );
    const id = await mismatch({ explanation: "doubled", proposed: 1, evidence: { mutationId, delta: -1, firstSentAt: minutesAgo(31).toISOString(), lastSentAt: minutesAgo(30).toISOString(), before: 10, beforeAt: minutesAgo(50).toISOString() } });
    const page = await oneMismatch(id);
    expect(page?.mismatch).toMatchObject({ id, proposedDelta: 1, proposedBecause: "doubled", ofScan: false });
    expect(page?.knownSince).toEqual({ at: minutesAgo(30), seenBy: "notification" });
    expect(page?.callChanges).toEqual([{ id: String(change.id), orderId: "1001", orderName: "#1001", delta: -1, state: "applied" }]);
    expect(page?.evidence.call?.before).toEqual({ available: 10, at: minutesAgo(50) });
    expect(page?.picture?.rows.map(({ available }) => available)).toEqual([8, 9, 10]);
    expect(page?.mode).toBe("observe");
  });

  it("can be shown without anything that was seen", async () => {
    const page = await oneMismatch(await mismatch({ explanation: "unknown", evidence: { mutationId: "no uuid", delta: 2 } }));
    expect(page).toMatchObject({ picture: null, knownSince: null, callChanges: [] });
  });
});

describe("a person", () => {
  it("sees exactly what would be sent, and sends it once, with the name and the reason in the audit trail", async () => {
    await protect();
    await stock(100);
    const id = await overwrite({ minutes: 0 });
    const preview = { kind: "preview", act: "correct", numbers: { delta: -3, standing: 100, expected: 97, effectKey: `correction:conflict:${id}` } };
    expect(await act("conflict", id, { act: "correct", preview: "1" })).toEqual(preview);
    expect(await fixture.database.query(`SELECT 1 FROM changes`)).toEqual([]);
    expect(await act("conflict", id, { act: "correct", note: " " })).toEqual({ kind: "note_missing" });
    expect(await act("conflict", id, { act: "correct", note: "counted" }, { install: other })).toEqual({ kind: "refused", refusal: "not_found" });
    expect(await act("conflict", id, { act: "correct", note: "counted" })).toEqual({ kind: "done", act: "correct" });
    expect(fixture.woken).toEqual([install.shop]);
    expect(await act("conflict", id, { act: "correct", note: "again" })).toEqual({ kind: "refused", refusal: "already_corrected" });
    expect(await fixture.database.query(`SELECT actor, kind, delta, detail->>'note' AS note FROM audit_entries WHERE kind LIKE 'correction%'`)).toEqual([{ actor: "staff:7", kind: "correction_asked", delta: -3, note: "counted" }]);
    const page = await oneOverwrite(id);
    expect(page).toMatchObject({ mode: "enforce", overwrite: { state: "repaired", endedBy: "staff:7", note: "counted" }, decided: { canUndo: false, correction: { state: "waiting", delta: -3, askedBy: "staff:7", note: "counted" }, undoing: null } });
  });

  it("takes a correction back once it took effect, and once", async () => {
    await protect();
    await stock(9);
    const id = await mismatch({ explanation: "doubled", proposed: 1 });
    await act("drift", id, { act: "correct", note: "counted" });
    expect(await act("drift", id, { act: "undo", preview: "1" })).toEqual({ kind: "refused", refusal: "not_applied" });
    await fixture.database.execute(
      `WITH m AS (INSERT INTO mutations (id, install_id, shop, key, state, trace_id, owner_id, claimed_at) VALUES (gen_random_uuid(), $1, $2, gen_random_uuid(), 'applied', 't', 'o', now()) RETURNING id)
       UPDATE changes SET state = 'claimed', mutation_id = m.id FROM m WHERE cause = 'correction'`,
      install.installId, install.shop,
    );
    await fixture.database.execute(`UPDATE changes SET state = 'applied', finished_at = now(), before = 8, after = 9 WHERE cause = 'correction'`);
    expect((await oneMismatch(id))?.decided).toMatchObject({ canUndo: true, correction: { state: "applied", before: 8, after: 9 } });
    expect(await act("drift", id, { act: "undo", preview: "1" })).toMatchObject({ kind: "preview", act: "undo", numbers: { delta: -1, standing: 9, expected: 8 } });
    expect(await act("drift", id, { act: "undo", note: "wrong after all" })).toEqual({ kind: "done", act: "undo" });
    expect((await oneMismatch(id))?.decided).toMatchObject({ canUndo: false, undoing: { delta: -1, state: "waiting", note: "wrong after all" } });
    expect(await act("drift", id, { act: "undo", note: "twice" })).toEqual({ kind: "refused", refusal: "already_undone" });
  });

  it("may leave it as it is with a reason, where Holdfast only watches, too", async () => {
    const id = await mismatch({ proposed: 1, explanation: "doubled" });
    expect(await act("drift", id, { act: "correct", preview: "1" })).toEqual({ kind: "refused", refusal: "not_protecting" });
    expect(await act("drift", id, { act: "dismiss" })).toEqual({ kind: "note_missing" });
    expect(await act("drift", id, { act: "dismiss", preview: "1" })).toEqual({ kind: "not_understood" });
    expect(await act("drift", id, { act: "dismiss", note: "a delivery" })).toEqual({ kind: "done", act: "dismiss" });
    expect((await oneMismatch(id))?.mismatch).toMatchObject({ state: "dismissed", endedBy: "staff:7", note: "a delivery" });
    expect(await act("drift", id, { act: "nonsense" })).toEqual({ kind: "not_understood" });
    expect(await act("drift", "x", { act: "dismiss", note: "n" })).toEqual({ kind: "not_understood" });
    expect(fixture.woken).toEqual([]);
  });

  it("who may not change stock in Shopify is told so, and nothing happens", async () => {
    await protect();
    const id = await overwrite();
    const attempts: readonly Record<string, string>[] = [{ act: "correct", preview: "1" }, { act: "correct", note: "n" }, { act: "dismiss", note: "n" }];
    for (const fields of attempts) {
      expect(await act("conflict", id, fields, { mayChangeStock: () => Promise.resolve(false) })).toEqual({ kind: "not_permitted" });
    }
    expect((await oneOverwrite(id))?.overwrite.state).toBe("open");
  });
});

describe("a stock over time", () => {
  it("begins with what stood there before, and holds its own stock's numbers only", async () => {
    await seen({ minutes: 90, available: 12 });
    await seen({ minutes: 80, available: 11 });
    await seen({ minutes: 20, available: 10 });
    await seen({ minutes: 10, available: 5, item: "52" });
    await seen({ minutes: 10, available: 5, of: other });
    const place = { installId: install.installId, inventoryItemId: "51", locationId: "61" };
    const found = await readStockOverTime(fixture.database, { ...place, from: minutesAgo(60), until: NOW });
    expect(found).toMatchObject({ seenCount: 1, cut: false, points: [{ available: 11, at: minutesAgo(80) }, { available: 10, at: minutesAgo(20) }] });
    expect((await readStockOverTime(fixture.database, { ...place, from: minutesAgo(300), until: minutesAgo(200) })).points).toEqual([]);
  });
});

describe("the standing of comparisons", () => {
  const standing = () => readScanStanding(fixture.database, install.installId);
  const scan = (columns: string, values: string) => fixture.database.execute(`INSERT INTO stock_scans (install_id, shop, kind, reason, requested_by, ${columns}) VALUES ($1, $2, 'stock', 'scheduled', 'holdfast', ${values})`, install.installId, install.shop);

  it("is nothing before the first", async () => {
    expect(await standing()).toEqual({ last: null, running: null, failedAt: null });
  });

  it("tells of the last complete one, what it could not settle, and the one under way", async () => {
    await scan("state, level_count, unsettled_count, drift_count, created_at, finished_at", "'done', 4380, 170, 2, now() - interval '13 minutes', now() - interval '12 minutes'");
    await scan("state, failure, finished_at", "'failed', 'x', now() - interval '5 minutes'");
    expect(await standing()).toMatchObject({ last: { totalCount: 4_380, checkedCount: 4_210, mismatchCount: 2, reason: "scheduled" }, running: null, failedAt: expect.any(Date) });
    await scan("state, url, level_count, line_count, object_count", "'reading', 'u', 1200, 2400, 8800");
    expect(await standing()).toMatchObject({ running: { kind: "stock", state: "reading", checkedCount: 1_200, totalCount: 4_380, linesRead: 2_400, lineCount: 8_800, toConfirmCount: 0 }, failedAt: null });
    expect(await readScanStanding(fixture.database, other.installId)).toEqual({ last: null, running: null, failedAt: null });
  });

  it("is asked for once, by name, however often somebody clicks", async () => {
    const scans = createStockScanBook(fixture.database);
    const logger = fixture.dependencies.logger;
    expect(await askForCheck({ scans, logger }, { install, actor: "staff:7" })).toEqual({ kind: "asked" });
    expect(await askForCheck({ scans, logger }, { install, actor: "staff:8" })).toEqual({ kind: "under_way" });
    expect((await standing()).running).toMatchObject({ reason: "asked", requestedBy: "staff:7", state: "starting" });
    expect((await mismatches()).scans.running).toMatchObject({ requestedBy: "staff:7" });
    expect(await fixture.database.query(`SELECT actor FROM audit_entries WHERE install_id = $1 AND kind = 'stock_check_asked'`, install.installId)).toEqual([{ actor: "staff:7" }]);
  });
});

// Home's read models against a real database: what is open, numbers with their day before, what was prevented, the connection, and that quarters of an hour
// are counted once, right and only the shop's own.
import { randomUUID } from "node:crypto";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import { loadHomePage } from "#app/dashboard/home-page.server.ts";
import { loadPreventedPage } from "#app/dashboard/prevented-page.server.ts";
import { lastQuarterEnd, rollUpActivity } from "#app/dashboard/queries/roll-up-activity.server.ts";
import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";
import type { SqlValue } from "#app/ports/database.ts";
import { createActivityStep } from "../../worker/activity-service.ts";

import { NOW, openDashboardFixture, seedChange, seedDelivery, seedOrder, type DashboardFixture } from "./dashboard-fixture.ts";

const ZONE = "America/New_York";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ago = (ms: number) => new Date(NOW.getTime() - ms);

let fixture: DashboardFixture;
let install: ActiveInstall;
let other: ActiveInstall;

beforeEach(async () => {
  fixture = await openDashboardFixture();
  // Of before the days that are counted.
  install = { ...(await fixture.install("one.myshopify.com", { timezone: ZONE })), installedAt: ago(30 * 24 * HOUR_MS) };
  other = await fixture.install("two.myshopify.com");
});
afterEach(() => fixture.close());

const execute = (sql: string, ...values: SqlValue[]) => fixture.database.execute(sql, ...values);
const home = (of = install) => loadHomePage(fixture.dependencies, of, ZONE);
const lineOf = async (kind: string) => (await home()).prevented.find((line) => line.kind === kind);
const healthOf = async (name: string) => (await home()).health.find((line) => line.name.startsWith(name));

/** A worker that looked through the shop's orders a moment ago. */
const roundAt = (of: ActiveInstall, at: Date, dueAt = new Date(at.getTime() + 5 * MINUTE_MS)) =>
  execute("INSERT INTO order_scans (install_id, watermark, passed_at, due_at) VALUES ($1, $2, $2, $3) ON CONFLICT (install_id) DO UPDATE SET passed_at = $2, due_at = $3", of.installId, at, dueAt);

interface SeedOversell {
  readonly of?: ActiveInstall;
  readonly kind?: string;
  readonly handled?: boolean;
  readonly orders?: readonly object[];
  readonly item?: string;
}

async function oversell({ of = install, kind = "oversold", handled = false, orders = [], item = "51" }: SeedOversell = {}): Promise<string> {
  const [row] = await fixture.database.query<{ id: bigint }>(
    `INSERT INTO oversells (install_id, shop, inventory_item_id, location_id, title, sku, kind, depth, short, orders, policy, cause, confidence, seen_by, handled_at)
     VALUES ($1, $2, $3, '61', 'Blue mug', 'MUG', $4, 2, 2, $5::jsonb, 'latest_first', 'two_sales', 'certain', 'notification', CASE WHEN $6 THEN now() END) RETURNING id`,
    of.installId, of.shop, item, kind, JSON.stringify(orders), handled,
  );
  return String(row?.id);
}

const shortOrder = (orderId: string, unitsShort: number) => ({ orderId, name: `#${orderId}`, lineId: "31", committedAt: NOW.toISOString(), units: unitsShort, unitsShort, paid: true, verdict: "short", exempt: null });

async function conflict(seed: { readonly foundAt?: Date; readonly state?: string; readonly told?: boolean } = {}): Promise<void> {
  await execute(
    `INSERT INTO conflicts (install_id, shop, observation_id, inventory_item_id, location_id, at, value_before, value_written, same_as_at, units_at_risk, unseen, confidence, state, found_at, told_at, ended_at)
     VALUES ($1, $2, (random() * 1e9)::bigint, '51', '61', $3, 97, 100, $3, 3, '[]'::jsonb, 'certain', $4, $3, CASE WHEN $5 THEN $3::timestamptz END, CASE WHEN $4 <> 'open' THEN $3::timestamptz END)`,
    install.installId, install.shop, seed.foundAt ?? NOW, seed.state ?? "open", seed.told ?? true,
  );
}

async function drift(seed: { readonly item: string; readonly explanation?: string; readonly proposed?: number | null; readonly state?: string }): Promise<void> {
  await execute(
    `INSERT INTO drifts (install_id, shop, inventory_item_id, location_id, shopify, known, difference, explanation, proposed_delta, proposed_because, state, found_at, ended_at)
     VALUES ($1, $2, $3, '61', 9, 7, 2, $4, $5::int, CASE WHEN $5::int IS NOT NULL THEN 'doubled' END, $6, $7, CASE WHEN $6 <> 'open' THEN $7::timestamptz END)`,
    install.installId, install.shop, seed.item, seed.explanation ?? "unknown", seed.proposed ?? null, seed.state ?? "open", NOW,
  );
}

describe("what Home says first", () => {
  it("leads straight to the one incident, with the orders that are short", async () => {
    const id = await oversell({ orders: [shortOrder("1044", 1), shortOrder("1044", 1), { ...shortOrder("1043", 0), verdict: "served" }] });
    await oversell({ of: other, orders: [shortOrder("9", 9)] });
    expect((await home()).state).toMatchObject({ title: "Order #1044 is short of 2 × Blue mug", action: { url: `/app/oversells/${id}` } });
  });

  it("leaves out what somebody handles already, and tells what only has to be moved apart", async () => {
    await roundAt(install, ago(MINUTE_MS));
    await oversell({ handled: true });
    await oversell({ kind: "move_stock", item: "52" });
    expect((await home()).state).toMatchObject({ title: "1 item is at the wrong location", also: [] });
  });

  it("counts overwrites that have stood, and mismatches with what can be corrected", async () => {
    await roundAt(install, ago(MINUTE_MS));
    await conflict();
    await conflict({ told: false });
    await conflict({ state: "dismissed" });
    await drift({ item: "52", proposed: -2, explanation: "doubled" });
    await drift({ item: "53" });
    await drift({ item: "54", state: "gone" });
    const { state } = await home();
    expect(state.title).toBe("Stock was overwritten once");
    expect(state.also.map(({ text }) => text)).toEqual(["2 stock numbers do not match"]);
  });

  it("stands on the last comparison with Shopify", async () => {
    await seedDelivery(fixture.database, install);
    await roundAt(install, ago(MINUTE_MS));
    await execute(
      `INSERT INTO stock_scans (install_id, shop, kind, reason, requested_by, state, level_count, unsettled_count, finished_at) VALUES ($1, $2, 'stock', 'scheduled', 'holdfast', 'done', 4380, 170, $3)`,
      install.installId, install.shop, ago(12 * MINUTE_MS),
    );
    const { state } = await home();
    expect(state.title).toBe("No known problems");
    expect(state.text).toContain("4,210 of 4,380 stock numbers were checked against Shopify 12 minutes ago.");
  });
});

describe("today's numbers", () => {
  it("stand beside as many as there were by this time of the day before, by the shop's clock", async () => {
    // 09:30 in New York; the same time of the day before.
    const dayBefore = ago(24 * HOUR_MS);
    await seedChange(fixture.database, install, { state: "applied", finishedAt: new Date(dayBefore.getTime() - HOUR_MS), createdAt: dayBefore });
    await seedChange(fixture.database, install, { state: "applied", finishedAt: new Date(dayBefore.getTime() - 2 * HOUR_MS), createdAt: dayBefore });
    await seedChange(fixture.database, install, { state: "applied", finishedAt: new Date(dayBefore.getTime() + HOUR_MS), createdAt: dayBefore });
    await seedChange(fixture.database, install, { state: "applied" });
    const page = await home();
    expect(page.numbers.changesApplied).toBe(1);
    expect(page.before.changesApplied).toBe(2);
  });

  it("are compared with nothing where Holdfast was not there the whole day before", async () => {
    expect((await home({ ...install, installedAt: ago(20 * HOUR_MS) })).before).toEqual({ orderNotifications: null, duplicatesStopped: null, changesApplied: null, changesShown: null });
  });
});

describe("quarters of an hour", () => {
  const countedRows = () => fixture.database.query<{ quarter: Date; order_notifications: number; applied: number }>("SELECT * FROM activity_quarters ORDER BY quarter");

  it("are counted once they are over, and what comes after is counted as it stands", async () => {
    const over = new Date(lastQuarterEnd(NOW).getTime() - MINUTE_MS);
    await seedDelivery(fixture.database, install, { receivedAt: over, duplicates: 2 });
    await seedDelivery(fixture.database, install, { receivedAt: NOW });
    expect((await home()).numbers).toMatchObject({ orderNotifications: 2, duplicatesStopped: 2 });
    expect(await countedRows()).toMatchObject([{ order_notifications: 1, duplicates: 2, order_duplicates: 2 }]);
    await seedDelivery(fixture.database, install, { receivedAt: NOW });
    expect((await home()).numbers).toMatchObject({ orderNotifications: 3, duplicatesStopped: 2 });
    // What is counted is not looked at again: without its rows the number stays.
    await execute("DELETE FROM deliveries WHERE received_at = $1", over);
    expect((await home()).numbers.orderNotifications).toBe(3);
  });

  it("are the same numbers whether they are counted at once or one by one, by two at the same moment", async () => {
    const day = Array.from({ length: 40 }, (_, index) => ago(index * 17 * MINUTE_MS));
    for (const receivedAt of day) await seedDelivery(fixture.database, install, { receivedAt, duplicates: 1 });
    await Promise.all([rollUpActivity(fixture.database, install.installId, ago(6 * HOUR_MS)), rollUpActivity(fixture.database, install.installId, ago(4 * HOUR_MS))]);
    const stepwise = (await home()).steps.map(({ duplicatesStopped }) => duplicatesStopped);
    await execute("DELETE FROM activity_quarters");
    await execute("DELETE FROM activity_rolls");
    expect((await home()).steps.map(({ duplicatesStopped }) => duplicatesStopped)).toEqual(stepwise);
    expect(stepwise.reduce((sum, count) => sum + count, 0)).toBe(40);
  });

  it("are of one install only, and old ones are forgotten", async () => {
    await seedDelivery(fixture.database, other, { receivedAt: ago(HOUR_MS) });
    await execute("INSERT INTO activity_quarters (install_id, quarter, applied) VALUES ($1, $2, 5)", install.installId, ago(20 * 24 * HOUR_MS));
    expect((await home()).numbers.orderNotifications).toBe(0);
    expect(await countedRows()).toEqual([]);
    expect((await home(other)).numbers.orderNotifications).toBe(1);
  });
});

describe("the worker", () => {
  it("counts every active shop's quarters before anybody looks, each once", async () => {
    const { database } = fixture;
    // Neither of the two has to wait for a page to be opened.
    await seedDelivery(database, install, { receivedAt: ago(HOUR_MS) });
    await seedDelivery(database, other, { receivedAt: ago(2 * HOUR_MS) });
    const step = createActivityStep(fixture.dependencies);
    expect([await step(), await step()]).toEqual([2, 0]);
    const rows = await database.query<{ install_id: bigint; order_notifications: number }>("SELECT install_id, order_notifications FROM activity_quarters ORDER BY install_id");
    expect(rows).toEqual([{ install_id: install.installId, order_notifications: 1 }, { install_id: other.installId, order_notifications: 1 }]);
    await execute("UPDATE installs SET state = 'ended', ended_at = now() WHERE id = $1", other.installId);
    await execute("UPDATE activity_rolls SET until = until - interval '1 hour'");
    expect(await step()).toBe(1);
  });
});

describe("what was prevented", () => {
  it("counts what was found today and in the last seven days", async () => {
    await conflict();
    await conflict({ foundAt: ago(3 * 24 * HOUR_MS) });
    await conflict({ foundAt: ago(8 * 24 * HOUR_MS) });
    await conflict({ state: "explained" });
    expect(await lineOf("overwrites")).toMatchObject({ today: 1, week: 2 });
  });

  it("counts duplicates about orders apart from echoes of stock", async () => {
    await seedDelivery(fixture.database, install, { duplicates: 3, receivedAt: ago(HOUR_MS) });
    await execute("INSERT INTO delivery_duplicates (install_id, shop, webhook_id, topic, received_at) VALUES ($1, $2, 'w', 'inventory_levels/update', $3)", install.installId, install.shop, NOW);
    expect(await lineOf("duplicates")).toMatchObject({ today: 3, week: 3 });
    expect((await home()).numbers.duplicatesStopped).toBe(4);
  });

  it("counts calls whose answer was lost, where calls are made", async () => {
    await fixture.dependencies.settingsStore.save({ installId: install.installId, expectedVersion: 1, document: { ...DEFAULT_SETTINGS, mode: "enforce" }, actor: "staff:7" });
    const mutationId = randomUUID();
    await execute(
      `INSERT INTO mutations (id, install_id, shop, key, state, trace_id, owner_id, claimed_at) VALUES ($1::uuid, $2, $3, $1::uuid, 'applied', 't', 'o', $4)`,
      mutationId, install.installId, install.shop, NOW,
    );
    for (const [number, outcome] of [[1, "unknown"], [2, "throttled"], [3, "applied"]] as const) {
      await execute("INSERT INTO attempts (mutation_id, number, install_id, sent_at, finished_at, outcome) VALUES ($1::uuid, $2, $3, $4, $4, $5)", mutationId, number, install.installId, NOW, outcome);
    }
    expect(await lineOf("answers")).toMatchObject({ today: 1, week: 1 });
    const changeId = await seedChange(fixture.database, install, { delta: -3, title: "Beeswax candle - Default Title", orderName: "#1001" });
    await execute("UPDATE changes SET mutation_id = $1::uuid, state = 'claimed' WHERE id = $2", mutationId, changeId);
    await execute("UPDATE changes SET state = 'applied', finished_at = created_at WHERE id = $1", changeId);
    const page = await loadPreventedPage(fixture.dependencies, install, ZONE);
    expect(page.answers).toMatchObject([{ what: "−3 Beeswax candle for #1001", outcome: "Asked again under the same key: it counted once, known since try 3.", url: `/app/history/${changeId}` }]);
    expect((await loadPreventedPage(fixture.dependencies, other, ZONE)).answers).toEqual([]);
  });

  it("names the orders that nobody told of, as many as it counts", async () => {
    await seedOrder(fixture.database, install, "555", "#1042");
    await seedOrder(fixture.database, install, "556");
    await seedOrder(fixture.database, other, "557");
    await execute("UPDATE orders SET missed_at = now() WHERE order_id <> '556'");
    expect(await lineOf("missed")).toMatchObject({ week: 1 });
    expect((await loadPreventedPage(fixture.dependencies, install, ZONE)).missed).toMatchObject([{ orderId: "555", name: "#1042" }]);
  });

  it("counts refused holds where a checkout asks for any", async () => {
    expect(await lineOf("holds")).toBeUndefined();
    await execute(
      "INSERT INTO reservation_hours (install_id, hour, inventory_item_id, location_id, refused_count, short_units) VALUES ($1, $2, '51', '61', 4, 9)",
      install.installId, ago(2 * HOUR_MS),
    );
    expect(await lineOf("holds")).toMatchObject({ today: 4, week: 4 });
  });
});

describe("the connection", () => {
  it("tells how late notifications come, of the newest ones", async () => {
    await seedDelivery(fixture.database, install, { webhookId: "late", receivedAt: new Date() });
    await execute("UPDATE deliveries SET triggered_at = received_at - interval '900 milliseconds' WHERE webhook_id = 'late'");
    expect((await healthOf("Notifications"))?.text).toMatch(/^The slowest of the last 1 notification took 900 ms/);
  });

  it("says that the worker has stopped when its round is long overdue, and that Shopify is silent when rounds come to nothing", async () => {
    await seedDelivery(fixture.database, install);
    await roundAt(install, ago(40 * MINUTE_MS));
    expect((await home()).state.title).toMatch(/^Holdfast's background worker has not been seen for/);
    await roundAt(install, ago(40 * MINUTE_MS), NOW);
    expect((await home()).state.title).toBe("Shopify has not answered Holdfast for 40 minutes");
    await roundAt(install, ago(4 * MINUTE_MS));
    expect((await home()).state.title).toBe("No known problems");
  });
});

describe("the set-up guide", () => {
  it("shows what would have been done once there are rules", async () => {
    await fixture.dependencies.settingsStore.save({
      installId: install.installId,
      expectedVersion: 1,
      document: { ...DEFAULT_SETTINGS, deduct: { ...DEFAULT_SETTINGS.deduct, sources: [{ sourceName: "shelf", confirmedBypass: true }] } },
      actor: "staff:7",
    });
    await execute("INSERT INTO order_sources (install_id, source_key, order_count, bypass_count) VALUES ($1, 'name:shelf', 2, 2), ($1, 'name:web', 90, 0)", install.installId);
    await seedChange(fixture.database, install, { state: "shadow", orderId: "1001", delta: -2, createdAt: ago(HOUR_MS) });
    await seedChange(fixture.database, install, { state: "shadow", orderId: "1002", delta: -1, createdAt: ago(2 * HOUR_MS) });
    await seedChange(fixture.database, install, { state: "shadow", orderId: "1003", delta: -1, createdAt: ago(30 * HOUR_MS) });
    const understand = (await home()).guide.steps.find(({ id }) => id === "understand");
    expect(understand?.findings.map(({ text }) => text)).toEqual([
      "In the last 24 hours Holdfast would have made 2 changes for 2 orders, and taken 3 units.",
      "Shopify's own numbers agree: of 2 orders of your sources that could be observed, none had its stock taken by Shopify.",
    ]);
  });
});

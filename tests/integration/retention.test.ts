// What the retention removes and what it keeps, against a real database: old and over goes; young, open, or needed does not; and a removed notification that comes once more takes no stock.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createRetention } from "#app/adapters/prisma/retention.server.ts";
import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";
import type { Retention } from "#app/ports/retention.ts";

import { startPass } from "../../worker/retention-service.ts";
import { openDashboardFixture, seedChange, seedDelivery, seedOrder, type DashboardFixture } from "./dashboard-fixture.ts";

const DAY_MS = 86_400_000;

let fixture: DashboardFixture;
let install: ActiveInstall;
let other: ActiveInstall;
let retention: Retention;
let said: object[];

beforeEach(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com");
  other = await fixture.install("two.myshopify.com");
  retention = createRetention(fixture.database);
  said = [];
});
afterEach(() => fixture.close());

/** The database's own clock decides, so ages are of now. */
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

async function entry(days: number, { orderId = null as string | null, changeId = null as bigint | null, of = install } = {}): Promise<void> {
  await fixture.database.execute(
    "INSERT INTO audit_entries (install_id, shop, kind, actor, at, order_id, change_id) VALUES ($1, $2, 'source_paused', 'holdfast', $3, $4, $5)",
    of.installId, of.shop, daysAgo(days), orderId, changeId,
  );
}
const counts = async (of = install) => {
  const count = async (table: string) => (await fixture.database.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table} WHERE install_id = $1`, of.installId))[0]?.count;
  return [await count("audit_entries"), await count("deliveries"), await count("delivery_duplicates")];
};
async function sweepAll(rowsPerStep = 500): Promise<number> {
  const logger = { info: (fields: object) => void said.push(fields) };
  const pass = startPass({ retention, logger }, rowsPerStep);
  let removed = 0;
  for (;;) {
    const step = await pass.next();
    if (step === null) return removed;
    removed += step;
  }
}
const keepFor = (retentionDays: number, of = install) => fixture.dependencies.settingsStore.save({ installId: of.installId, expectedVersion: 1, document: { ...DEFAULT_SETTINGS, retentionDays }, actor: "staff:7" });
/** The audit trail begins with the install itself, which is of now. */
const OWN_ENTRIES = 1;

describe("the retention", () => {
  it("removes what is older than its shop keeps, with the repetitions of what is removed, and nothing of another shop", async () => {
    await keepFor(3650, other);
    for (const of of [install, other]) {
      for (const days of [200, 91, 89, 1]) {
        await entry(days, { of });
        await seedDelivery(fixture.database, of, { orderId: null, receivedAt: daysAgo(days), duplicates: 2 });
      }
    }
    const [before] = await counts(other);
    expect(await sweepAll()).toBe(2 + 2 + 4);
    expect(await counts()).toEqual([OWN_ENTRIES + 2, 2, 4]);
    expect(await counts(other)).toEqual([before, 4, 8]);
    expect(said).toEqual([{ shop: install.shop, removedCount: 8, retentionDays: 90 }]);
    expect(await sweepAll()).toBe(0);
  });

  it("comes to the same in steps of any size, past what is kept between", async () => {
    for (let days = 130; days > 70; days -= 1) {
      await entry(days, { orderId: days % 3 === 0 ? "1001" : null });
      await seedDelivery(fixture.database, install, { orderId: days % 3 === 0 ? "1001" : null, receivedAt: daysAgo(days) });
    }
    await seedOrder(fixture.database, install, "1001");
    await fixture.database.execute("UPDATE orders SET state = 'due' WHERE order_id = '1001'");
    const gone = Array.from({ length: 60 }, (_, index) => 130 - index).filter((days) => days >= 90 && days % 3 !== 0).length;
    expect(await sweepAll(7)).toBe(2 * gone);
    expect(await sweepAll(1)).toBe(0);
  });

  it("keeps what an order still needs: one that waits, one with units to be sent, one with a change that is not over", async () => {
    for (const orderId of ["1", "2", "3", "4"]) {
      await seedOrder(fixture.database, install, orderId);
      await seedDelivery(fixture.database, install, { orderId, receivedAt: daysAgo(100) });
      await entry(100, { orderId });
    }
    await fixture.database.execute("UPDATE orders SET state = 'due' WHERE order_id = '1'");
    await fixture.database.execute(
      "INSERT INTO order_items (install_id, order_id, line_id, inventory_item_id, units, units_open, committed_at, heard_at, paid) VALUES ($1, '2', '21', '51', 1, 1, now(), now(), true)",
      install.installId,
    );
    const parked = await seedChange(fixture.database, install, { orderId: "3", state: "parked", reason: "refused" });
    await entry(100, { changeId: parked });
    expect(await sweepAll()).toBe(2);
    expect((await fixture.database.query<{ order_id: string }>("SELECT order_id FROM deliveries ORDER BY order_id")).map((row) => row.order_id)).toEqual(["1", "2", "3"]);
    expect(await counts()).toEqual([OWN_ENTRIES + 4, 3, 0]);
  });

  it("keeps what was done about an oversell until it is closed", async () => {
    const [oversell] = await fixture.database.query<{ id: bigint }>(
      `INSERT INTO oversells (install_id, shop, kind, inventory_item_id, location_id, depth, short, policy, cause, confidence, seen_by)
       VALUES ($1, $2, 'oversold', '51', '61', 1, 1, 'latest_first', 'unknown', 'unknown', 'read') RETURNING id`,
      install.installId, install.shop,
    );
    await fixture.database.execute(
      "INSERT INTO audit_entries (install_id, shop, kind, actor, at, detail) VALUES ($1, $2, 'oversell_handled', 'staff:7', $3, jsonb_build_object('oversellId', $4::text, 'note', 'seen to'))",
      install.installId, install.shop, daysAgo(100), String(oversell?.id),
    );
    expect(await sweepAll()).toBe(0);
    await fixture.database.execute("UPDATE oversells SET state = 'closed', closed_at = now(), close_reason = 'recounted'");
    expect(await sweepAll()).toBe(1);
  });

  it("keeps what was never worked on, and what a person had worked on again lately", async () => {
    await seedDelivery(fixture.database, install, { orderId: null, receivedAt: daysAgo(100), state: "pending" });
    await seedDelivery(fixture.database, install, { orderId: null, receivedAt: daysAgo(100), webhookId: "replayed" });
    await fixture.database.execute("UPDATE deliveries SET replayed_at = now() WHERE webhook_id = 'replayed'");
    expect(await sweepAll()).toBe(0);
  });

  it("never removes what makes an effect happen once: changes, their keys and calls, whatever their age", async () => {
    await seedChange(fixture.database, install, { state: "applied", createdAt: daysAgo(400), finishedAt: daysAgo(400) });
    const kept = async () => [await fixture.database.query("SELECT count(*)::int AS n FROM changes"), await fixture.database.query("SELECT count(*)::int AS n FROM mutations"), await fixture.database.query("SELECT count(*)::int AS n FROM attempts")];
    const before = await kept();
    await sweepAll();
    expect(await kept()).toEqual(before);
  });

  it("takes a longer retention that is saved while a pass is under way, and never less than 30 days", async () => {
    await entry(100);
    const [shop] = await retention.shops(null, 1);
    if (shop === undefined) throw new Error("there are two");
    await keepFor(120);
    expect(await retention.sweep({ shop, table: "audit_entries", after: null, rowsMax: 10 })).toMatchObject({ removedCount: 0 });
    await fixture.database.execute("INSERT INTO settings_versions (install_id, version, document, created_by) SELECT install_id, 9, jsonb_set(document, '{retentionDays}', '1'), 'holdfast' FROM settings_versions WHERE install_id = $1 AND version = 1", install.installId);
    expect((await retention.shops(null, 1))[0]?.retentionDays).toBe(30);
  });

  it("leaves ended installs to the deletion that Shopify asks for", async () => {
    await entry(100);
    await fixture.database.execute("UPDATE installs SET state = 'ended', ended_at = now(), end_reason = 'uninstalled' WHERE id = $1", install.installId);
    expect(await sweepAll()).toBe(0);
  });

  it("removes each row once when two workers do it at the same time", async () => {
    for (let index = 0; index < 40; index += 1) await seedDelivery(fixture.database, install, { orderId: null, receivedAt: daysAgo(100 + index) });
    const removed = await Promise.all([sweepAll(5), sweepAll(5)]);
    expect(removed.reduce((sum, count) => sum + count, 0)).toBe(40);
  });
});

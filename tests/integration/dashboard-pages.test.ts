// The read models behind Home, Stock history, Notifications and Settings, against a real database.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { changeApiTokens } from "#app/dashboard/api-tokens-page.server.ts";
import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import { loadHistoryPage } from "#app/dashboard/history-page.server.ts";
import { loadHomePage } from "#app/dashboard/home-page.server.ts";
import { loadNotificationsPage } from "#app/dashboard/notifications-page.server.ts";
import { readChangeDetail } from "#app/dashboard/queries/change-detail.server.ts";
import { readOrderReceipt } from "#app/dashboard/queries/order-receipt.server.ts";
import { setSetupGuideDismissed } from "#app/dashboard/queries/setup-guide.server.ts";
import { saveSettings } from "#app/dashboard/save-settings.server.ts";
import { DEFAULT_SETTINGS } from "#app/domain/settings.ts";

import { NOW, openDashboardFixture, REQUIRED_SCOPES, seedChange, seedDelivery, seedOrder, type DashboardFixture } from "./dashboard-fixture.ts";

const ZONE = "America/New_York";
/** An hour before the shop's midnight of the day that NOW is in. */
const YESTERDAY = new Date("2026-11-21T04:00:00.000Z");

let fixture: DashboardFixture;
let install: ActiveInstall;
let other: ActiveInstall;

beforeEach(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com", { timezone: ZONE });
  other = await fixture.install("two.myshopify.com");
});

afterEach(async () => {
  await fixture.close();
});

const history = (query: string, of = install) => loadHistoryPage(fixture.dependencies, of, ZONE, new URLSearchParams(query));
const home = (span: "day" | "week" = "day", guideAsked = false) => loadHomePage(fixture.dependencies, install, ZONE, { span, guideAsked });
const form = (fields: Record<string, string>) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
};

const act = (fields: Record<string, string>, of = install) => changeApiTokens({ dependencies: fixture.dependencies, install: of, actor: "staff:7" }, form(fields));

describe("Home", () => {
  it("shows a new install that it waits for its first order, and the guide", async () => {
    const page = await home();
    expect(page.state.title).toBe("Ready, waiting for the first order");
    expect(page).toMatchObject({ mode: "observe", guide: { dismissed: false, wanted: true }, hasRules: false });
    expect(page.steps).toHaveLength(24);
  });

  it("counts today by the shop's clock, and only its own rows", async () => {
    await seedDelivery(fixture.database, install, { duplicates: 2 });
    await seedDelivery(fixture.database, install, { receivedAt: YESTERDAY, duplicates: 5 });
    await seedDelivery(fixture.database, install, { topic: "inventory_levels/update", orderId: null });
    await seedDelivery(fixture.database, install, { topic: "inventory_items/update", orderId: null });
    await seedDelivery(fixture.database, install, { topic: "app/scopes_update", orderId: null });
    await seedChange(fixture.database, install, { state: "applied" });
    await seedChange(fixture.database, install, { state: "applied", finishedAt: YESTERDAY, createdAt: YESTERDAY });
    await seedChange(fixture.database, install, { state: "waiting" });
    await seedChange(fixture.database, install, { state: "parked" });
    await seedChange(fixture.database, install, { state: "shadow" });
    await seedDelivery(fixture.database, other, { duplicates: 7 });
    await seedChange(fixture.database, other, { state: "parked" });
    expect((await home()).numbers).toMatchObject({
      orderNotifications: 1,
      stockNotifications: 2,
      duplicatesStopped: 2,
      changesApplied: 1,
      changesShown: 1,
      waiting: 1,
      parked: 1,
      oldestNotificationAt: null,
      oldestChangeAt: NOW,
      lastNotificationAt: NOW,
    });
  });

  it("puts what happened into its hour, and leaves quiet hours at zero", async () => {
    await seedChange(fixture.database, install, { state: "applied", finishedAt: new Date("2026-11-21T13:59:59.999Z") });
    await seedDelivery(fixture.database, install, { duplicates: 1, receivedAt: new Date("2026-11-21T14:00:00.000Z") });
    await fixture.database.execute("INSERT INTO activity_hours (install_id, hour, lock_busy, lock_wait_ms_max) VALUES ($1, '2026-11-21T14:00:00Z', 4, 250)", install.installId);
    const { steps: hours, numbers } = await home();
    expect(hours.slice(-2).map(({ applied, duplicatesStopped, lockWaits }) => [applied, duplicatesStopped, lockWaits])).toEqual([[1, 0, 0], [0, 1, 4]]);
    expect(hours.slice(0, -2).every((hour) => hour.applied + hour.duplicatesStopped + hour.lockWaits === 0)).toBe(true);
    expect(numbers).toMatchObject({ lockWaits: 4, lockWaitMsMax: 250 });
  });

  it("draws the chart as SVG for desks and phones, over a week, too", async () => {
    const { chart, steps } = await home("week");
    expect(steps).toHaveLength(28);
    // Steps of six hours that begin at the shop's midnight; it is 09:30 there.
    expect(steps.at(-1)?.startedAt).toEqual(new Date("2026-11-21T11:00:00.000Z"));
    expect(chart.wide).toMatch(/^<svg width="880" height="240"/);
    expect(chart.medium).toMatch(/^<svg width="620" height="240"/);
    expect(chart.narrow).toMatch(/^<svg width="340" height="240"/);
  });

  it("hides the guide once it is dismissed, and shows it again when asked", async () => {
    await setSetupGuideDismissed(fixture.database, install.installId, true);
    expect((await home()).guide.wanted).toBe(false);
    await setSetupGuideDismissed(fixture.database, install.installId, false);
    expect((await home()).guide.wanted).toBe(true);
  });

  it("leaves the guide out when its three steps are done, unless it is asked for", async () => {
    await seedDelivery(fixture.database, install);
    const rules = { ...DEFAULT_SETTINGS, mode: "enforce", deduct: { ...DEFAULT_SETTINGS.deduct, sources: [{ sourceName: "shelf", confirmedBypass: true }] } };
    expect(await saveSettings(fixture.dependencies, { install: { ...install, scopes: [...REQUIRED_SCOPES, "write_inventory"] }, document: rules, actor: "staff:7" })).toMatchObject({ kind: "saved" });
    expect((await home()).guide).toMatchObject({ dismissed: false, wanted: false });
    expect((await home("day", true)).guide.wanted).toBe(true);
    await setSetupGuideDismissed(fixture.database, install.installId, true);
    expect((await home("day", true)).guide.wanted).toBe(false);
  });
});

describe("Stock history", () => {
  it("lists as many changes as Home's numbers say", async () => {
    await seedChange(fixture.database, install, { state: "applied" });
    await seedChange(fixture.database, install, { state: "applied", finishedAt: YESTERDAY, createdAt: YESTERDAY });
    await seedChange(fixture.database, install, { state: "applied", finishedAt: NOW, createdAt: YESTERDAY });
    expect((await history("state=applied&when=today")).rows).toHaveLength((await home()).numbers.changesApplied);
  });

  it("finds an order by its name with or without #, by its id and by its gid", async () => {
    await seedOrder(fixture.database, install, "555", "#1042");
    const id = await seedChange(fixture.database, install, { orderId: "555", orderName: "#1042" });
    await seedChange(fixture.database, install, { orderId: "556" });
    for (const text of ["#1042", "1042", "555", "gid://shopify/Order/555"]) {
      expect((await history(`order=${encodeURIComponent(text)}`)).rows.map((row) => row.id)).toEqual([String(id)]);
    }
    expect((await history("order=104")).rows).toHaveLength(1);
    expect((await history("order=042")).rows).toEqual([]);
  });

  it("finds an item by SKU, by a part of its title and by its id", async () => {
    await fixture.database.execute("INSERT INTO variants (install_id, variant_id, inventory_item_id, sku, title) VALUES ($1, '41', '51', 'MUG-RED', 'Red mug 100%')", install.installId);
    const id = await seedChange(fixture.database, install, { inventoryItemId: "51", sku: "MUG-RED" });
    await seedChange(fixture.database, install, { inventoryItemId: "52", sku: "CUP" });
    for (const text of ["MUG-RED", "red MUG", "100%", "51"]) {
      expect((await history(`item=${encodeURIComponent(text)}`)).rows.map((row) => row.id)).toEqual([String(id)]);
    }
    expect((await history(`item=${encodeURIComponent("100_")}`)).rows).toEqual([]);
  });

  it("turns pages forward and back over the same rows while new ones arrive", async () => {
    const seeded: string[] = [];
    for (let index = 0; index < 120; index++) seeded.unshift(String(await seedChange(fixture.database, install)));
    const first = await history("");
    await seedChange(fixture.database, install);
    const second = await history(`older=${first.olderCursor}`);
    const third = await history(`older=${second.olderCursor}`);
    const back = await history(`newer=${third.newerCursor}`);
    const idsOf = (page: typeof first) => page.rows.map((row) => row.id);
    expect([...idsOf(first), ...idsOf(second), ...idsOf(third)]).toEqual(seeded);
    expect(idsOf(back)).toEqual(idsOf(second));
    expect([first.newerCursor, third.olderCursor]).toEqual([null, null]);
  });

  it.each(["order=' OR 1=1 --", "item=%25%25%25", "item='; DROP TABLE changes; --", "state=parked'", "cause[]=refund", "older=zzz", "newer=%00", "from=2026-99-99", "order=%00", "when=today&to=9999-12-31"])(
    "survives the hostile address %s",
    async (query) => {
      await seedChange(fixture.database, other);
      expect((await history(query)).rows).toEqual([]);
    },
  );

  it("tells the whole way of a change, and nothing of another shop's", async () => {
    await seedOrder(fixture.database, install, "1001");
    await seedDelivery(fixture.database, install, { webhookId: "webhook-1", duplicates: 1 });
    const id = await seedChange(fixture.database, install, { state: "applied" });
    const detail = await readChangeDetail(fixture.database, install.installId, id);
    expect(detail).toMatchObject({ change: { id }, order: { mode: "enforce" }, delivery: { duplicates: 1 }, mutation: { state: "applied" } });
    expect([detail?.attempts.length, detail?.audit.length]).toEqual([2, 1]);
    expect(await readChangeDetail(fixture.database, other.installId, id)).toBeNull();
    expect(await readOrderReceipt(fixture.database, other.installId, "1001")).toBeNull();
  });

  it("shows nothing of a life of the app in the shop that has ended", async () => {
    const id = await seedChange(fixture.database, install);
    const next = await fixture.install("one.myshopify.com");
    expect((await history("", next)).rows).toEqual([]);
    expect(await readChangeDetail(fixture.database, next.installId, id)).toBeNull();
  });
});

describe("Notifications", () => {
  it("filters by what waits and by what came more than once", async () => {
    await seedDelivery(fixture.database, install, { webhookId: "once" });
    await seedDelivery(fixture.database, install, { webhookId: "twice", duplicates: 1 });
    await seedDelivery(fixture.database, install, { webhookId: "waiting", state: "pending" });
    await seedDelivery(fixture.database, other, { webhookId: "theirs", duplicates: 1 });
    const load = async (query: string) => (await loadNotificationsPage(fixture.dependencies, install, ZONE, new URLSearchParams(query))).items.map((item) => [item.webhookId, item.duplicates]);
    expect(await load("")).toEqual([["waiting", 0], ["twice", 1], ["once", 0]]);
    expect(await load("duplicated=yes&when=today")).toEqual([["twice", 1]]);
    expect(await load("state=pending")).toEqual([["waiting", 0]]);
    expect(await load("state=' OR 1=1")).toHaveLength(3);
  });

  it("lists those about orders apart from those about stock, as many as Home's numbers say", async () => {
    await seedDelivery(fixture.database, install, { webhookId: "order" });
    await seedDelivery(fixture.database, install, { webhookId: "refund", topic: "refunds/create" });
    await seedDelivery(fixture.database, install, { webhookId: "echo", topic: "inventory_levels/update", orderId: null });
    const load = async (query: string) => (await loadNotificationsPage(fixture.dependencies, install, ZONE, new URLSearchParams(query))).items.map((item) => item.webhookId);
    const { numbers } = await home();
    expect(await load("about=orders&when=today")).toEqual(["refund", "order"]);
    expect(numbers.orderNotifications).toBe(2);
    expect(await load("about=stock&when=today")).toEqual(["echo"]);
    expect(numbers.stockNotifications).toBe(1);
    expect(await load("about=anything")).toHaveLength(3);
  });
});

describe("API tokens", () => {
  it("shows a token once and stores only its fingerprint", async () => {
    const created = await act({ intent: "create", label: "  Warehouse " });
    if (created.kind !== "created") throw new Error(created.kind);
    const stored = JSON.stringify(await fixture.database.query("SELECT hash, label, created_by FROM api_tokens"));
    expect(created.token).toMatch(/^hf_[A-Za-z0-9_-]{43}$/);
    expect(stored).not.toContain(created.token);
    expect(stored).toContain("Warehouse");
    const bearer = await fixture.dependencies.apiTokenStore.authenticate(created.token);
    expect(bearer).toMatchObject({ installId: install.installId, shop: "one.myshopify.com" });
  });

  it.each(["", "   ", "x".repeat(101), "a\u0000b"])("refuses the name %j beside its field", async (label) => {
    expect((await act({ intent: "create", label })).kind).toBe("refused");
  });

  it("does not revoke another shop's token", async () => {
    await act({ intent: "create", label: "mine" });
    const [token] = await fixture.dependencies.apiTokenStore.list(install.installId);
    expect(await act({ intent: "revoke", id: token?.id ?? "" }, other)).toEqual({ kind: "not_found" });
    expect(await act({ intent: "revoke", id: token?.id ?? "" })).toEqual({ kind: "revoked" });
    expect(await act({ intent: "revoke", id: "not-a-uuid" })).toEqual({ kind: "not_found" });
  });

  it("keeps to the largest number of tokens, also when two are created at once", async () => {
    await fixture.database.execute(
      "INSERT INTO api_tokens (id, install_id, shop, hash, label, created_by) SELECT gen_random_uuid(), $1, 'one.myshopify.com', 'hash' || n, 'old', 'staff:1' FROM generate_series(1, 49) n",
      install.installId,
    );
    const kinds = await Promise.all([1, 2, 3].map(async () => (await act({ intent: "create", label: "new" })).kind));
    expect(kinds.sort()).toEqual(["created", "refused", "refused"]);
  });
});

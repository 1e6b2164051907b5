// The pages of the settings against a real database: what each shows, saving and its undoing, previews, imports, and what nobody else gets to see.
import { randomUUID } from "node:crypto";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { changeSettings, changeSettingsSafely, type SettingsContext } from "#app/dashboard/change-settings.server.ts";
import { exportText } from "#app/dashboard/check-import.server.ts";
import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import { readTicket } from "#app/dashboard/export/export-ticket.ts";
import type { SettingsActionResult } from "#app/dashboard/settings-action.ts";
import { loadAlertsPage, loadHistorySettings, loadHoldsSettings, loadSettingsIndex, loadSourcesPage } from "#app/dashboard/settings-page.server.ts";
import { loadVersion, loadVersions } from "#app/dashboard/settings-versions-page.server.ts";
import { channelOfTarget } from "#app/alerts/channel-of-target.server.ts";
import { EMPTY_ORDER, type OrderState } from "#app/domain/order-state.ts";
import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";

import { NOW, openDashboardFixture, REQUIRED_SCOPES, seedChange, seedDelivery, type DashboardFixture } from "./dashboard-fixture.ts";

let fixture: DashboardFixture;
let install: ActiveInstall;
let other: ActiveInstall;
let permitted: boolean;

beforeEach(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com");
  other = await fixture.install("two.myshopify.com");
  permitted = true;
});
afterEach(() => fixture.close());

const form = (fields: Record<string, string>) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
};
const exports = { secrets: ["app secret"] as const, clock: { now: () => NOW } };
const ports = { externalDesk: { renewSecret: () => Promise.resolve("hfx_new") }, exports };
const context = (grantedNow: readonly string[] = [], of = install): SettingsContext & { timeZone: string } => ({
  dependencies: fixture.dependencies,
  install: of,
  timeZone: "UTC",
  actor: "staff:7",
  mayChangeStock: () => Promise.resolve(permitted),
  grantedScopesNow: () => Promise.resolve(grantedNow),
});
const send = (fields: Record<string, string>, of = install) => changeSettings(context([], of), ports, form(fields));
const save = (document: unknown, grantedNow?: readonly string[]) => changeSettings(context(grantedNow), ports, form({ intent: "save", document: JSON.stringify(document) }));
const resume = (sourceKey: string) => send({ intent: "resume-source", sourceKey });
const current = (of = install) => fixture.dependencies.settingsStore.current(of.installId);

async function seedCreatedOrder({ installId, shop }: ActiveInstall): Promise<void> {
  const id = randomUUID();
  await fixture.database.execute(
    "INSERT INTO reservations (id, install_id, shop, idempotency_key, body_hash, state, expires_at, trace_id, finished_at, order_id, settlement) VALUES ($1::uuid, $2, $3, $1, 'h', 'committed', now(), 't', now(), '77', 'done')",
    id,
    installId,
    shop,
  );
  await fixture.database.execute("INSERT INTO reservation_orders (reservation_id, install_id, state, body_hash, give_up_at, order_id) VALUES ($1::uuid, $2, 'created', 'h', now(), '77')", id, installId);
}

describe("saving", () => {
  it("happens in the name of the person, who is in the audit trail", async () => {
    expect(await save({ ...DEFAULT_SETTINGS, retentionDays: 45 })).toMatchObject({ kind: "saved", settings: { version: 2 } });
    const [entry] = await fixture.database.query<{ actor: string }>("SELECT actor FROM audit_entries WHERE kind = 'settings_changed'");
    expect(entry?.actor).toBe("staff:7");
  });

  it("shows what the other person saved when two save at once", async () => {
    await save({ ...DEFAULT_SETTINGS, retentionDays: 45 });
    expect(await save({ ...DEFAULT_SETTINGS, retentionDays: 60 })).toMatchObject({ kind: "conflict", current: { version: 2, retentionDays: 45 } });
  });

  it("takes a permission that was granted a moment ago and is not stored yet", async () => {
    const enforce = { ...DEFAULT_SETTINGS, mode: "enforce" };
    expect(await save(enforce)).toMatchObject({ kind: "faults", faults: [{ code: "scope_missing" }] });
    expect(await save(enforce, [...REQUIRED_SCOPES, "write_inventory"])).toMatchObject({ kind: "saved" });
  });

  it("asks Shopify what is granted when a permission was given or withdrawn on the page", async () => {
    let askedCount = 0;
    const asking = { ...context(), grantedScopesNow: () => Promise.resolve([`asked ${++askedCount}`]) };
    expect(await changeSettings(asking, ports, form({ intent: "read-permissions" }))).toEqual({ kind: "permissions_read" });
    expect(askedCount).toBe(1);
  });

  it("does not understand what its own form never sends", async () => {
    const odd: Record<string, string>[] = [{ intent: "save", document: "{" }, { intent: "drop" }, { intent: "restore", version: "x", expected: "1" }, { intent: "preview" }];
    for (const fields of odd) expect(await send(fields)).toEqual({ kind: "not_understood" });
  });

  it("answers a failure instead of throwing it, so that the page keeps what was typed", async () => {
    const failing = { ...context(), grantedScopesNow: () => Promise.reject(new Error("no answer")) };
    expect(await changeSettingsSafely(failing, ports, form({ intent: "save", document: JSON.stringify({ ...DEFAULT_SETTINGS, mode: "enforce" }) }))).toEqual({ kind: "failed" });
    expect(fixture.logged).toEqual(["the settings could not be changed"]);
  });

  it("is refused to whoever may not change stock, and so is every act beside it; looking is not", async () => {
    permitted = false;
    const document = JSON.stringify({ ...DEFAULT_SETTINGS, retentionDays: 45 });
    const acts: Record<string, string>[] = [{ intent: "save", document }, { intent: "restore", version: "1", expected: "1" }, { intent: "resume-source", sourceKey: "name:a" }, { intent: "make-signing-secret" }, { intent: "make-external-secret" }];
    for (const fields of acts) expect(await send(fields)).toEqual({ kind: "not_permitted" });
    expect((await current()).version).toBe(1);
    expect(await send({ intent: "preview", document })).toMatchObject({ kind: "previewed" });
  });
});

describe("undoing", () => {
  it("puts in force what was before, as a version of its own", async () => {
    await save({ ...DEFAULT_SETTINGS, retentionDays: 45 });
    expect(await send({ intent: "restore", version: "1", expected: "2" })).toMatchObject({ kind: "restored", settings: { version: 3, retentionDays: 90 } });
    expect(await send({ intent: "restore", version: "2", expected: "3" })).toMatchObject({ kind: "restored", settings: { version: 4, retentionDays: 45 } });
  });

  it("takes nothing back that somebody else saved meanwhile", async () => {
    await save({ ...DEFAULT_SETTINGS, retentionDays: 45 });
    await save({ ...DEFAULT_SETTINGS, version: 2, retentionDays: 60 });
    expect(await send({ intent: "restore", version: "1", expected: "2" })).toMatchObject({ kind: "conflict", current: { version: 3 } });
    expect(await send({ intent: "restore", version: "9", expected: "3" })).toEqual({ kind: "version_not_found" });
  });

  it("switches off a connection that did not exist then, although leaving it out would keep it", async () => {
    await save({ ...DEFAULT_SETTINGS, external: { enabled: true, url: "https://stock.example.com/" } });
    expect(await send({ intent: "restore", version: "1", expected: "2" })).toMatchObject({ kind: "restored", settings: { external: { enabled: false, url: null } } });
  });
});

describe("earlier versions", () => {
  it("say who saved what, and what restoring one changes now; never of another shop", async () => {
    await save({ ...DEFAULT_SETTINGS, retentionDays: 45 });
    await save({ ...DEFAULT_SETTINGS, version: 2, retentionDays: 45, restock: { ...DEFAULT_SETTINGS.restock, cancelled: false } });
    const { versions } = await loadVersions(context(), new URLSearchParams());
    expect(versions.map(({ version, createdBy, changed }) => [version, createdBy, changed])).toEqual([[3, "staff:7", "Giving stock back"], [2, "staff:7", "History and privacy"], [1, "holdfast", ""]]);
    const page = await loadVersion(context(), "2");
    expect(page?.changed).toEqual([{ page: "history", changes: [{ label: "Keep history for", from: "90 days", to: "45 days" }] }]);
    expect(page?.restoring).toEqual([{ page: "restock", changes: [{ label: "When an order is cancelled", from: "No", to: "Yes" }] }]);
    expect(await loadVersion(context([], other), "2")).toBeNull();
    expect(await loadVersion(context(), "2 OR 1=1")).toBeNull();
  });

  it("turn pages, each comparing its last version with the one before it", async () => {
    for (let version = 1; version < 31; version += 1) await save({ ...DEFAULT_SETTINGS, version, retentionDays: 30 + version });
    const first = await loadVersions(context(), new URLSearchParams());
    const second = await loadVersions(context(), new URLSearchParams({ before: String(first.olderThan) }));
    expect([...first.versions, ...second.versions].map(({ version }) => version)).toEqual(Array.from({ length: 31 }, (_, index) => 31 - index));
    expect(first.versions.every(({ changed }) => changed === "History and privacy")).toBe(true);
    expect(second.olderThan).toBeNull();
  });
});

interface SeedOrder {
  readonly id: string;
  readonly sourceName?: string;
  readonly variantId?: string;
  readonly quantity?: number;
  readonly hoursAgo?: number;
  readonly cancelled?: boolean;
}

async function order({ id, sourceName = "shelf", variantId = "41", quantity = 1, hoursAgo = 1, cancelled = false }: SeedOrder, of = install): Promise<void> {
  const at = new Date(NOW.getTime() - hoursAgo * 3_600_000).toISOString();
  const line = { id: `${id}1`, variantId, sku: "MUG", title: "Mug", quantity, currentQuantity: quantity, giftCard: false, tracked: true, groupId: null };
  const version = { id, name: `#${id}`, sourceName, appId: null, test: false, createdAt: at, updatedAt: at, cancelledAt: null, financialStatus: "paid", locationId: null, lines: [line], refunds: [] };
  const snapshot = { ...EMPTY_ORDER, version, paid: true, cancelledAt: cancelled ? at : null } as unknown as OrderState;
  await fixture.database.execute(
    `INSERT INTO orders (install_id, shop, order_id, name, source_name, ordered_at, snapshot, state) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, 'settled')`,
    of.installId, of.shop, id, `#${id}`, sourceName, new Date(at), JSON.stringify(snapshot),
  );
}

async function preview(change: Partial<Settings>): Promise<Extract<SettingsActionResult, { kind: "previewed" }>> {
  // The fixture's install is younger than the orders; a real one is not.
  await fixture.database.execute("UPDATE installs SET installed_at = $2 WHERE id = $1", install.installId, new Date(NOW.getTime() - 10 * 86_400_000));
  const active = await fixture.dependencies.installStore.active(install.shop);
  if (active === null) throw new Error("it is active");
  const result = await send({ intent: "preview", document: JSON.stringify({ ...DEFAULT_SETTINGS, ...change }) }, active);
  if (result.kind !== "previewed") throw new Error(JSON.stringify(result));
  return result;
}

describe("the preview of rules", () => {
  const shelf = { ...DEFAULT_SETTINGS.deduct, sources: [{ sourceName: "shelf", confirmedBypass: true }] };

  it("counts of the last day's orders those that the rules of the form would have changed, and writes nothing", async () => {
    await order({ id: "1", quantity: 2 });
    await order({ id: "2", sourceName: "web" });
    await order({ id: "3", hoursAgo: 30 });
    await order({ id: "4", cancelled: true });
    await order({ id: "5" }, other);
    const result = await preview({ deduct: shelf });
    expect(result).toMatchObject({ orderCount: 3, cut: false, preview: { touchedCount: 1, unitsTaken: 2, touchedBefore: 0, differentCount: 1, watchedCount: 0 } });
    expect(result.preview.examples).toEqual([{ orderId: "1", name: "#1", items: [{ name: "Mug", delta: -2 }], questionCount: 0, watchedBecause: null, savedItems: [] }]);
    expect(await fixture.database.query("SELECT 1 FROM changes")).toEqual([]);
    expect((await current()).version).toBe(1);
  });

  it("says which orders would only be watched, because their source was not seen to leave stock alone", async () => {
    await order({ id: "1" });
    const unconfirmed = { ...shelf, sources: [{ sourceName: "shelf", confirmedBypass: false }] };
    expect((await preview({ deduct: unconfirmed })).preview).toMatchObject({ touchedCount: 1, watchedCount: 1 });
    await fixture.database.execute("INSERT INTO order_sources (install_id, source_key, order_count, bypass_count) VALUES ($1, 'name:shelf', 3, 3)", install.installId);
    expect((await preview({ deduct: unconfirmed })).preview).toMatchObject({ touchedCount: 1, watchedCount: 0 });
  });

  it("takes the parts of a bundle by their names, also where the product was never read", async () => {
    await fixture.database.execute("INSERT INTO variants (install_id, variant_id, inventory_item_id, title) VALUES ($1, '90', '51', 'Candle')", install.installId);
    await order({ id: "1", sourceName: "web", variantId: "70", quantity: 2 });
    const bundles: Settings["bundles"] = [{ variantId: "gid://shopify/ProductVariant/70", parentStock: "leave", components: [{ inventoryItemId: "gid://shopify/InventoryItem/51", quantity: 3 }] }];
    expect((await preview({ bundles })).preview.examples).toMatchObject([{ items: [{ name: "Candle", delta: -6 }] }]);
  });

  it("looks at orders batch by batch, and misses none of those that came at the same moment", async () => {
    for (let id = 1; id <= 130; id += 1) await order({ id: String(id) });
    expect(await preview({ deduct: shelf })).toMatchObject({ orderCount: 130, preview: { touchedCount: 130, unitsTaken: 130 } });
  });

  it("names what is wrong instead of guessing", async () => {
    expect(await send({ intent: "preview", document: JSON.stringify({ ...DEFAULT_SETTINGS, deduct: { ...shelf, sources: [{ sourceName: "web" }] } }) })).toMatchObject({ kind: "faults", faults: [{ code: "native_source_refused" }] });
  });
});

describe("a settings file", () => {
  const check = (text: string) => send({ intent: "check-import", text });

  it("comes back as it went out, changes nothing, and is not the shop's version", async () => {
    const file = exportText(await current());
    expect(JSON.parse(file)).not.toHaveProperty("version");
    expect(await check(file)).toMatchObject({ kind: "import_checked", differences: [] });
  });

  it("is checked as a whole and shown beside what is in force, before anything is saved", async () => {
    const result = await check(JSON.stringify({ ...DEFAULT_SETTINGS, version: 77, mode: "enforce", retentionDays: 60 }));
    expect(result).toMatchObject({ kind: "import_checked", document: { version: 1, mode: "enforce" }, differences: [{ page: "mode" }, { page: "history", changes: [{ from: "90 days", to: "60 days" }] }] });
    expect(await check(JSON.stringify({ ...DEFAULT_SETTINGS, retentionDays: 5, mode: "off" }))).toMatchObject({ kind: "faults", faults: [{ path: "mode" }, { path: "retentionDays" }] });
    fixture.catalog.missing = ["gid://shopify/Location/9"];
    expect(await check(JSON.stringify({ ...DEFAULT_SETTINGS, deduct: { ...DEFAULT_SETTINGS.deduct, location: "gid://shopify/Location/9" } }))).toMatchObject({ kind: "faults", faults: [{ code: "location_not_found" }] });
    expect((await current()).version).toBe(1);
  });

  it.each(["", "[]", "null", "{", '"text"'])("that is none is said to be none: %j", async (text) => {
    expect(await check(text)).toEqual({ kind: "not_json" });
  });

  it("holds no secret: a Slack address is good in its own shop, and asked for in another", async () => {
    const slack = { kind: "slack", target: "https://hooks.slack.com/services/T0/B0/secret", on: ["oversell"], threshold: {} };
    await save({ ...DEFAULT_SETTINGS, alerts: [slack] });
    const file = exportText(await current());
    expect(file).not.toContain("secret");
    expect(await check(file)).toMatchObject({ kind: "import_checked" });
    expect(await send({ intent: "check-import", text: file }, other)).toMatchObject({ kind: "faults", faults: [{ path: "alerts[0].target" }] });
  });
});

describe("secrets", () => {
  it("are made anew, answered this once, and named in the audit trail", async () => {
    const first = await send({ intent: "make-signing-secret" });
    const second = await send({ intent: "make-signing-secret" });
    expect(first).toMatchObject({ kind: "secret_made", secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(second).not.toEqual(first);
    expect(await send({ intent: "make-external-secret" })).toEqual({ kind: "secret_made", secret: "hfx_new" });
    expect(await fixture.database.query("SELECT actor, kind FROM audit_entries WHERE kind = 'alert_secret_renewed'")).toEqual([{ actor: "staff:7", kind: "alert_secret_renewed" }, { actor: "staff:7", kind: "alert_secret_renewed" }]);
  });
});

describe("everything", () => {
  it("is offered at an address of the shop's own, good for a minute", async () => {
    const offered = await send({ intent: "offer-everything" });
    const address = offered.kind === "everything_offered" ? new URL(offered.address, "https://app.example.com") : null;
    expect(address?.pathname).toBe("/exports/everything.jsonl");
    const ticket = address?.searchParams.get("ticket") ?? "";
    expect(readTicket(ticket, "everything", { ...exports, now: NOW })).toMatchObject({ kind: "valid", ticket: { installId: install.installId, shop: install.shop, actor: "staff:7" } });
    expect(readTicket(ticket, "changes", { ...exports, now: NOW })).toEqual({ kind: "forged" });
  });
});

describe("the pages", () => {
  it("show the sources seen with their evidence, the paused ones first, and resume one once and never another shop's", async () => {
    await fixture.database.execute(
      "INSERT INTO order_sources (install_id, source_key, order_count, bypass_count, took_stock_count, paused_at) VALUES ($1, 'name:a', 3, 3, 0, NULL), ($1, 'name:b', 2, 1, 1, now()), ($2, 'name:theirs', 1, 1, 0, now())",
      install.installId,
      other.installId,
    );
    expect((await loadSourcesPage(context())).sources.map((source) => source.sourceKey)).toEqual(["name:b", "name:a"]);
    expect([await resume("name:b"), await resume("name:b"), await resume("name:theirs")]).toEqual([{ kind: "resumed" }, { kind: "not_paused" }, { kind: "not_paused" }]);
    expect(fixture.woken).toEqual(["one.myshopify.com"]);
  });

  it("know whether Holdfast may create orders, and that the permission is gone once it did", async () => {
    const orderCreation = async (of: ActiveInstall) => (await loadHoldsSettings(context([], of))).orderCreation;
    expect(await orderCreation(install)).toBe("not_granted");
    expect(await orderCreation({ ...install, scopes: [...install.scopes, "write_orders"] })).toBe("granted");
    await seedCreatedOrder(install);
    expect(await orderCreation(install)).toBe("withdrawn");
    expect(await orderCreation({ ...install, scopes: [...install.scopes, "write_orders"] })).toBe("granted");
    expect(await orderCreation(other)).toBe("not_granted");
  });

  it("say what is in force in a line each, and what keeps it from working", async () => {
    await save({ ...DEFAULT_SETTINGS, deduct: { ...DEFAULT_SETTINGS.deduct, sources: [{ sourceName: "a", confirmedBypass: true }] }, oversell: { ...DEFAULT_SETTINGS.oversell, holdFulfilment: true } });
    await fixture.database.execute("INSERT INTO order_sources (install_id, source_key, paused_at) VALUES ($1, 'name:a', now())", install.installId);
    const { summaries, savedBy } = await loadSettingsIndex(context());
    expect(savedBy).toBe("staff:7");
    expect(summaries).toMatchObject({ mode: { text: "Watch only: no stock is changed" }, sources: { text: "a", attention: "1 paused" }, oversells: { attention: "Shopify does not allow it" }, versions: { text: "Version 2" } });
  });

  it("say how each place that is told stands, the newest failure only while nothing got through since", async () => {
    const email = { kind: "email" as const, target: "a@example.com", on: ["oversell" as const], threshold: {} };
    await save({ ...DEFAULT_SETTINGS, alerts: [email, { ...email, target: "b@example.com" }] });
    const failed = (of: ActiveInstall, target: string, at: Date) =>
      fixture.database.execute(
        `INSERT INTO alert_messages (install_id, shop, event_id, channel, channel_kind, target, kind, subject, stage, state, last_error, created_at, ended_at) VALUES ($1, $2, 1, $3, 'email', $4, 'oversell', '1', 'opened', 'failed', 'mailbox full', $5, $5)`,
        of.installId, of.shop, channelOfTarget({ ...email, target }).channel, target, at,
      );
    await fixture.database.execute("INSERT INTO alert_lanes (install_id, channel, kind, last_sent_at) VALUES ($1, $2, 'oversell', $3)", install.installId, channelOfTarget(email).channel, NOW);
    await failed(install, "a@example.com", new Date(NOW.getTime() - 1000));
    await failed(other, "b@example.com", NOW);
    expect((await loadAlertsPage(context())).standings).toEqual([{ lastSentAt: NOW, failingTries: 0, failure: null }, { lastSentAt: null, failingTries: 0, failure: null }]);
    await fixture.database.execute("DELETE FROM alert_messages");
    await failed(install, "b@example.com", NOW);
    expect((await loadAlertsPage(context())).standings[1]).toEqual({ lastSentAt: null, failingTries: 0, failure: { at: NOW, error: "mailbox full" } });
  });

  it("count what a retention removes, for what is saved and for what is typed", async () => {
    const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
    for (const days of [100, 50, 10]) {
      await seedChange(fixture.database, install, { state: "waiting" });
      await fixture.database.execute("INSERT INTO audit_entries (install_id, shop, kind, actor, at) VALUES ($1, $2, 'source_paused', 'holdfast', $3)", install.installId, install.shop, daysAgo(days));
      await seedDelivery(fixture.database, install, { receivedAt: daysAgo(days) });
    }
    expect(await loadHistorySettings(context(), null)).toMatchObject({ countedDays: 90, counts: { entries: 1, notifications: 1 } });
    expect(await loadHistorySettings(context(), "40")).toMatchObject({ countedDays: 40, counts: { entries: 2, notifications: 2 } });
    expect(await loadHistorySettings(context(), "1")).toMatchObject({ countedDays: 30 });
    expect((await loadHistorySettings(context([], other), null)).counts).toMatchObject({ entries: 0, notifications: 0 });
  });
});

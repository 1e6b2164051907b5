// GET and PUT /api/v1/settings against a real database: whole documents, versions, faults, and who may.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { settingsEndpoint } from "#app/api/settings-endpoint.server.ts";
import type { ActiveInstall } from "#app/dashboard/dependencies.ts";
import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";

import { openDashboardFixture, REQUIRED_SCOPES, type DashboardFixture } from "./dashboard-fixture.ts";

let fixture: DashboardFixture;
let install: ActiveInstall;
let token: string;

beforeEach(async () => {
  fixture = await openDashboardFixture();
  install = await fixture.install("one.myshopify.com");
  token = await createToken(install);
});

afterEach(async () => {
  await fixture.close();
});

async function createToken(of: ActiveInstall): Promise<string> {
  const created = await fixture.dependencies.apiTokenStore.create({ installId: of.installId, label: "test", actor: "staff:1" });
  if (created.kind !== "created") throw new Error("no token");
  return created.token;
}

/** What the endpoint may answer: the document or an error. */
type Body = Settings & { readonly error: { readonly code: string; readonly details: { readonly faults: readonly { path: string; code: string }[] } } };

async function call(method: string, body?: unknown, bearer: string | null = token): Promise<{ status: number; headers: Headers; body: Body }> {
  const request = new Request("http://app.test/api/v1/settings", {
    method,
    headers: bearer === null ? {} : { Authorization: `Bearer ${bearer}` },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const response = await settingsEndpoint({ request, params: {} }, () => fixture.dependencies);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const withSource = (version: number): Settings => ({ ...DEFAULT_SETTINGS, version, deduct: { ...DEFAULT_SETTINGS.deduct, sources: [{ sourceName: "shelf", confirmedBypass: false }] } });
const withBundle = (version: number): Settings => ({
  ...DEFAULT_SETTINGS,
  version,
  bundles: [{ variantId: "gid://shopify/ProductVariant/1", parentStock: "leave", components: [{ inventoryItemId: "gid://shopify/InventoryItem/2", quantity: 1 }] }],
});

describe("GET /api/v1/settings", () => {
  it("answers what a new install starts with", async () => {
    expect(await call("GET")).toMatchObject({ status: 200, body: DEFAULT_SETTINGS });
  });

  it("fills in what documents stored before holds had settings of their own do not name", async () => {
    const older = { ...DEFAULT_SETTINGS, version: 2, reservations: { ttlSecondsDefault: 60, ttlSecondsMax: 600, mirrorInShopify: false } };
    await fixture.database.execute(`INSERT INTO settings_versions (install_id, version, document, created_by) VALUES ($1, 2, $2::jsonb, 'test')`, install.installId, JSON.stringify(older));
    expect((await call("GET")).body.reservations).toEqual({ ...DEFAULT_SETTINGS.reservations, ...older.reservations });
  });

  it.each([null, "", "hf_short", `hf_${"a".repeat(43)}`, "Bearer"])("answers 401 to the token %j", async (bearer) => {
    const { status, headers, body } = await call("GET", undefined, bearer);
    expect([status, headers.get("WWW-Authenticate"), body.error.code]).toEqual([401, "Bearer", "unauthorized"]);
  });

  it("answers 401 to a revoked token and to the token of an install that has ended", async () => {
    const [summary] = await fixture.dependencies.apiTokenStore.list(install.installId);
    await fixture.dependencies.apiTokenStore.revoke({ installId: install.installId, id: summary?.id ?? "", actor: "staff:1" });
    expect((await call("GET")).status).toBe(401);
    const again = await createToken(install);
    await fixture.install("one.myshopify.com");
    expect((await call("GET", undefined, again)).status).toBe(401);
  });

  it.each(["POST", "DELETE", "PATCH"])("answers 405 to %s and says what is allowed", async (method) => {
    const { status, headers, body } = await call(method);
    expect([status, headers.get("Allow"), body.error.code]).toEqual([405, "GET, PUT", "method_not_allowed"]);
  });

  it("answers JSON when the database is gone, without telling what failed", async () => {
    const broken = { ...fixture.dependencies, apiTokenStore: { ...fixture.dependencies.apiTokenStore, authenticate: () => Promise.reject(new Error("password=hunter2")) } };
    const request = new Request("http://app.test/api/v1/settings", { headers: { Authorization: `Bearer ${token}` } });
    const response = await settingsEndpoint({ request, params: {} }, () => broken);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).toContain("internal_error");
    expect(text).not.toContain("hunter2");
    expect(fixture.logged).toEqual(["an API request failed"]);
  });

  it("answers JSON when the process cannot even be composed", async () => {
    const response = await settingsEndpoint({ request: new Request("http://app.test/api/v1/settings"), params: {} }, () => {
      throw new Error("no configuration");
    });
    expect([response.status, response.headers.get("Content-Type")]).toEqual([500, "application/json; charset=utf-8"]);
  });
});

describe("PUT /api/v1/settings", () => {
  it("stores the next version, wakes the shop, and keeps the old version for the orders pinned to it", async () => {
    expect(await call("PUT", withSource(1))).toMatchObject({ status: 200, body: withSource(2) });
    expect(await fixture.dependencies.settingsStore.at(install.installId, 1)).toEqual(DEFAULT_SETTINGS);
    expect(fixture.woken).toEqual(["one.myshopify.com"]);
  });

  it("writes who changed what into the audit trail", async () => {
    await call("PUT", withSource(1));
    const entries = await fixture.database.query<{ actor: string; detail: unknown }>("SELECT actor, detail FROM audit_entries WHERE kind = 'settings_changed'");
    expect(entries).toHaveLength(1);
    expect(entries[0]?.actor).toMatch(/^token:[0-9a-f-]{36}$/);
    expect(entries[0]?.detail).toMatchObject({ fromVersion: 1, toVersion: 2, changes: [{ path: "deduct.sources[0]", to: { sourceName: "shelf" } }] });
  });

  it("answers 409 to a version that was overtaken, or never given out, and changes nothing", async () => {
    await call("PUT", withSource(1));
    expect(await call("PUT", { ...DEFAULT_SETTINGS, retentionDays: 40 })).toMatchObject({ status: 409, body: { error: { code: "settings_conflict", details: { currentVersion: 2 } } } });
    expect((await call("PUT", { ...DEFAULT_SETTINGS, version: 7 })).status).toBe(409);
    expect((await call("GET")).body).toEqual(withSource(2));
  });

  it("lets exactly one of two writers win who read the same version", async () => {
    const answers = await Promise.all([40, 50, 60, 70].map((retentionDays) => call("PUT", { ...DEFAULT_SETTINGS, retentionDays })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409, 409]);
    const winner = answers.find((answer) => answer.status === 200);
    expect((await call("GET")).body).toEqual(winner?.body);
  });

  it("names all faults and changes nothing", async () => {
    const { status, body } = await call("PUT", { ...DEFAULT_SETTINGS, mode: "on", retentionDays: 1, deduct: { sources: [{ sourceName: "web" }], on: "orders/create", location: "order" } });
    expect(status).toBe(422);
    expect(body.error.details.faults.map((fault) => fault.code).sort()).toEqual(["native_source_refused", "not_allowed", "out_of_range"]);
    expect((await call("GET")).body.version).toBe(1);
  });

  it("refuses to protect without the write permission, and takes it with", async () => {
    const enforce = { ...DEFAULT_SETTINGS, mode: "enforce" };
    expect(await call("PUT", enforce)).toMatchObject({ status: 422, body: { error: { details: { faults: [{ path: "mode", code: "scope_missing" }] } } } });
    const other = await fixture.install("two.myshopify.com", { scopes: [...REQUIRED_SCOPES, "write_inventory"] });
    expect((await call("PUT", enforce, await createToken(other))).status).toBe(200);
  });

  it("asks Shopify about new rules and refuses what it does not know or takes itself", async () => {
    fixture.catalog.missing = ["gid://shopify/InventoryItem/2"];
    fixture.catalog.nativeBundles = ["gid://shopify/ProductVariant/1"];
    const { status, body } = await call("PUT", withBundle(1));
    expect(status).toBe(422);
    expect(body.error.details.faults.map((fault) => `${fault.path}: ${fault.code}`)).toEqual([
      "bundles[0].variantId: native_bundle_refused",
      "bundles[0].components[0].inventoryItemId: item_not_found",
    ]);
  });

  it("answers 503 when Shopify cannot be asked about a new rule, and saves without asking what names no new one", async () => {
    await call("PUT", withBundle(1));
    fixture.catalog.available = false;
    expect((await call("PUT", { ...withBundle(2), retentionDays: 60 })).status).toBe(200);
    const { status, headers } = await call("PUT", { ...withBundle(3), deduct: { ...DEFAULT_SETTINGS.deduct, location: 5 } });
    expect([status, headers.get("Retry-After")]).toEqual([503, "5"]);
    expect((await call("GET")).body.version).toBe(3);
  });

  it("keeps the digits of an id beyond 2^53 that is sent as a number", async () => {
    const text = JSON.stringify(withBundle(1)).replace('"gid://shopify/InventoryItem/2"', "271878346596884015");
    expect((await call("PUT", text)).body.bundles[0]?.components[0]?.inventoryItemId).toBe("gid://shopify/InventoryItem/271878346596884015");
  });

  it.each([
    ["half an object", "{", 400, "invalid_json"],
    ["no body", "", 400, "invalid_json"],
    ["70 KB", `"${"x".repeat(70_000)}"`, 413, "payload_too_large"],
    ["a list", "[]", 422, "invalid_settings"],
  ])("answers %s as documented", async (_name, body, status, code) => {
    expect(await call("PUT", body)).toMatchObject({ status, body: { error: { code } } });
  });

  it("changes the settings of the token's own shop only", async () => {
    const other = await fixture.install("two.myshopify.com");
    await call("PUT", withSource(1));
    expect(await fixture.dependencies.settingsStore.current(other.installId)).toEqual(DEFAULT_SETTINGS);
  });
});

describe("the rate limit", () => {
  it("answers 429 with Retry-After beyond it, to that token only", async () => {
    await fixture.close();
    fixture = await openDashboardFixture({ requestsPerSecond: 2 });
    install = await fixture.install("one.myshopify.com");
    token = await createToken(install);
    const answers = [await call("GET"), await call("GET"), await call("GET")];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 429]);
    expect(answers[2]?.headers.get("Retry-After")).toBe("1");
    expect(answers[2]?.body.error).toMatchObject({ code: "rate_limited", details: { retryAfterSeconds: 1 } });
    expect((await call("GET", undefined, await createToken(install))).status).toBe(200);
  });
});

// Installs and rows for tests of the dashboard and the API, written straight into the tables that the pipeline fills.

import { randomUUID } from "node:crypto";

import { createTokenCipher } from "#app/adapters/crypto/token-cipher.ts";
import { createAlertSecrets } from "#app/adapters/prisma/alert-secrets.server.ts";
import { createApiTokenStore } from "#app/adapters/prisma/api-token-store.server.ts";
import { openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import { createInstallStore } from "#app/adapters/prisma/install-store.server.ts";
import { createBundleView } from "#app/adapters/prisma/bundle-stock-book.server.ts";
import { createReviewDesk } from "#app/adapters/prisma/review-desk.server.ts";
import { createSettingsStore } from "#app/adapters/prisma/settings-store.server.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import { createTokenBucketRateLimiter } from "#app/adapters/system/token-bucket-rate-limiter.ts";
import { ALERT_LIMITS } from "#app/alerts/alert-ports.ts";
import type { ActiveInstall, ApiDependencies } from "#app/dashboard/dependencies.ts";
import { TIMINGS } from "#app/ports/timings.ts";
import type { RuleCatalog, RuleReferences } from "#app/ports/rule-catalog.ts";
import { createTestDatabase } from "#tests/setup/test-database.ts";

export const NOW = new Date("2026-11-21T14:30:00.000Z");
export const REQUIRED_SCOPES = ["read_inventory", "read_orders"];

/** Shopify's answers to `verifyRules`, as the test wants them. */
export class ScriptedCatalog implements RuleCatalog {
  readonly asked: RuleReferences[] = [];
  available = true;
  missing: readonly string[] = [];
  nativeBundles: readonly string[] = [];

  verifyRules(references: RuleReferences): ReturnType<RuleCatalog["verifyRules"]> {
    this.asked.push(references);
    if (!this.available) return Promise.resolve({ kind: "unavailable", reason: "scripted" });
    const known = (ids: readonly string[]) => ids.filter((id) => !this.missing.includes(id));
    return Promise.resolve({
      kind: "answered",
      variants: known(references.variantIds).map((variantId) => ({
        variantId,
        inventoryItemId: variantId.replace("ProductVariant/", "InventoryItem/9"),
        requiresComponents: this.nativeBundles.includes(variantId),
      })),
      inventoryItemIds: known(references.inventoryItemIds),
      locations: known(references.locationIds).map((locationId) => ({ locationId, active: true })),
      ownAppId: references.appIds.length === 0 ? null : "1",
    });
  }
}

export interface DashboardFixture {
  readonly database: OpenDatabase;
  readonly dependencies: ApiDependencies;
  readonly catalog: ScriptedCatalog;
  /** Shops that were woken, in order. */
  readonly woken: string[];
  /** Errors that were logged; empty at the end of a good test. */
  readonly logged: string[];
  install(shop: string, options?: { readonly scopes?: readonly string[]; readonly timezone?: string }): Promise<ActiveInstall>;
  close(): Promise<void>;
}

const taken = () => Promise.resolve({ kind: "taken" as const });

/** Secrets are kept as always; nothing is sent from here. */
function createAlertDoubles(database: OpenDatabase) {
  return { secrets: createAlertSecrets(database, createTokenCipher([new Uint8Array(32)])), channels: { slack: taken, webhook: taken, email: taken, flow: taken } };
}

export async function openDashboardFixture(options: { readonly requestsPerSecond?: number } = {}): Promise<DashboardFixture> {
  const testDatabase = await createTestDatabase();
  const database = openDatabase({ url: testDatabase.url, connectionsMax: 4 });
  const catalog = new ScriptedCatalog();
  const woken: string[] = [];
  const logged: string[] = [];
  const settingsStore = createSettingsStore(database);
  const installStore = createInstallStore(database, settingsStore);
  const waker = {
    wake: (shop: string) => {
      woken.push(shop);
      return Promise.resolve({ kind: "woken" as const });
    },
  };
  const dependencies: ApiDependencies = {
    database,
    settingsStore,
    apiTokenStore: createApiTokenStore(database),
    installStore,
    catalog,
    budget: { standing: () => Promise.resolve({ kind: "known", available: 1_900, maximum: 2_000, restoreRate: 100, closedForMs: 0 }) },
    bundleView: createBundleView(database),
    review: { desk: createReviewDesk(database, TIMINGS), waker, metrics: { change: () => undefined } },
    waker,
    alerts: { ...createAlertDoubles(database), clock: systemClock, limits: ALERT_LIMITS, apiKey: "test" },
    clock: { now: () => NOW },
    rateLimiter: createTokenBucketRateLimiter({ requestsPerSecond: options.requestsPerSecond ?? 0, monotonicMs: () => 0 }),
    logger: { error: (_fields, message) => logged.push(message) },
  };
  return {
    database,
    dependencies,
    catalog,
    woken,
    logged,
    async install(shop, { scopes = REQUIRED_SCOPES, timezone = "UTC" } = {}) {
      await installStore.begin({ shop, appInstallationGid: `gid://shopify/AppInstallation/${randomUUID()}`, scopes, timezone, shopName: shop });
      const active = await installStore.active(shop);
      if (active === null) throw new Error("the install was just begun");
      return active;
    },
    async close() {
      await database.close();
      await testDatabase.drop();
    },
  };
}

export interface SeedChange {
  readonly orderId?: string;
  readonly orderName?: string;
  readonly state?: "shadow" | "waiting" | "claimed" | "applied" | "parked" | "rejected" | "cancelled";
  readonly cause?: string;
  readonly inventoryItemId?: string;
  readonly sku?: string;
  readonly title?: string;
  readonly delta?: number;
  readonly webhookId?: string;
  readonly traceId?: string;
  readonly reason?: string;
  readonly createdAt?: Date;
  readonly finishedAt?: Date;
}

/** One change; an applied or claimed one gets a mutation with two attempts, an audit entry when it is applied. Returns its id. */
export async function seedChange(database: OpenDatabase, install: ActiveInstall, seed: SeedChange = {}): Promise<bigint> {
  const state = seed.state ?? "waiting";
  const mutationId = state === "applied" || state === "claimed" ? await seedMutation(database, install, state) : null;
  const applied = state === "applied";
  const [row] = await database.query<{ id: bigint }>(
    `INSERT INTO changes (install_id, shop, effect_key, cause, order_id, order_name, line_id, variant_id, sku, title, inventory_item_id, location_id,
       delta, state, reason, settings_version, mutation_id, webhook_id, trace_id, accepted_at, created_at, finished_at, before, after)
     VALUES ($1, $2, $3, $4, $5, $6, '31', '41', $7, $8, $9, '61', $10, $11, $12, 1, $13::uuid, $14, $15, $16, $16, $17, $18, $19) RETURNING id`,
    install.installId,
    install.shop,
    randomUUID(),
    seed.cause ?? "order",
    seed.orderId ?? "1001",
    seed.orderName ?? `#${seed.orderId ?? "1001"}`,
    seed.sku ?? "MUG-1",
    seed.title ?? "Mug",
    seed.inventoryItemId ?? "51",
    seed.delta ?? -1,
    state,
    seed.reason ?? null,
    mutationId,
    seed.webhookId ?? "webhook-1",
    seed.traceId ?? "trace-1",
    seed.createdAt ?? NOW,
    seed.finishedAt ?? (applied ? NOW : null),
    applied ? 5 : null,
    applied ? 5 + (seed.delta ?? -1) : null,
  );
  const id = row?.id ?? 0n;
  if (applied) {
    await database.execute(
      `INSERT INTO audit_entries (install_id, shop, kind, actor, change_id, before, after, delta) VALUES ($1, $2, 'change_applied', 'holdfast', $3, 5, 4, -1)`,
      install.installId,
      install.shop,
      id,
    );
  }
  return id;
}

async function seedMutation(database: OpenDatabase, install: ActiveInstall, state: "applied" | "claimed"): Promise<string> {
  const id = randomUUID();
  await database.execute(
    `INSERT INTO mutations (id, install_id, shop, key, state, trace_id, owner_id, claimed_at, first_sent_at)
     VALUES ($1::uuid, $2, $3, $4::uuid, $5, 'trace-1', 'owner', $6, $6)`,
    id,
    install.installId,
    install.shop,
    randomUUID(),
    state === "applied" ? "applied" : "open",
    NOW,
  );
  for (const [number, outcome] of [[1, "throttled"], [2, state === "applied" ? "applied" : null]] as const) {
    await database.execute(
      `INSERT INTO attempts (mutation_id, number, install_id, sent_at, finished_at, outcome, detail) VALUES ($1::uuid, $2, $3, $4, $6, $5, '{"secret": "answer"}'::jsonb)`,
      id,
      number,
      install.installId,
      NOW,
      outcome,
      outcome === null ? null : NOW,
    );
  }
  return id;
}

export interface SeedDelivery {
  readonly webhookId?: string;
  readonly orderId?: string | null;
  readonly duplicates?: number;
  readonly receivedAt?: Date;
  readonly state?: "pending" | "processed" | "ignored" | "rejected";
  readonly topic?: string;
}

export async function seedDelivery(database: OpenDatabase, install: ActiveInstall, seed: SeedDelivery = {}): Promise<void> {
  const webhookId = seed.webhookId ?? randomUUID();
  const receivedAt = seed.receivedAt ?? NOW;
  await database.execute(
    `INSERT INTO deliveries (install_id, shop, webhook_id, topic, order_id, received_at, state, trace_id) VALUES ($1, $2, $3, $7, $4, $5, $6, 'trace-1')`,
    install.installId,
    install.shop,
    webhookId,
    seed.orderId === undefined ? "1001" : seed.orderId,
    receivedAt,
    seed.state ?? "processed",
    seed.topic ?? "orders/create",
  );
  for (let copy = 0; copy < (seed.duplicates ?? 0); copy++) {
    await database.execute(
      "INSERT INTO delivery_duplicates (install_id, shop, webhook_id, topic, received_at) VALUES ($1, $2, $3, 'orders/create', $4)",
      install.installId,
      install.shop,
      webhookId,
      receivedAt,
    );
  }
}

export async function seedOrder(database: OpenDatabase, install: ActiveInstall, orderId: string, name = `#${orderId}`): Promise<void> {
  await database.execute(
    `INSERT INTO orders (install_id, shop, order_id, name, source_name, snapshot, mode, mode_reason, settings_version, state)
     VALUES ($1, $2, $3, $4, 'shelf', '{}'::jsonb, 'enforce', 'protected', 1, 'settled')`,
    install.installId,
    install.shop,
    orderId,
    name,
  );
}

// "Of yesterday's 412 orders these rules would have changed 38": the rules of a form that is not saved yet, tried on the orders of the last day.

import { addToPreview, EMPTY_PREVIEW, type RulesPreview } from "#app/domain/preview-rules.ts";
import { validateSettings } from "#app/domain/settings-validation.ts";
import type { Settings } from "#app/domain/settings.ts";

import type { ActiveInstall, DashboardDependencies } from "./dependencies.ts";
import { countRecentOrders, readItemNames, readRecentOrders, readVariantFacts, type RecentOrder } from "./queries/recent-orders.server.ts";
import { readSourceEvidence } from "./queries/settings-evidence.server.ts";
import type { SettingsActionResult } from "./settings-action.ts";

export const PREVIEW_HOURS = 24;
/** The newest orders that are tried; beyond that the page says so. */
export const PREVIEW_ORDERS_MAX = 2_000;
/** An order of 250 lines is some 60 KB of text. */
const ORDERS_PER_BATCH = 100;

type Dependencies = Pick<DashboardDependencies, "database" | "settingsStore" | "clock">;
type PreviewAnswer = Extract<SettingsActionResult, { kind: "previewed" | "faults" }>;

/** Nothing is asked of Shopify, and nothing is written. */
export async function previewRules({ database, settingsStore, clock }: Dependencies, install: ActiveInstall, document: unknown): Promise<PreviewAnswer> {
  const validation = validateSettings(document);
  if (validation.kind === "faults") return validation;
  const { installId } = install;
  const since = new Date(clock.now().getTime() - PREVIEW_HOURS * 3_600_000);
  const [saved, evidence, count] = await Promise.all([
    settingsStore.current(installId),
    readSourceEvidence(database, installId),
    countRecentOrders(database, installId, since, PREVIEW_ORDERS_MAX + 1),
  ]);
  const rules = { next: validation.settings, saved };
  const itemNames = await readItemNames(database, installId, bundleItems(rules.next, rules.saved));
  const sources = new Map(evidence.map(({ sourceKey, bypassCount, tookStockCount, pausedAt }) => [sourceKey, { bypassCount, tookStockCount, paused: pausedAt !== null }]));
  let preview: RulesPreview = EMPTY_PREVIEW;
  let after: RecentOrder | null = null;
  for (let looked = 0; looked < PREVIEW_ORDERS_MAX; ) {
    const orders: RecentOrder[] = await readRecentOrders(database, { installId, since, after, limit: Math.min(ORDERS_PER_BATCH, PREVIEW_ORDERS_MAX - looked) });
    const variantIds = new Set(orders.flatMap(({ state }) => (state.version?.lines ?? []).flatMap((line) => line.variantId ?? [])));
    const variants = await readVariantFacts(database, installId, [...variantIds]);
    preview = addToPreview(preview, orders, rules, { variants, itemNames, sources, installedAt: install.installedAt });
    after = orders.at(-1) ?? null;
    looked += orders.length;
    if (after === null || orders.length < ORDERS_PER_BATCH) break;
  }
  return { kind: "previewed", preview, orderCount: Math.min(count, PREVIEW_ORDERS_MAX), cut: count > PREVIEW_ORDERS_MAX };
}

function bundleItems(...documents: readonly Settings[]): string[] {
  const gids = documents.flatMap(({ bundles }) => bundles.flatMap(({ components }) => components.map(({ inventoryItemId }) => inventoryItemId)));
  return [...new Set(gids.map((gid) => gid.slice(gid.lastIndexOf("/") + 1)))];
}

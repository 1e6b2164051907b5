// Before units are asked for: what Shopify says of the things that a request names, from the cache while it is fresh, otherwise read once for all who ask.

import { callWithinBudget } from "#app/pipeline/call-within-budget.server.ts";
import type { ReadLimits, ReadResult, VariantFacts } from "#app/ports/shopify-orders.ts";
import type { KnownVariant } from "#app/ports/stock-view.ts";
import type { ReservationPorts, ReservingInstall } from "./reservation-ports.ts";

/** A variant that may go on selling, or is not tracked, draws on no stock: that is believed for so long. */
export const FRESH_MS = 10 * 60_000;
/** Names whose search is remembered; the oldest are forgotten first. */
const SEARCHES_KEPT_MAX = 10_000;

export interface WantedVariants {
  readonly variantIds: readonly string[];
  readonly itemIds: readonly string[];
  readonly skus: readonly string[];
}

export interface VariantKnowledge {
  readonly variants: readonly KnownVariant[];
  /** Whether everything was answered by Shopify lately; otherwise what is missing may exist all the same. */
  readonly complete: boolean;
}

type Ports = Pick<ReservationPorts, "view" | "orders" | "shopifyOrders" | "budget" | "metrics" | "logger" | "clock">;

export type KnowVariants = (install: ReservingInstall, wanted: WantedVariants) => Promise<VariantKnowledge>;

/**
 * When Shopify cannot be asked, what is cached is used whatever its age: a sale goes on. A SKU is searched for even when a variant with it is
 * cached, because only Shopify can say that there is one alone.
 */
export function createVariantKnowledge(ports: Ports): KnowVariants {
  /** By kind and name: when Shopify last answered. Kept here because an answer of "none" leaves no row. */
  const answeredAt = new Map<string, number>();
  const underWay = new Map<string, Promise<boolean>>();
  const isFresh = (key: string): boolean => ports.clock.monotonicMs() - (answeredAt.get(key) ?? -FRESH_MS) < FRESH_MS;

  function remember(keys: readonly string[]): void {
    for (const key of keys) {
      answeredAt.delete(key);
      answeredAt.set(key, ports.clock.monotonicMs());
    }
    for (const oldest of answeredAt.keys()) {
      if (answeredAt.size <= SEARCHES_KEPT_MAX) break;
      answeredAt.delete(oldest);
    }
  }

  /** True when Shopify answered. Who asks the same while it is being asked shares the answer. */
  function readOnce(install: ReservingInstall, kind: keyof WantedVariants, ids: readonly string[], limits: ReadLimits, read: (ids: readonly string[]) => Promise<ReadResult<VariantFacts>>): Promise<boolean> {
    if (ids.length === 0) return Promise.resolve(true);
    const name = `${install.installId}/${kind}/${ids.join()}`;
    const known = underWay.get(name);
    if (known !== undefined) return known;
    const asking = readAndStore(ports, install, { kind, ids, limits, read })
      .then((answered) => {
        if (answered) remember(ids.map((id) => `${install.installId}/${kind}/${id}`));
        return answered;
      })
      .finally(() => underWay.delete(name));
    underWay.set(name, asking);
    return asking;
  }

  return async (install, wanted) => {
    const cached = await ports.view.variants(install.installId, wanted);
    const fresh = cached.filter((variant) => variant.ageMs < FRESH_MS && (variant.missing || variant.policy !== null));
    const names = { variantIds: new Set(fresh.map((one) => one.variantId)), itemIds: new Set(fresh.map((one) => one.inventoryItemId)), skus: new Set<string>() };
    const unknownOf = (kind: keyof WantedVariants): string[] => {
      const known: ReadonlySet<string | null> = names[kind];
      return [...new Set(wanted[kind])].filter((id) => !known.has(id) && !isFresh(`${install.installId}/${kind}/${id}`));
    };
    const unknown = { variantIds: unknownOf("variantIds"), itemIds: unknownOf("itemIds"), skus: unknownOf("skus") };
    if (unknown.variantIds.length + unknown.itemIds.length + unknown.skus.length === 0) return { variants: cached, complete: true };
    const { shopifyOrders } = ports;
    const { limits } = shopifyOrders;
    const context = { shop: install.shop };
    const answers = await Promise.all([
      readOnce(install, "variantIds", unknown.variantIds, limits.variants, (ids) => shopifyOrders.readVariants(context, ids)),
      readOnce(install, "itemIds", unknown.itemIds, limits.variantsOfItems, (ids) => shopifyOrders.readVariantsOfItems(context, ids)),
      ...unknown.skus.map((sku) => readOnce(install, "skus", [sku], limits.variantsBySku, () => shopifyOrders.readVariantsBySku(context, sku))),
    ]);
    return { variants: await ports.view.variants(install.installId, wanted), complete: answers.every(Boolean) };
  };
}

interface Reading {
  readonly kind: keyof WantedVariants;
  readonly ids: readonly string[];
  readonly limits: ReadLimits;
  readonly read: (ids: readonly string[]) => Promise<ReadResult<VariantFacts>>;
}

async function readAndStore(ports: Ports, install: ReservingInstall, reading: Reading): Promise<boolean> {
  const { kind, ids } = reading;
  const answer = await ask(ports, install, reading);
  if (answer === null) return false;
  const gone = kind === "variantIds" ? answer.missing : [];
  await ports.orders.storeVariants(install.installId, [...answer.found.map((variant) => ({ ...variant, missing: false })), ...gone.map(missingVariant)]);
  if (kind !== "skus") return true;
  // Variants that had this SKU when they were read last and are not among those found: it was taken from them, or they are gone.
  const found = new Set(answer.found.map((variant) => variant.variantId));
  const former = (await ports.view.variants(install.installId, { variantIds: [], itemIds: [], skus: ids })).flatMap((variant) => (found.has(variant.variantId) ? [] : [variant.variantId]));
  if (former.length === 0) return true;
  const { readVariants, limits } = ports.shopifyOrders;
  return readAndStore(ports, install, { kind: "variantIds", ids: former, limits: limits.variants, read: (variantIds) => readVariants({ shop: install.shop }, variantIds) });
}

async function ask(ports: Ports, install: ReservingInstall, { ids, limits, read }: Reading): Promise<{ readonly found: readonly VariantFacts[]; readonly missing: readonly string[] } | null> {
  const called = await callWithinBudget(ports, install.shop, limits.estimateCost(ids.length), () => read(ids));
  if (called.kind === "later") return null;
  if (called.result.kind === "ok") return called.result;
  ports.logger.warn({ shop: install.shop, failure: called.result }, "what a reservation names could not be read from Shopify");
  return null;
}

function missingVariant(variantId: string) {
  return { variantId, inventoryItemId: null, sku: null, title: null, tracked: false, requiresComponents: false, missing: true };
}

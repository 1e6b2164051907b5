// What the block on a variant's page shows: the last changes of its stock, what was sold too often, what checkouts have on hold. The pages' own read models, a few rows of each.

import type { ActiveInstall, DashboardDependencies } from "#app/dashboard/dependencies.ts";
import { holdHeading } from "#app/dashboard/hold-view.ts";
import { itemName, ordersOf } from "#app/dashboard/oversell-view.ts";
import { findVariant } from "#app/dashboard/queries/find-variant.server.ts";
import { listChanges } from "#app/dashboard/queries/list-changes.server.ts";
import { listOversells, type OversellRow } from "#app/dashboard/queries/list-oversells.server.ts";
import { listReservations } from "#app/dashboard/queries/list-reservations.server.ts";

import { toBlockChange, toBlockHold, toBlockOversell } from "./block-texts.ts";
import type { VariantStockAnswer } from "./extension-answers.ts";

/** A block is small; everything else is a click away. */
const CHANGES_MAX = 5;
const INCIDENTS_MAX = 3;
const HOLDS_MAX = 3;
/** Orders that a sentence names. */
const NAMED_ORDERS_MAX = 3;

const newest = (limit: number) => ({ direction: "newest", limit }) as const;

type Dependencies = Pick<DashboardDependencies, "database" | "clock">;

/** Null when nothing of the variant ever came by in this install. `variantId`: decimal. */
export async function readVariantStock({ database, clock }: Dependencies, { installId }: ActiveInstall, variantId: string): Promise<VariantStockAnswer | null> {
  const variant = await findVariant(database, installId, variantId);
  if (variant === null) return null;
  const { inventoryItemId } = variant;
  if (inventoryItemId === null) return { item: variant.title ?? variant.sku ?? `Variant ${variantId}`, changes: [], oversells: [], holds: [], page: "/app/history" };
  const [changes, oversells, holds] = await Promise.all([
    listChanges(database, { installId, filter: { inventoryItemId }, page: newest(CHANGES_MAX) }),
    listOversells(database, { installId, filter: { state: "open", inventoryItemId }, page: newest(INCIDENTS_MAX) }),
    listReservations(database, { installId, filter: { states: ["active"], inventoryItemId }, page: newest(HOLDS_MAX) }),
  ]);
  const nowMs = clock.now().getTime();
  return {
    item: itemName({ ...variant, inventoryItemId }),
    changes: changes.items.map((change) => toBlockChange(change, nowMs)),
    oversells: oversells.items.map((row) => toBlockOversell(toCard(row))),
    holds: holds.items.map((row) => toBlockHold({ ...row, heading: holdHeading(row.lines) }, nowMs)),
    page: `/app/history?item=${encodeURIComponent(inventoryItemId)}`,
  };
}

function toCard(row: OversellRow) {
  const short = ordersOf(row.orders).filter(({ verdict }) => verdict === "short");
  return { ...row, handled: row.handledAt !== null, shortOrders: short.slice(0, NAMED_ORDERS_MAX), shortOrderCount: short.length };
}

// Read model of oversells, for the page, the operator's command and GET /api/v1/oversells: newest first, by keyset.

import type { Database } from "#app/ports/database.ts";
import type { OversellOrder } from "#app/ports/stock-watch.ts";

import { incidentsSql, type ListIncidents } from "./incident-filter.ts";
import { type KeysetPage, toPage } from "./keyset-page.ts";

export const OVERSELL_STATES = ["open", "closed", "all"] as const;

export interface OversellRow {
  readonly id: bigint;
  readonly kind: string;
  readonly state: string;
  readonly inventoryItemId: string;
  readonly variantId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  readonly locationId: string;
  readonly locationName: string | null;
  readonly depth: number;
  readonly short: number;
  readonly available: number | null;
  readonly pending: number;
  readonly hidden: number;
  readonly movable: readonly { readonly locationId: string; readonly available: number }[];
  readonly openedAt: Date;
  readonly updatedAt: Date;
  readonly closedAt: Date | null;
  readonly closeReason: string | null;
  readonly seenBy: string;
  readonly cause: string;
  readonly confidence: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly policy: string;
  readonly orders: readonly OversellOrder[];
  readonly handledAt: Date | null;
  readonly handledBy: string | null;
  readonly handledNote: string | null;
  readonly holds: readonly { readonly orderId: string; readonly state: string; readonly at: string }[];
}

/** While a call is under way a hold is as it was: what counts is what Shopify is known to have. */
const SELECT = `SELECT id, kind, state, inventory_item_id AS "inventoryItemId", variant_id AS "variantId", sku, title, location_id AS "locationId",
  location_name AS "locationName", depth, short, available, pending, hidden, movable, opened_at AS "openedAt", updated_at AS "updatedAt", closed_at AS "closedAt",
  close_reason AS "closeReason", seen_by AS "seenBy", cause, confidence, evidence, policy, orders, handled_at AS "handledAt", handled_by AS "handledBy",
  handled_note AS "handledNote",
  coalesce((SELECT jsonb_agg(jsonb_build_object('orderId', h.order_id, 'state', CASE h.state WHEN 'release_asked' THEN 'held' ELSE h.state END, 'at', h.at) ORDER BY h.at)
    FROM fulfilment_holds h WHERE h.oversell_id = oversells.id AND h.state <> 'asked'), '[]'::jsonb) AS holds
  FROM oversells`;

export async function listOversells(database: Database, request: ListIncidents): Promise<KeysetPage<OversellRow>> {
  const { where, orderBy, limit, values } = incidentsSql(request);
  const rows = await database.query<OversellRow>(`${SELECT} WHERE ${where} ORDER BY ${orderBy} LIMIT ${limit}`, ...values);
  return toPage(rows, request.page);
}

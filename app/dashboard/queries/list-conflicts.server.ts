// Read model of overwritten stock, for the page and GET /api/v1/conflicts: newest first, by keyset.

import type { Database } from "#app/ports/database.ts";

import { incidentsSql, type ListIncidents } from "./incident-filter.ts";
import { type KeysetPage, toPage } from "./keyset-page.ts";

export const CONFLICT_STATES = ["open", "repaired", "dismissed", "explained", "all"] as const;

export interface ConflictRow {
  readonly id: bigint;
  readonly state: string;
  readonly inventoryItemId: string;
  readonly variantId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  readonly locationId: string;
  readonly at: Date;
  readonly valueBefore: number;
  readonly valueWritten: number;
  readonly sameAsAt: Date;
  readonly unitsAtRisk: number;
  readonly unseen: readonly { readonly orderId: string; readonly name: string | null; readonly units: number }[];
  readonly confidence: string;
  readonly endedAt: Date | null;
  readonly endedBy: string | null;
  readonly note: string | null;
  /** How often this stock was overwritten in the day up to this one, this one included. */
  readonly timesLastDay: number;
}

export async function listConflicts(database: Database, request: ListIncidents): Promise<KeysetPage<ConflictRow>> {
  const { where, orderBy, limit, values } = incidentsSql(request);
  const rows = await database.query<ConflictRow>(
    `WITH listed AS (SELECT * FROM conflicts WHERE ${where} ORDER BY ${orderBy} LIMIT ${limit})
     SELECT id, state, inventory_item_id AS "inventoryItemId", variant_id AS "variantId", sku, title, location_id AS "locationId", at, value_before AS "valueBefore",
       value_written AS "valueWritten", same_as_at AS "sameAsAt", units_at_risk AS "unitsAtRisk", unseen, confidence, ended_at AS "endedAt", ended_by AS "endedBy", note,
       (SELECT count(*)::int FROM conflicts c WHERE c.install_id = $1 AND c.inventory_item_id = listed.inventory_item_id AND c.location_id = listed.location_id
          AND c.state <> 'explained' AND c.at > listed.at - interval '1 day' AND c.at <= listed.at) AS "timesLastDay"
     FROM listed ORDER BY ${orderBy}`,
    ...values,
  );
  return toPage(rows, request.page);
}

// Read model of overwritten stock, for the pages and GET /api/v1/conflicts: newest first, by keyset; and one by its id.

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
  readonly locationName: string | null;
  /** The number that was seen after it. */
  readonly observationId: bigint;
  readonly at: Date;
  readonly valueBefore: number;
  readonly valueWritten: number;
  readonly sameAsAt: Date;
  readonly unitsAtRisk: number;
  readonly unseen: readonly { readonly orderId: string; readonly name: string | null; readonly units: number }[];
  readonly confidence: string;
  readonly foundAt: Date;
  readonly endedAt: Date | null;
  readonly endedBy: string | null;
  readonly note: string | null;
  /** How often this stock was overwritten in the day up to this one, this one included. */
  readonly timesLastDay: number;
}

/** Of one list that is called `listed`; the install is `$1`. */
const COLUMNS = `listed.id, listed.state, listed.inventory_item_id AS "inventoryItemId", listed.variant_id AS "variantId", listed.sku, listed.title,
  listed.location_id AS "locationId", place.name AS "locationName", listed.observation_id AS "observationId", listed.at, listed.value_before AS "valueBefore",
  listed.value_written AS "valueWritten", listed.same_as_at AS "sameAsAt", listed.units_at_risk AS "unitsAtRisk", listed.unseen, listed.confidence,
  listed.found_at AS "foundAt", listed.ended_at AS "endedAt", listed.ended_by AS "endedBy", listed.note,
  (SELECT count(*)::int FROM conflicts c WHERE c.install_id = $1 AND c.inventory_item_id = listed.inventory_item_id AND c.location_id = listed.location_id
     AND c.state <> 'explained' AND c.at > listed.at - interval '1 day' AND c.at <= listed.at) AS "timesLastDay"`;
const JOINS = `LEFT JOIN locations place ON place.install_id = $1 AND place.location_id = listed.location_id`;

export async function listConflicts(database: Database, request: ListIncidents): Promise<KeysetPage<ConflictRow>> {
  const { where, orderBy, limit, values } = incidentsSql(request);
  const rows = await database.query<ConflictRow>(
    `WITH listed AS (SELECT * FROM conflicts WHERE ${where} ORDER BY ${orderBy} LIMIT ${limit})
     SELECT ${COLUMNS} FROM listed ${JOINS} ORDER BY listed.${orderBy}`,
    ...values,
  );
  return toPage(rows, request.page);
}

/** Null when the install has none of this id. */
export async function findConflict(database: Database, installId: bigint, id: bigint): Promise<ConflictRow | null> {
  const [row] = await database.query<ConflictRow>(`SELECT ${COLUMNS} FROM conflicts listed ${JOINS} WHERE listed.install_id = $1 AND listed.id = $2`, installId, id);
  return row ?? null;
}

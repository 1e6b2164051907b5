// Read model of stock mismatches, for the pages, the operator's command and GET /api/v1/drift: newest first, by keyset; and one by its id.

import type { Database } from "#app/ports/database.ts";

import { incidentsSql, type ListIncidents } from "./incident-filter.ts";
import { type KeysetPage, toPage } from "./keyset-page.ts";

/** What may be asked for; the first is meant when nothing is. */
export const DRIFT_STATES = ["open", "explained", "corrected", "dismissed", "gone", "all"] as const;

export interface DriftRow {
  readonly id: bigint;
  readonly state: Exclude<(typeof DRIFT_STATES)[number], "all">;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly locationName: string | null;
  readonly variantId: string | null;
  readonly sku: string | null;
  readonly title: string | null;
  readonly foundAt: Date;
  readonly scanId: bigint | null;
  /** Null: not stocked there any more. */
  readonly shopify: number | null;
  readonly known: number | null;
  readonly difference: number;
  readonly explanation: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly proposedDelta: number | null;
  readonly proposedBecause: string | null;
  readonly endedAt: Date | null;
  readonly endedBy: string | null;
  readonly note: string | null;
}

const SELECT = `SELECT d.id, d.state, d.inventory_item_id AS "inventoryItemId", d.location_id AS "locationId", l.name AS "locationName", d.variant_id AS "variantId", d.sku, d.title,
  d.found_at AS "foundAt", d.scan_id AS "scanId", d.shopify, d.known, d.difference, d.explanation, d.evidence, d.proposed_delta AS "proposedDelta",
  d.proposed_because AS "proposedBecause", d.ended_at AS "endedAt", d.ended_by AS "endedBy", d.note
  FROM drifts d LEFT JOIN locations l ON l.install_id = d.install_id AND l.location_id = d.location_id`;

export async function listDrifts(database: Database, request: ListIncidents): Promise<KeysetPage<DriftRow>> {
  const { where, orderBy, limit, values } = incidentsSql(request, "d.");
  const rows = await database.query<DriftRow>(`${SELECT} WHERE ${where} ORDER BY ${orderBy} LIMIT ${limit}`, ...values);
  return toPage(rows, request.page);
}

/** Null when the install has none of this id. */
export async function findDrift(database: Database, installId: bigint, id: bigint): Promise<DriftRow | null> {
  const [row] = await database.query<DriftRow>(`${SELECT} WHERE d.install_id = $1 AND d.id = $2`, installId, id);
  return row ?? null;
}

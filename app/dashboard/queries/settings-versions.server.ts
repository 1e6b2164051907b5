// Read model of the settings' versions, newest first: who saved which when, and the documents to compare.

import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";
import type { Database } from "#app/ports/database.ts";

export interface VersionRow {
  readonly version: number;
  readonly createdAt: Date;
  readonly createdBy: string;
}

export interface VersionWithDocument extends VersionRow {
  readonly document: Settings;
}

const COLUMNS = `version, created_at AS "createdAt", created_by AS "createdBy"`;

export async function readVersion(database: Database, installId: bigint, version: number): Promise<VersionWithDocument | null> {
  const [row] = await database.query<VersionWithDocument>(`SELECT ${COLUMNS}, document FROM settings_versions WHERE install_id = $1 AND version = $2`, installId, version);
  return row === undefined ? null : inShape(row);
}

/** Versions below `before` (null: from the newest on), each with its document: the page says what each changed. */
export async function listVersions(database: Database, installId: bigint, before: number | null, limit: number): Promise<readonly VersionWithDocument[]> {
  const rows = await database.query<VersionWithDocument>(
    `SELECT ${COLUMNS}, document FROM settings_versions WHERE install_id = $1 AND ($2::int IS NULL OR version < $2) ORDER BY version DESC LIMIT $3`,
    installId,
    before,
    limit,
  );
  return rows.map(inShape);
}

/** A document of an older version of Holdfast lacks the fields that came later: they had their defaults. */
function inShape(row: VersionWithDocument): VersionWithDocument {
  const { oversell, reservations } = DEFAULT_SETTINGS;
  const { document } = row;
  return { ...row, document: { ...DEFAULT_SETTINGS, ...document, oversell: { ...oversell, ...document.oversell }, reservations: { ...reservations, ...document.reservations } } };
}

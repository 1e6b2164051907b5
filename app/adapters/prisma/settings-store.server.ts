// The settings-store port over settings_versions: the primary key (install, version) decides who of two writers was first.

import { invariant } from "#app/domain/invariant.ts";
import { diffSettings } from "#app/domain/settings-diff.ts";
import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";
import { makeHoldingBlocksDue } from "./block-adoption.ts";
import { prepared } from "./prepared-statements.ts";

const INSERT_AUDIT_SQL = `
  INSERT INTO audit_entries (install_id, shop, kind, actor, detail)
  SELECT id, shop, $2, $3, $4::jsonb FROM installs WHERE id = $1`;

export function createSettingsStore(database: Database): SettingsStore {
  return {
    async initialise(installId, tx = database) {
      await tx.execute(
        `INSERT INTO settings_versions (install_id, version, document, created_by)
         VALUES ($1, 1, $2::jsonb, 'holdfast') ON CONFLICT (install_id, version) DO NOTHING`,
        installId,
        JSON.stringify(DEFAULT_SETTINGS),
      );
    },

    current: (installId) => readCurrent(database, installId),

    async at(installId, version) {
      const rows = await database.query<{ document: Settings }>(
        "SELECT document FROM settings_versions WHERE install_id = $1 AND version = $2",
        installId,
        version,
      );
      const document = rows[0]?.document;
      return document === undefined ? null : inShape(document);
    },

    save: (request) =>
      database.transaction(async (tx) => {
        const previous = await readCurrent(tx, request.installId);
        if (previous.version !== request.expectedVersion) return { kind: "conflict", current: previous };
        const settings: Settings = { ...withNewerFields(request.document, previous), version: request.expectedVersion + 1 };
        // Two writers may both have read `previous`: the second insert waits for the first and then finds the key taken.
        const inserted = await tx.execute(
          `INSERT INTO settings_versions (install_id, version, document, created_by)
           VALUES ($1, $2, $3::jsonb, $4) ON CONFLICT (install_id, version) DO NOTHING`,
          request.installId,
          settings.version,
          JSON.stringify(settings),
          request.actor,
        );
        if (inserted === 0) return { kind: "conflict", current: await readCurrent(tx, request.installId) };
        const detail = { fromVersion: previous.version, toVersion: settings.version, changes: diffSettings(previous, settings) };
        await tx.execute(INSERT_AUDIT_SQL, request.installId, "settings_changed", request.actor, JSON.stringify(detail));
        if (settings.mode !== "enforce" || !settings.reservations.mirrorInShopify) await makeHoldingBlocksDue(tx, request.installId);
        return { kind: "saved", settings };
      }),

    resumeSource: ({ installId, sourceKey, actor }) =>
      database.transaction(async (tx) => {
        const resumed = await tx.query<{ evidence: unknown }>(
          // The merchant has looked at the evidence and stands for the source: what spoke against it no longer counts.
          `UPDATE order_sources SET paused_at = NULL, took_stock_count = 0
           WHERE install_id = $1 AND source_key = $2 AND paused_at IS NOT NULL RETURNING evidence`,
          installId,
          sourceKey,
        );
        if (resumed.length === 0) return { kind: "not_paused" };
        const releasedCount = await tx.execute(
          `UPDATE changes SET state = 'waiting', reason = NULL WHERE id IN (
             SELECT id FROM changes WHERE install_id = $1 AND source_key = $2 AND state = 'parked' AND reason = 'source_paused' ORDER BY id FOR UPDATE)`,
          installId,
          sourceKey,
        );
        const detail = { sourceKey, evidence: resumed[0]?.evidence ?? null, releasedCount };
        await tx.execute(INSERT_AUDIT_SQL, installId, "source_resumed", actor, JSON.stringify(detail));
        return { kind: "resumed" };
      }),
  };
}

async function readCurrent(executor: SqlExecutor, installId: bigint): Promise<Settings> {
  const rows = await executor.query<{ document: Settings }>(
    prepared("SELECT document FROM settings_versions WHERE install_id = $1 ORDER BY version DESC LIMIT 1"),
    installId,
  );
  const document = rows[0]?.document;
  invariant(document !== undefined, "an install has settings from its first moment");
  return inShape(document);
}

/**
 * Fields that only a newer version of Holdfast knows, which runs beside this one during a deploy, stay as they were saved: whoever fills in
 * this version's form has not seen them.
 */
function withNewerFields(document: Settings, previous: Settings): Settings {
  return carry(document, previous, DEFAULT_SETTINGS) as unknown as Settings;
}

type Fields = Readonly<Record<string, unknown>>;

function carry(document: object, previous: object, known: object): Fields {
  const [given, before, ours] = [document as Fields, previous as Fields, known as Fields];
  const newer = Object.entries(before).filter(([name]) => !(name in ours) && !(name in given));
  const parts = Object.entries(given).map(([name, value]) => [name, isFields(value) && isFields(before[name]) && isFields(ours[name]) ? carry(value, before[name], ours[name]) : value]);
  return Object.fromEntries([...parts, ...newer]);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that a later version of Holdfast added has its default in documents stored before; fields come in the documented order. */
function inShape(document: Settings): Settings {
  const { oversell, reservations } = DEFAULT_SETTINGS;
  return { ...DEFAULT_SETTINGS, ...document, oversell: { ...oversell, ...document.oversell }, reservations: { ...reservations, ...document.reservations } };
}

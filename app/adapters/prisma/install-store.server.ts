// Lives of the app in shops: beginning one, ending one, and finding those with work to do.

import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { ActiveInstall, BegunInstall, InstallFacts, InstallStore, InstallWithWork } from "#app/ports/install-store.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";

import { makeLeftBlocksDue, sayWhatIsStranded } from "./block-adoption.ts";
import { NOTHING_TO_WAIT_FOR } from "./order-row.ts";
import { PENDING_FOR_US } from "./pending-delivery.ts";
import { prepared } from "./prepared-statements.ts";

export function createInstallStore(database: Database, settings: Pick<SettingsStore, "initialise">): InstallStore {
  return {
    begin: (facts) => database.transaction((tx) => begin(tx, facts, settings)),
    async active(shop) {
      const [row] = await database.query<InstallRow>(
        prepared(`SELECT id, shop, epoch, timezone, shop_name, scopes, installed_at FROM installs WHERE shop = $1 AND state = 'active'`),
        shop,
      );
      return row ? toActiveInstall(row) : null;
    },
    withWork: (limit, afterId) => database.query<InstallWithWork>(WITH_WORK, limit, afterId ?? 0n),
  };
}

interface InstallRow {
  id: bigint;
  shop: string;
  epoch: number;
  timezone: string;
  shop_name: string | null;
  scopes: string;
  installed_at: Date;
}

function toActiveInstall(row: InstallRow): ActiveInstall {
  return {
    installId: row.id,
    shop: row.shop,
    epoch: row.epoch,
    timezone: row.timezone,
    shopName: row.shop_name,
    scopes: row.scopes.split(",").filter((scope) => scope !== ""),
    installedAt: row.installed_at,
  };
}

/**
 * Each condition is answered from an index per install, the partial ones being as small as the work that is open. The blocked orders of an
 * install are gone through one by one until the first that waits for nothing any more: the turn that booked its change ended between
 * `unblock` and the blocking. What they may wait for is as in `OrderBook.hasWork`. Changes of a shop that only watches wait without
 * being work, but for units that it gives back.
 */
const WITH_WORK = `
SELECT id AS "installId", shop FROM installs WHERE state = 'active' AND id > $2 AND (
  EXISTS (SELECT 1 FROM deliveries WHERE install_id = installs.id AND ${PENDING_FOR_US})
  OR EXISTS (SELECT 1 FROM orders WHERE install_id = installs.id AND state = 'due' AND due_at <= now())
  OR EXISTS (SELECT 1 FROM orders WHERE install_id = installs.id AND ${NOTHING_TO_WAIT_FOR})
  OR EXISTS (SELECT 1 FROM mutations WHERE install_id = installs.id AND state = 'open' AND resend_at <= now())
  OR EXISTS (SELECT 1 FROM source_suspicions WHERE install_id = installs.id AND judge_at <= now())
  OR EXISTS (SELECT 1 FROM changes WHERE install_id = installs.id AND state = 'waiting' AND quantity_name = 'hold')
  OR (EXISTS (SELECT 1 FROM changes WHERE install_id = installs.id AND state = 'waiting')
      AND (SELECT document->>'mode' FROM settings_versions WHERE install_id = installs.id ORDER BY version DESC LIMIT 1) = 'enforce'))
ORDER BY id LIMIT $1`;

async function begin(tx: SqlExecutor, facts: InstallFacts, settings: Pick<SettingsStore, "initialise">): Promise<BegunInstall> {
  // Several first pages of one shop may load at once: one of them begins the life, the others find it.
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('install:' || $1, 0))::text`, facts.shop);
  const [active] = await tx.query<{ id: bigint; epoch: number; app_installation_gid: string | null }>(
    `SELECT id, epoch, app_installation_gid FROM installs WHERE shop = $1 AND state = 'active' FOR UPDATE`,
    facts.shop,
  );
  const scopes = facts.scopes.join(",");
  if (active && (active.app_installation_gid ?? facts.appInstallationGid) === facts.appInstallationGid) {
    await tx.execute(
      `UPDATE installs SET app_installation_gid = $2, scopes = $3, scopes_at = now(), timezone = $4, shop_name = $5 WHERE id = $1`,
      active.id,
      facts.appInstallationGid,
      scopes,
      facts.timezone,
      facts.shopName,
    );
    return { installId: active.id, epoch: active.epoch, isNew: false };
  }
  // The shop was reinstalled before the old uninstall notice arrived. The session just stored is the new life's: it stays.
  if (active) await closeInstall(tx, active.id, "reinstalled", null);
  const [begun] = await tx.query<{ id: bigint; epoch: number }>(
    `INSERT INTO installs (shop, epoch, app_installation_gid, scopes, timezone, shop_name)
     SELECT $1, coalesce(max(epoch), 0) + 1, $2, $3, $4, $5 FROM installs WHERE shop = $1 RETURNING id, epoch`,
    facts.shop,
    facts.appInstallationGid,
    scopes,
    facts.timezone,
    facts.shopName,
  );
  if (!begun) throw new Error("an install that was inserted was not returned");
  await settings.initialise(begun.id, tx);
  await makeLeftBlocksDue(tx, facts.shop);
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, detail) VALUES ($1, $2, 'install_started', 'shopify', jsonb_build_object('epoch', $3::int))`,
    begun.id,
    facts.shop,
    begun.epoch,
  );
  return { installId: begun.id, epoch: begun.epoch, isNew: true };
}

/** Ends a life of the app: no work of it runs any more, its tokens and sessions are removed. */
export async function endInstall(tx: SqlExecutor, installId: bigint, reason: string, traceId: string | null): Promise<void> {
  await closeInstall(tx, installId, reason, traceId);
  await tx.execute(`DELETE FROM "Session" WHERE shop = (SELECT shop FROM installs WHERE id = $1)`, installId);
}

async function closeInstall(tx: SqlExecutor, installId: bigint, reason: string, traceId: string | null): Promise<void> {
  await tx.execute(`UPDATE installs SET state = 'ended', ended_at = now(), end_reason = $2 WHERE id = $1 AND state = 'active'`, installId, reason);
  await tx.execute(`UPDATE api_tokens SET revoked_at = now() WHERE install_id = $1 AND revoked_at IS NULL`, installId);
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, trace_id, detail)
     SELECT id, shop, 'install_ended', 'shopify', $3, jsonb_build_object('reason', $2::text) FROM installs WHERE id = $1`,
    installId,
    reason,
    traceId,
  );
  await sayWhatIsStranded(tx, installId, traceId);
}

// Completes privacy requests. Customer requests find nothing, because nothing of a customer is stored; a shop's rows are deleted.

import type { Compliance, LookForApp } from "#app/ports/compliance.ts";
import type { Database } from "#app/ports/database.ts";
import { endInstall } from "./install-store.server.ts";

/** Every table whose rows belong to an install. Entries and attempts go with their mutation. */
const INSTALL_TABLES = [
  "reservation_orders",
  "reservation_lines",
  "reservations",
  "reservation_hours",
  "stock_blocks",
  "external_pushes",
  "external_lanes",
  "external_systems",
  "alert_messages",
  "alert_lanes",
  "alert_signals",
  "signal_minutes",
  "alert_secrets",
  "alert_events",
  "fulfilment_holds",
  "oversells",
  "conflicts",
  "drifts",
  "stock_scan_candidates",
  "stock_scan_pieces",
  "stock_scans",
  "stock_judgements",
  "stock_observations",
  "stock_effects",
  "order_items",
  "audit_entries",
  "changes",
  "mutations",
  "orders",
  "deliveries",
  "delivery_duplicates",
  "fencing_tokens",
  "stock_levels",
  "variants",
  "locations",
  "order_sources",
  "source_suspicions",
  "order_scans",
  "activity_hours",
  "activity_quarters",
  "activity_rolls",
  "contention_hours",
  "api_tokens",
  "settings_versions",
] as const;

export interface RedactionLimits {
  /** Rows of one DELETE, which is a transaction of its own: locks and undo stay small whatever the shop's history. */
  readonly rowsPerStepMax: number;
  /** A mutation takes up to 250 entries and its attempts with it. */
  readonly mutationsPerStepMax: number;
  /** Steps of one round over all requests: some seconds, after which the round can be stopped and others have their turn. */
  readonly stepsPerRoundMax: number;
}

export const REDACTION_LIMITS: RedactionLimits = { rowsPerStepMax: 2_000, mutationsPerStepMax: 100, stepsPerRoundMax: 250 };

interface OpenRequest {
  readonly id: bigint;
  readonly shop: string;
  readonly topic: string;
}

interface Round {
  readonly database: Database;
  readonly lookForApp: LookForApp;
  readonly limits: RedactionLimits;
  stepsLeft: number;
  deletedRowCount: number;
}

type Progress = { readonly kind: "done"; readonly outcome: string } | { readonly kind: "later"; readonly reason: string };

export function createCompliance(database: Database, limits: RedactionLimits = REDACTION_LIMITS): Compliance {
  let lastId = 0n;
  return {
    async completeOpen(limit, lookForApp) {
      const round: Round = { database, lookForApp, limits, stepsLeft: limits.stepsPerRoundMax, deletedRowCount: 0 };
      let completedCount = 0;
      const postponed: { requestId: bigint; reason: string }[] = [];
      const failed: { requestId: bigint; cause: unknown }[] = [];
      for (const request of await openRequests(database, limit, lastId)) {
        if (round.stepsLeft === 0) break;
        lastId = request.id;
        try {
          const progress = request.topic === "shop/redact" ? await redactShop(round, request) : { kind: "done" as const, outcome: "no_customer_data_stored" };
          if (progress.kind === "later") postponed.push({ requestId: request.id, reason: progress.reason });
          else completedCount += await complete(database, request, progress.outcome);
        } catch (cause) {
          failed.push({ requestId: request.id, cause });
        }
      }
      return { completedCount, deletedRowCount: round.deletedRowCount, postponed, failed };
    },
  };
}

/** Beginning after `lastId`, then round to the oldest. Open requests are few, so sorting them costs nothing. */
function openRequests(database: Database, limit: number, lastId: bigint): Promise<OpenRequest[]> {
  return database.query(`SELECT id, shop, topic FROM compliance_requests WHERE completed_at IS NULL ORDER BY id <= $2, id LIMIT $1`, limit, lastId);
}

/** 0 when another worker completed it meanwhile. */
function complete(database: Database, request: OpenRequest, outcome: string): Promise<number> {
  return database.execute(`UPDATE compliance_requests SET completed_at = now(), outcome = $2 WHERE id = $1 AND completed_at IS NULL`, request.id, outcome);
}

/**
 * Not one transaction: each step commits, and whatever is left is found again by the installs, which go last. Two workers may do it at
 * once: they pass over each other's rows, and neither completes the request while rows are left.
 */
async function redactShop(round: Round, request: OpenRequest): Promise<Progress> {
  const { database } = round;
  const present = await judgePresentLife(round, request.shop);
  const ended = await database.query<{ id: bigint }>(`SELECT id FROM installs WHERE shop = $1 AND state = 'ended'`, request.shop);
  const ids = ended.map((install) => install.id);
  if (ids.length > 0) {
    for (const table of INSTALL_TABLES) {
      if (!(await deleteRows(round, table, ids))) return { kind: "later", reason: "more_rows" };
    }
  }
  if (present.kind === "later") return present;
  for (const table of INSTALL_TABLES) {
    const left = await database.query(`SELECT 1 FROM ${table} WHERE install_id = ANY($1) LIMIT 1`, ids);
    if (left.length > 0) return { kind: "later", reason: "more_rows" };
  }
  round.deletedRowCount += await database.execute(`DELETE FROM installs WHERE id = ANY($1)`, ids);
  round.deletedRowCount += await database.execute(
    `DELETE FROM "Session" WHERE shop = $1 AND NOT EXISTS (SELECT 1 FROM installs WHERE shop = $1 AND state = 'active')`,
    request.shop,
  );
  return present;
}

/** Whether the request is done once the ended lives have left no row, and with which outcome. */
async function judgePresentLife({ database, lookForApp }: Round, shop: string): Promise<Progress> {
  const [active] = await database.query<{ id: bigint; app_installation_gid: string | null }>(
    `SELECT id, app_installation_gid FROM installs WHERE shop = $1 AND state = 'active'`,
    shop,
  );
  if (!active) return { kind: "done", outcome: "deleted" };
  const presence = await lookForApp(shop);
  switch (presence.kind) {
    case "unknown":
      return { kind: "later", reason: `presence_unknown: ${presence.cause}` };
    case "installed":
      // A newer life than the one on record: the merchant's next page begins it and thereby ends ours, which is then deleted.
      if (active.app_installation_gid !== null && active.app_installation_gid !== presence.appInstallationGid) return { kind: "later", reason: "newer_life" };
      return { kind: "done", outcome: "present_life_kept" };
    case "gone":
      await database.transaction(async (tx) => {
        // Meanwhile the notice may have come after all, or the shop have installed the app again, with sessions that must stay.
        const still = await tx.query(`SELECT 1 FROM installs WHERE id = $1 AND state = 'active' FOR UPDATE`, active.id);
        if (still.length > 0) await endInstall(tx, active.id, "uninstalled_without_notice", null);
      });
      // A turn of this life that is under way may still write: the next round looks again.
      return { kind: "later", reason: "just_ended" };
  }
}

/** False when the round has no step left for it. */
async function deleteRows(round: Round, table: (typeof INSTALL_TABLES)[number], installIds: readonly bigint[]): Promise<boolean> {
  const { rowsPerStepMax, mutationsPerStepMax } = round.limits;
  const rowsMax = table === "mutations" ? mutationsPerStepMax : rowsPerStepMax;
  for (;;) {
    if (round.stepsLeft === 0) return false;
    const deleted = await round.database.execute(
      `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE install_id = ANY($1) LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      installIds,
      rowsMax,
    );
    // A look that finds nothing is cheap and counts for nothing: a small shop would otherwise use up a step per table.
    if (deleted === 0) return true;
    round.stepsLeft -= 1;
    round.deletedRowCount += deleted;
    if (deleted < rowsMax) return true;
  }
}

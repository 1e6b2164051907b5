// The book of comparisons on PostgreSQL: what is due, who is at it, and how far each has come.

import { assertNever } from "#app/domain/invariant.ts";
import type { Database, SqlExecutor, SqlValue } from "#app/ports/database.ts";
import type { ScanHold, ScanSchedule, ScanStep, StockScan, StockScanBook } from "#app/ports/stock-scan.ts";
import { compareLevels, noteMissing } from "./compare-levels.server.ts";
import { storeOldOrders } from "./drift-old-orders.server.ts";

export function createStockScanBook(database: Database): StockScanBook {
  return {
    async takeDue({ ownerId, limit, leaseMs, schedule }) {
      await beginDue(database, schedule);
      const rows = await database.query<ScanRow>(TAKE_DUE, limit, leaseMs, ownerId);
      return rows.map(toScan);
    },
    async takeOne({ installId, ownerId, leaseMs }) {
      const rows = await database.query<ScanRow>(
        `UPDATE stock_scans AS s SET taken_until = now() + $3 * interval '1 millisecond', taken_by = $2 FROM installs i
         WHERE i.id = s.install_id AND i.state = 'active' AND s.install_id = $1 AND s.finished_at IS NULL AND (s.taken_until IS NULL OR s.taken_until <= now()) RETURNING ${COLUMNS}`,
        installId,
        ownerId,
        leaseMs,
      );
      return rows.map(toScan);
    },
    ask: ({ installId, requestedBy }) => database.transaction((tx) => ask(tx, installId, requestedBy)),
    async find(installId, scanId) {
      const [row] = await database.query<ScanRow>(`SELECT ${COLUMNS} FROM stock_scans s JOIN installs i ON i.id = s.install_id WHERE s.install_id = $1 AND s.id = $2`, installId, scanId);
      return row ? toScan(row) : null;
    },
    advance(hold, step) {
      if (step.to === "done") return database.transaction((tx) => finish(tx, hold));
      if (step.to === "confirming") return database.transaction((tx) => endReading(tx, hold, step));
      if (step.to === "failed") return database.transaction(async (tx) => (await advance(tx, hold, step)) && (await forgetPieces(tx, hold), true));
      return advance(database, hold, step);
    },
    compare: (hold, chunk, lineCount, settleMs) => database.transaction((tx) => compareLevels(tx, hold, chunk, lineCount, settleMs)),
    storeOrders: (hold, orders, lineCount) => database.transaction((tx) => storeOldOrders(tx, hold, orders, lineCount)),
    async release({ scanId, ownerId }, dueInMs) {
      await database.execute(
        `UPDATE stock_scans SET taken_until = NULL, taken_by = NULL, due_at = now() + $3 * interval '1 millisecond' WHERE id = $1 AND taken_by = $2`,
        scanId,
        ownerId,
        dueInMs,
      );
    },
  };
}

interface ScanRow {
  id: bigint;
  install_id: bigint;
  shop: string;
  installed_at: Date;
  kind: StockScan["kind"];
  reason: StockScan["reason"];
  state: StockScan["state"];
  start_asked: boolean;
  operation_gid: string | null;
  operation_began_at: Date | null;
  operation_count: number;
  poll_count: number;
  object_count: bigint;
  still_for_ms: number;
  cancel_asked: boolean;
  url: string | null;
  partial: boolean;
  line_count: bigint;
  level_count: number;
  order_count: number;
  drift_count: number;
}

const COLUMNS = `s.id, s.install_id, s.shop, i.installed_at, s.kind, s.reason, s.state, s.start_asked_at IS NOT NULL AS start_asked, s.operation_gid,
  s.operation_began_at, s.operation_count, s.poll_count, s.object_count,
  coalesce(extract(epoch FROM now() - s.object_count_at) * 1000, 0)::float8 AS still_for_ms, s.cancel_asked, s.url, s.partial, s.line_count,
  s.level_count, s.order_count, s.drift_count`;

function toScan(row: ScanRow): StockScan {
  return {
    id: row.id,
    installId: row.install_id,
    shop: row.shop,
    installedAt: row.installed_at,
    kind: row.kind,
    reason: row.reason,
    state: row.state,
    startAsked: row.start_asked,
    operationGid: row.operation_gid,
    operationBeganAt: row.operation_began_at,
    operationCount: row.operation_count,
    pollCount: row.poll_count,
    objectCount: Number(row.object_count),
    stillForMs: row.still_for_ms,
    cancelAsked: row.cancel_asked,
    url: row.url,
    partial: row.partial,
    lineCount: Number(row.line_count),
    levelCount: row.level_count,
    orderCount: row.order_count,
    driftCount: row.drift_count,
  };
}

/**
 * One under way per install. Day one is stock first, then the orders that wait on it; afterwards stock again and again. An install of
 * before there was such a thing has its day one like a new one.
 */
async function beginDue(database: Database, { stockEveryMs, failedAfterMs }: ScanSchedule): Promise<void> {
  await database.execute(
    `WITH last AS (
       SELECT i.id AS install_id, i.shop, k.kind, s.state, s.finished_at,
         EXISTS (SELECT 1 FROM stock_scans d WHERE d.install_id = i.id AND d.kind = k.kind AND d.state = 'done') AS was_done
       FROM installs i CROSS JOIN (VALUES ('stock', 1), ('orders', 2)) AS k(kind, rank)
       LEFT JOIN LATERAL (SELECT state, finished_at FROM stock_scans WHERE install_id = i.id AND kind = k.kind ORDER BY id DESC LIMIT 1) s ON true
       WHERE i.state = 'active' AND NOT EXISTS (SELECT 1 FROM stock_scans u WHERE u.install_id = i.id AND u.finished_at IS NULL)),
     due AS (
       SELECT DISTINCT ON (install_id) install_id, shop, kind, was_done FROM last
       WHERE state IS NULL OR (state = 'failed' AND finished_at <= now() - $2 * interval '1 millisecond')
         OR (kind = 'stock' AND state = 'done' AND finished_at <= now() - $1 * interval '1 millisecond')
       ORDER BY install_id, was_done, kind DESC)
     INSERT INTO stock_scans (install_id, shop, kind, reason, requested_by)
     SELECT install_id, shop, kind, CASE WHEN was_done THEN 'scheduled' ELSE 'day_one' END, 'holdfast' FROM due ORDER BY install_id
     ON CONFLICT (install_id) WHERE finished_at IS NULL DO NOTHING`,
    stockEveryMs,
    failedAfterMs,
  );
}

const TAKE_DUE = `
UPDATE stock_scans AS s SET taken_until = now() + $2 * interval '1 millisecond', taken_by = $3 FROM installs i
WHERE i.id = s.install_id AND s.id IN (
  SELECT d.id FROM stock_scans d JOIN installs a ON a.id = d.install_id AND a.state = 'active'
  WHERE d.finished_at IS NULL AND d.due_at <= now() AND (d.taken_until IS NULL OR d.taken_until <= now())
  ORDER BY d.due_at, d.id LIMIT $1 FOR UPDATE OF d SKIP LOCKED)
RETURNING ${COLUMNS}`;

async function ask(tx: SqlExecutor, installId: bigint, requestedBy: string): Promise<{ scanId: bigint; isNew: boolean } | null> {
  const [install] = await tx.query<{ shop: string }>(`SELECT shop FROM installs WHERE id = $1 AND state = 'active' FOR SHARE`, installId);
  if (!install) return null;
  const [made] = await tx.query<{ id: bigint }>(
    `INSERT INTO stock_scans (install_id, shop, kind, reason, requested_by) VALUES ($1, $2, 'stock', 'asked', $3)
     ON CONFLICT (install_id) WHERE finished_at IS NULL DO NOTHING RETURNING id`,
    installId,
    install.shop,
    requestedBy,
  );
  if (made) {
    await tx.execute(
      `INSERT INTO audit_entries (install_id, shop, kind, actor, detail) VALUES ($1, $2, 'stock_check_asked', $3, jsonb_build_object('scanId', $4::text))`,
      installId,
      install.shop,
      requestedBy,
      String(made.id),
    );
    return { scanId: made.id, isNew: true };
  }
  const [underWay] = await tx.query<{ id: bigint }>(`SELECT id FROM stock_scans WHERE install_id = $1 AND finished_at IS NULL`, installId);
  return underWay ? { scanId: underWay.id, isNew: false } : null;
}

/** The lease is renewed with every step; a scan that somebody else has taken, or that has ended, is left alone. */
async function advance(database: SqlExecutor, hold: ScanHold, step: Exclude<ScanStep, { to: "done" }>): Promise<boolean> {
  const { set, from, values } = columnsOf(step);
  const touched = await database.execute(
    `UPDATE stock_scans SET taken_until = now() + $3 * interval '1 millisecond', ${set}
     WHERE id = $1 AND taken_by = $2 AND state = ANY($4) AND EXISTS (SELECT 1 FROM installs WHERE id = install_id AND state = 'active')`,
    hold.scanId,
    hold.ownerId,
    hold.leaseMs,
    from,
    ...values,
  );
  return touched === 1;
}

interface StepColumns {
  readonly set: string;
  readonly from: readonly string[];
  readonly values: readonly SqlValue[];
}

const UNDER_WAY = ["starting", "running", "reading", "confirming"];

function columnsOf(step: Exclude<ScanStep, { to: "done" }>): StepColumns {
  switch (step.to) {
    case "asked":
      return { set: `start_asked_at = now()`, from: ["starting"], values: [] };
    case "running":
      return {
        set: `state = 'running', operation_gid = $5, operation_began_at = $6::timestamptz, poll_count = 0, object_count = $7, object_count_at = now(), cancel_asked = false`,
        from: ["starting"],
        values: [step.operation.id, step.operation.createdAt, step.operation.objectCount],
      };
    case "looked":
      return {
        set: `poll_count = poll_count + 1, object_count_at = CASE WHEN $5 > object_count OR $6 <> cancel_asked THEN now() ELSE object_count_at END,
          object_count = greatest(object_count, $5), cancel_asked = $6`,
        from: ["running"],
        values: [step.objectCount, step.cancelAsked],
      };
    case "reading":
      return { set: `state = 'reading', url = $5, partial = $6, object_count = $7, line_count = 0, level_count = 0, order_count = 0, sources = '{}'`, from: ["running"], values: [step.url, step.partial, step.objectCount] };
    case "starting":
      return {
        set: `state = 'starting', start_asked_at = NULL, operation_gid = NULL, operation_began_at = NULL, operation_count = operation_count + 1, url = NULL, partial = false,
          line_count = 0, object_count = 0, object_count_at = NULL`,
        from: ["running", "reading"],
        values: [],
      };
    case "confirming":
      return { set: `state = 'confirming'`, from: ["running", "reading"], values: [] };
    case "failed":
      return { set: `state = 'failed', failure = left($5, 500), finished_at = now()`, from: UNDER_WAY, values: [step.failure] };
    default:
      return assertNever(step);
  }
}

async function endReading(tx: SqlExecutor, hold: ScanHold, step: Extract<ScanStep, { to: "confirming" }>): Promise<boolean> {
  if (!(await advance(tx, hold, step))) return false;
  await noteMissing(tx, hold.scanId, step.settleMs);
  await forgetPieces(tx, hold);
  return true;
}

async function forgetPieces(tx: SqlExecutor, { scanId }: ScanHold): Promise<void> {
  await tx.execute(`DELETE FROM stock_scan_pieces WHERE scan_id = $1`, scanId);
}

/** The channels of the orders that were read are counted together with the end: once, however often the file was begun anew. */
async function finish(tx: SqlExecutor, hold: ScanHold): Promise<boolean> {
  const [scan] = await tx.query<{ install_id: bigint; kind: string }>(
    `UPDATE stock_scans SET state = 'done', finished_at = now() WHERE id = $1 AND taken_by = $2 AND state = 'confirming' RETURNING install_id, kind`,
    hold.scanId,
    hold.ownerId,
  );
  if (!scan) return false;
  await tx.execute(`DELETE FROM stock_scan_candidates WHERE scan_id = $1`, hold.scanId);
  if (scan.kind === "orders") {
    await tx.execute(
      `INSERT INTO order_sources (install_id, source_key, order_count, first_seen_at, last_seen_at)
       SELECT s.install_id, found.key, (found.value->>'count')::int, (found.value->>'first')::timestamptz, (found.value->>'last')::timestamptz
       FROM stock_scans s, jsonb_each(s.sources) AS found WHERE s.id = $1 ORDER BY found.key
       ON CONFLICT (install_id, source_key) DO UPDATE SET order_count = order_sources.order_count + excluded.order_count,
         first_seen_at = least(order_sources.first_seen_at, excluded.first_seen_at), last_seen_at = greatest(order_sources.last_seen_at, excluded.last_seen_at)`,
      hold.scanId,
    );
  }
  return true;
}

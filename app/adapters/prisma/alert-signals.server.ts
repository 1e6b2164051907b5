// The operation's figures of a shop, read from what is there anyway, and the row per kind that remembers whether its incident is open.

import { type AlertFacts, NO_ALERT_FACTS } from "#app/domain/alert-event.ts";
import { SIGNAL_WINDOW_MINUTES } from "#app/domain/alert-thresholds.ts";
import type { SignalState } from "#app/domain/judge-signal.ts";
import { invariant } from "#app/domain/invariant.ts";
import type { AlertSignals, SignalKind, WatchedShop } from "#app/ports/alert-signals.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import { raiseAlert } from "./raise-alert.ts";

/** A figure beyond it says the same. */
const PARKED_COUNTED_MAX = 10_000;
const MINUTES_KEPT_HOURS = 24;

const FIGURES_SQL = `
SELECT
  -- Whatever waits for a person: changes, pushes that the external stock system did not take, holds that were paid for without an order.
  (SELECT count(*)::int FROM (
     (SELECT 1 FROM changes WHERE install_id = $1 AND state = 'parked' LIMIT ${PARKED_COUNTED_MAX})
     UNION ALL (SELECT 1 FROM external_pushes WHERE install_id = $1 AND state = 'parked' LIMIT ${PARKED_COUNTED_MAX})
     UNION ALL (SELECT 1 FROM reservations WHERE install_id = $1 AND settlement = 'person' LIMIT ${PARKED_COUNTED_MAX})) AS parked) AS parked,
  coalesce((SELECT extract(epoch FROM now() - received_at)::float8 FROM deliveries
            WHERE install_id = $1 AND state = 'pending' AND replayed_at IS NULL ORDER BY id LIMIT 1), 0) AS webhook_lag,
  (SELECT count(*)::int FROM deliveries WHERE install_id = $1 AND received_at > now() - $2 * interval '1 minute' AND state = 'rejected')
    + coalesce((SELECT sum(count)::int FROM signal_minutes WHERE install_id = $1 AND kind = 'webhook_errors' AND minute > now() - $2 * interval '1 minute'), 0) AS webhook_errors,
  (SELECT count(*)::int FROM attempts WHERE install_id = $1 AND finished_at > now() - $2 * interval '1 minute'
     AND outcome IN ('rejected', 'refused', 'unknown', 'not_sent', 'key_mismatch', 'previous_attempt_failed')) AS mutation_failures,
  coalesce((SELECT lock_wait_ms_max / 1000.0 FROM activity_hours WHERE install_id = $1 AND hour = date_trunc('hour', now())), 0)::float8 AS lock_waits,
  coalesce((SELECT sum(count)::int FROM signal_minutes WHERE install_id = $1 AND kind = 'deadlocks' AND minute > now() - $2 * interval '1 minute'), 0) AS deadlocks`;

interface SignalRow {
  readonly incident: number;
  readonly open: boolean;
  readonly peak: number;
  readonly changeCount: number;
  readonly calmSince: Date | null;
  readonly now: Date;
}

export function createAlertSignals(database: Database): AlertSignals {
  return {
    shops: (afterId, limit) =>
      database.query<WatchedShop>(
        `SELECT i.id AS "installId", i.shop, coalesce(s.document -> 'alerts', '[]'::jsonb) AS alerts,
           ARRAY(SELECT g.kind FROM alert_signals g WHERE g.install_id = i.id AND g.open) AS "openKinds"
         FROM installs i JOIN LATERAL (SELECT document FROM settings_versions WHERE install_id = i.id ORDER BY version DESC LIMIT 1) s ON true
         WHERE i.state = 'active' AND i.id > $1
           AND (jsonb_array_length(coalesce(s.document -> 'alerts', '[]'::jsonb)) > 0 OR EXISTS (SELECT 1 FROM alert_signals g WHERE g.install_id = i.id AND g.open))
         ORDER BY i.id LIMIT $2`,
        afterId,
        limit,
      ),

    async figures(installId) {
      const [row] = await database.query<Readonly<Record<SignalKind, number>>>(FIGURES_SQL, installId, SIGNAL_WINDOW_MINUTES);
      invariant(row !== undefined, "the statement answers one row");
      return row;
    },

    judge: (shop, kind, figure, decide) =>
      database.transaction(async (tx) => {
        const row = await lockSignal(tx, shop.installId, kind);
        const before: SignalState = { open: row.open, incident: row.incident, peak: row.peak, changeCount: row.changeCount, calmSinceMs: row.calmSince?.getTime() ?? null };
        const { state, stage } = decide(before, row.now.getTime());
        await tx.execute(
          `UPDATE alert_signals SET open = $3, incident = $4, figure = $5, peak = $6, change_count = $7, calm_since = $8, judged_at = now() WHERE install_id = $1 AND kind = $2`,
          shop.installId,
          kind,
          state.open,
          state.incident,
          figure,
          state.peak,
          state.changeCount,
          state.calmSinceMs === null ? null : new Date(state.calmSinceMs),
        );
        if (stage === null) return null;
        await raiseAlert(tx, { installId: shop.installId, shop: shop.shop, kind, subject: String(state.incident), stage, facts: factsOf(figure, state.peak) });
        return stage;
      }),

    async count(counts) {
      if (counts.length === 0) return;
      await database.execute(
        `INSERT INTO signal_minutes (install_id, kind, minute, count)
         SELECT i.id, c.kind, date_trunc('minute', now()), sum(c.count) FROM unnest($1::text[], $2::text[], $3::int[]) AS c(shop, kind, count)
         JOIN installs i ON i.shop = c.shop AND i.state = 'active' GROUP BY i.id, c.kind ORDER BY i.id, c.kind
         ON CONFLICT (install_id, kind, minute) DO UPDATE SET count = signal_minutes.count + excluded.count`,
        counts.map(({ shop }) => shop),
        counts.map(({ kind }) => kind),
        counts.map(({ count }) => count),
      );
    },

    async forget() {
      await database.execute(
        `DELETE FROM signal_minutes WHERE ctid = ANY(ARRAY(SELECT ctid FROM signal_minutes WHERE minute < now() - $1 * interval '1 hour' LIMIT 1000 FOR UPDATE SKIP LOCKED))`,
        MINUTES_KEPT_HOURS,
      );
    },
  };
}

async function lockSignal(tx: SqlExecutor, installId: bigint, kind: SignalKind): Promise<SignalRow> {
  await tx.execute(`INSERT INTO alert_signals (install_id, kind) VALUES ($1, $2) ON CONFLICT (install_id, kind) DO NOTHING`, installId, kind);
  const [row] = await tx.query<SignalRow>(
    `SELECT incident, open, peak, change_count AS "changeCount", calm_since AS "calmSince", clock_timestamp() AS now FROM alert_signals WHERE install_id = $1 AND kind = $2 FOR UPDATE`,
    installId,
    kind,
  );
  invariant(row !== undefined, "it was written a moment ago");
  return row;
}

function factsOf(figure: number, peak: number): AlertFacts {
  return { ...NO_ALERT_FACTS, detail: { figure: Math.round(figure * 10) / 10, peak: Math.round(peak * 10) / 10 } };
}

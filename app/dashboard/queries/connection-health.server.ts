// Read model of how the connection to Shopify fares: how late notifications come, when the worker last looked, when Shopify last answered.

import type { Database } from "#app/ports/database.ts";

/** The newest notifications, of which the lateness is told. */
const NEWEST_NOTIFICATIONS = 500;
/** Older ones say nothing of today. */
const LATENESS_HOURS = 24;

export interface ConnectionFacts {
  /** From the moment that Shopify names to the receipt, in ms; null: none came within a day. */
  readonly latenessMsP50: number | null;
  readonly latenessMsP95: number | null;
  readonly latenessCount: number;
  /** When the worker last looked through the shop's orders from end to end, which it does every five minutes; null: not yet. */
  readonly roundAt: Date | null;
  /** When it is to look next, and nobody is at it; null: somebody is, or it has never begun. */
  readonly roundDueAt: Date | null;
  /** It has begun once. */
  readonly roundBegun: boolean;
  /** It stands behind a page of orders that Shopify answered. */
  readonly roundHalfDone: boolean;
  /** The newest sign that Shopify answered: a round, or a change it applied. */
  readonly answerAt: Date | null;
}

export async function readConnectionFacts(database: Database, installId: bigint): Promise<ConnectionFacts> {
  const [facts] = await database.query<ConnectionFacts>(
    `SELECT late.p50 AS "latenessMsP50", late.p95 AS "latenessMsP95", late.count AS "latenessCount", s.passed_at AS "roundAt",
       CASE WHEN s.taken_until IS NULL OR s.taken_until <= now() THEN s.due_at END AS "roundDueAt",
       s.install_id IS NOT NULL AS "roundBegun", s.pass_cursor IS NOT NULL AS "roundHalfDone",
       greatest(s.passed_at, (SELECT max(finished_at) FROM changes WHERE install_id = $1 AND state = 'applied')) AS "answerAt"
     FROM (
       -- Clocks differ by some milliseconds: nothing comes before it was sent.
       SELECT count(*)::int AS count, percentile_disc(0.5) WITHIN GROUP (ORDER BY ms) AS p50, percentile_disc(0.95) WITHIN GROUP (ORDER BY ms) AS p95
       FROM (SELECT greatest(0, extract(epoch FROM received_at - triggered_at) * 1000)::float8 AS ms FROM (
         SELECT received_at, triggered_at FROM deliveries WHERE install_id = $1 AND received_at > now() - interval '${LATENESS_HOURS} hours'
         ORDER BY received_at DESC LIMIT ${NEWEST_NOTIFICATIONS}) newest WHERE triggered_at IS NOT NULL) lateness) late
     LEFT JOIN order_scans s ON s.install_id = $1`,
    installId,
  );
  if (facts === undefined) throw new TypeError("an aggregate without GROUP BY answers one row");
  return facts;
}

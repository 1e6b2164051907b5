// Read model of what was prevented that leaves rows of its own: overwrites and doubled calls that were found, holds that were refused.

import type { Database } from "#app/ports/database.ts";

/** Incidents looked at, the newest: more than this in a week, and the number is said to be at least that. */
export const INCIDENTS_COUNT_MAX = 2_000;

export interface FoundInSpan {
  readonly overwrites: number;
  readonly doubledCalls: number;
  /** Requests for a hold of an item that were refused because too little was left, counted by the hour. */
  readonly refusedHolds: number;
  readonly refusedUnits: number;
}

export interface FoundIncidents {
  readonly today: FoundInSpan;
  readonly week: FoundInSpan;
}

interface Row {
  overwritesToday: number;
  overwritesWeek: number;
  doubledToday: number;
  doubledWeek: number;
  refusedToday: number;
  refusedWeek: number;
  unitsToday: number;
  unitsWeek: number;
}

export async function readFoundIncidents(database: Database, installId: bigint, { today, week }: { readonly today: Date; readonly week: Date }): Promise<FoundIncidents> {
  const [row] = await database.query<Row>(
    `SELECT o.today AS "overwritesToday", o.week AS "overwritesWeek", d.today AS "doubledToday", d.week AS "doubledWeek",
       r.today AS "refusedToday", r.week AS "refusedWeek", r.units_today AS "unitsToday", r.units_week AS "unitsWeek"
     FROM (SELECT count(*) FILTER (WHERE found_at >= $2)::int AS today, count(*)::int AS week
             FROM (SELECT found_at, state FROM conflicts WHERE install_id = $1 ORDER BY id DESC LIMIT ${INCIDENTS_COUNT_MAX}) c WHERE found_at >= $3 AND state <> 'explained') o,
          (SELECT count(*) FILTER (WHERE found_at >= $2)::int AS today, count(*)::int AS week
             FROM (SELECT found_at, explanation FROM drifts WHERE install_id = $1 ORDER BY id DESC LIMIT ${INCIDENTS_COUNT_MAX}) f WHERE found_at >= $3 AND explanation = 'doubled') d,
          (SELECT coalesce(sum(refused_count) FILTER (WHERE hour >= $2), 0)::float8 AS today, coalesce(sum(refused_count), 0)::float8 AS week,
                  coalesce(sum(short_units) FILTER (WHERE hour >= $2), 0)::float8 AS units_today, coalesce(sum(short_units), 0)::float8 AS units_week
             FROM reservation_hours WHERE install_id = $1 AND hour >= $3 AND refused_count > 0) r`,
    installId,
    today,
    week,
  );
  if (row === undefined) throw new TypeError("aggregates without GROUP BY answer one row each");
  return {
    today: { overwrites: row.overwritesToday, doubledCalls: row.doubledToday, refusedHolds: row.refusedToday, refusedUnits: row.unitsToday },
    week: { overwrites: row.overwritesWeek, doubledCalls: row.doubledWeek, refusedHolds: row.refusedWeek, refusedUnits: row.unitsWeek },
  };
}

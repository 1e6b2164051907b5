// Counts what happened in a shop into quarters of an hour, each once when it is over: Home's numbers and its chart are sums of them, however much happened.
//
// Counting 200,000 notifications of a day takes longer than a page may take, and a counter that the intake kept itself would make every
// batch of a shop wait for one row. A quarter that is over does not change any more: received, finished and created are the time of the
// transaction that wrote them. The worker counts before anybody looks; a page that finds quarters uncounted counts them itself.

import type { Database, SqlExecutor } from "#app/ports/database.ts";

import { topicGroupSql } from "./topic-group.ts";

export const QUARTER_MS = 15 * 60_000;
/** A transaction that began in a quarter has ended this long after it: statements of the intake and of turns are cut off long before. */
const SETTLED_MS = 60_000;
/** Quarters kept and, of a shop that was never counted, counted: a week for the chart, and a day more for zones and trends. */
export const QUARTERS_KEPT_DAYS = 9;
const DAY_MS = 24 * 3_600_000;

/** What is counted; each column of `activity_quarters` but its key. */
export const COUNTED_COLUMNS = ["order_notifications", "stock_notifications", "duplicates", "order_duplicates", "applied", "shown", "lost_answers"] as const;

/** Rows `quarter, <counted columns>` of what happened from `from` on and, where it is given, before `until`; several rows may be of one quarter. */
export function countedSql({ install, from, until }: { readonly install: string; readonly from: string; readonly until: string | null }): string {
  const within = (column: string) => `install_id = ${install} AND ${column} >= ${from}${until === null ? "" : ` AND ${column} < ${until}`}`;
  const orders = topicGroupSql("topic", "orders");
  return [
    part("received_at", { order_notifications: `count(*) FILTER (WHERE ${orders})`, stock_notifications: `count(*) FILTER (WHERE ${topicGroupSql("topic", "stock")})` }, `deliveries WHERE ${within("received_at")}`),
    part("received_at", { duplicates: "count(*)", order_duplicates: `count(*) FILTER (WHERE ${orders})` }, `delivery_duplicates WHERE ${within("received_at")}`),
    part("finished_at", { applied: "count(*)" }, `changes WHERE ${within("finished_at")} AND state = 'applied'`),
    part("created_at", { shown: "count(*)" }, `changes WHERE ${within("created_at")} AND state = 'shadow'`),
    // The list of outcomes is that of the partial index `attempts_failed`.
    part(
      "finished_at",
      { lost_answers: "count(*) FILTER (WHERE outcome = 'unknown')" },
      `attempts WHERE ${within("finished_at")} AND outcome IN ('rejected', 'refused', 'unknown', 'not_sent', 'key_mismatch', 'previous_attempt_failed')`,
    ),
  ].join("\nUNION ALL\n");
}

type Counts = Partial<Record<(typeof COUNTED_COLUMNS)[number], string>>;

function part(time: string, counts: Counts, source: string): string {
  const columns = COUNTED_COLUMNS.map((name) => `${counts[name] ?? "0"} AS ${name}`).join(", ");
  return `SELECT date_bin('15 minutes', ${time}, timestamptz '2000-01-01 00:00:00Z') AS quarter, ${columns} FROM ${source} GROUP BY 1`;
}

/** The end of the last quarter that is over. */
export function lastQuarterEnd(now: Date): Date {
  return new Date(Math.floor((now.getTime() - SETTLED_MS) / QUARTER_MS) * QUARTER_MS);
}

/** Counts the quarters that are over and were not counted yet; answers up to when all are. Two at once: the second finds it done. */
export async function rollUpActivity(database: Database, installId: bigint, now: Date): Promise<Date> {
  const end = lastQuarterEnd(now);
  const [known] = await database.query<{ until: Date }>("SELECT until FROM activity_rolls WHERE install_id = $1", installId);
  if (known !== undefined && known.until >= end) return known.until;
  return database.transaction((tx) => rollUp(tx, installId, end));
}

/** Active installs with quarters that are over and were not counted, those counted longest ago first. */
export async function shopsToRollUp(database: Database, now: Date, limit: number): Promise<bigint[]> {
  const rows = await database.query<{ id: bigint }>(
    `SELECT i.id FROM installs i LEFT JOIN activity_rolls r ON r.install_id = i.id
     WHERE i.state = 'active' AND (r.until IS NULL OR r.until < $1) ORDER BY r.until NULLS FIRST, i.id LIMIT $2`,
    lastQuarterEnd(now),
    limit,
  );
  return rows.map(({ id }) => id);
}

async function rollUp(tx: SqlExecutor, installId: bigint, end: Date): Promise<Date> {
  const first = new Date(end.getTime() - QUARTERS_KEPT_DAYS * DAY_MS);
  await tx.execute("INSERT INTO activity_rolls (install_id, until) SELECT id, $2::timestamptz FROM installs WHERE id = $1 ON CONFLICT (install_id) DO NOTHING", installId, first);
  const [roll] = await tx.query<{ until: Date; end: Date }>(
    // The database's clock has the last word on what is over.
    "SELECT until, least($2::timestamptz, date_bin('15 minutes', now() - $3 * interval '1 millisecond', timestamptz '2000-01-01 00:00:00Z')) AS end FROM activity_rolls WHERE install_id = $1 FOR UPDATE",
    installId,
    end,
    SETTLED_MS,
  );
  // Uninstalled and redacted meanwhile: there is nothing to count.
  if (roll === undefined) return end;
  if (roll.until >= roll.end) return roll.until;
  const from = roll.until > first ? roll.until : first;
  const columns = COUNTED_COLUMNS.join(", ");
  await tx.execute(
    `INSERT INTO activity_quarters (install_id, quarter, ${columns})
     SELECT $1, quarter, ${COUNTED_COLUMNS.map((name) => `sum(${name})`).join(", ")} FROM (${countedSql({ install: "$1", from: "$2", until: "$3" })}) counted
     GROUP BY quarter HAVING ${COUNTED_COLUMNS.map((name) => `sum(${name})`).join(" + ")} > 0
     ON CONFLICT (install_id, quarter) DO UPDATE SET ${COUNTED_COLUMNS.map((name) => `${name} = excluded.${name}`).join(", ")}`,
    installId,
    from,
    roll.end,
  );
  await tx.execute("DELETE FROM activity_quarters WHERE install_id = $1 AND quarter < $2", installId, first);
  await tx.execute("UPDATE activity_rolls SET until = $2 WHERE install_id = $1", installId, roll.end);
  return roll.end;
}

// Makes messages of alert events: one per event and channel, once, together with the mark that the event was looked at.

import type { AlertFacts, AlertKind, AlertStage } from "#app/domain/alert-event.ts";
import type { AlertChannel } from "#app/domain/plan-alert-messages.ts";
import { DEFAULT_SETTINGS, type Settings } from "#app/domain/settings.ts";
import type { PlanAlert } from "#app/ports/alert-outbox.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";

/** Events that are looked at to find an install whose turn it is. */
const LOOKED_AT_MAX = 1_000;

interface EventRow {
  readonly id: bigint;
  readonly shop: string;
  readonly kind: AlertKind;
  readonly subject: string;
  readonly stage: AlertStage;
  readonly facts: AlertFacts;
}

interface PlannedMessage {
  readonly event: EventRow;
  readonly to: AlertChannel;
}

/**
 * One install at a time and one worker an install: two workers with "opened" and "changed" of one incident would not see each other's
 * messages, and the second would take the channel for one that was never told.
 */
export function fanOutAlerts(database: Database, limit: number, plan: PlanAlert): Promise<number> {
  return database.transaction(async (tx) => {
    const installId = await lockInstall(tx);
    if (installId === null) return 0;
    const events = await tx.query<EventRow>(
      `SELECT id, shop, kind, subject, stage, facts FROM alert_events WHERE install_id = $1 AND fanned_out_at IS NULL ORDER BY id LIMIT $2`,
      installId,
      limit,
    );
    if (events.length === 0) return 0;
    const settings = await settingsOf(tx, installId);
    // A shop that left hears nothing more.
    if (settings !== null) await writeMessages(tx, installId, await planAll(tx, installId, events, settings, plan));
    await tx.execute(`UPDATE alert_events SET fanned_out_at = now() WHERE id = ANY($1)`, events.map(({ id }) => id));
    return events.length;
  });
}

async function lockInstall(tx: SqlExecutor): Promise<bigint | null> {
  const candidates = await tx.query<{ install_id: bigint }>(
    `SELECT install_id FROM (SELECT install_id, id FROM alert_events WHERE fanned_out_at IS NULL ORDER BY id LIMIT $1) AS waiting GROUP BY install_id ORDER BY min(id)`,
    LOOKED_AT_MAX,
  );
  for (const { install_id: installId } of candidates) {
    const [row] = await tx.query<{ got: boolean }>(`SELECT pg_try_advisory_xact_lock(hashtextextended('alert fan-out ' || $1::text, 0)) AS got`, String(installId));
    if (row?.got === true) return installId;
  }
  return null;
}

async function settingsOf(tx: SqlExecutor, installId: bigint): Promise<Settings | null> {
  const [row] = await tx.query<{ document: Settings }>(
    `SELECT s.document FROM installs i JOIN settings_versions s ON s.install_id = i.id WHERE i.id = $1 AND i.state = 'active' ORDER BY s.version DESC LIMIT 1`,
    installId,
  );
  return row === undefined ? null : { ...DEFAULT_SETTINGS, ...row.document };
}

async function planAll(tx: SqlExecutor, installId: bigint, events: readonly EventRow[], settings: Settings, plan: PlanAlert): Promise<PlannedMessage[]> {
  const known = await tx.query<{ kind: string; subject: string; channel: string }>(
    `SELECT DISTINCT kind, subject, channel FROM alert_messages WHERE install_id = $1 AND kind = ANY($2) AND subject = ANY($3)`,
    installId,
    [...new Set(events.map(({ kind }) => kind))],
    [...new Set(events.map(({ subject }) => subject))],
  );
  const told = new Map<string, Set<string>>();
  const toldOf = ({ kind, subject }: { kind: string; subject: string }): Set<string> => {
    const incident = `${kind} ${subject}`;
    const channels = told.get(incident) ?? new Set<string>();
    told.set(incident, channels);
    return channels;
  };
  for (const row of known) toldOf(row).add(row.channel);
  return events.flatMap((event) => {
    const channels = toldOf(event);
    const chosen = plan(event, settings, channels);
    for (const { channel } of chosen) channels.add(channel);
    return chosen.map((to) => ({ event, to }));
  });
}

async function writeMessages(tx: SqlExecutor, installId: bigint, planned: readonly PlannedMessage[]): Promise<void> {
  if (planned.length === 0) return;
  await tx.execute(
    `INSERT INTO alert_messages (install_id, shop, event_id, channel, channel_kind, target, kind, subject, stage)
     SELECT $1, m.shop, m.event_id, m.channel, m.channel_kind, m.target, m.kind, m.subject, m.stage
     FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
       WITH ORDINALITY AS m(shop, event_id, channel, channel_kind, target, kind, subject, stage, n) ORDER BY m.n
     ON CONFLICT (event_id, channel) DO NOTHING`,
    installId,
    planned.map(({ event }) => event.shop),
    planned.map(({ event }) => event.id),
    planned.map(({ to }) => to.channel),
    planned.map(({ to }) => to.kind),
    planned.map(({ to }) => to.target),
    planned.map(({ event }) => event.kind),
    planned.map(({ event }) => event.subject),
    planned.map(({ event }) => event.stage),
  );
  const lanes = [...new Map(planned.map(({ event, to }) => [`${to.channel} ${event.kind}`, { channel: to.channel, kind: event.kind, quietMinutes: to.quietMinutes }])).values()];
  // A lane that waits before its next try keeps its time. Sorted: two transactions that touch the same lanes queue.
  await tx.execute(
    `INSERT INTO alert_lanes (install_id, channel, kind, quiet_minutes, due_at)
     SELECT $1, l.channel, l.kind, l.quiet_minutes, now() FROM unnest($2::text[], $3::text[], $4::int[]) AS l(channel, kind, quiet_minutes) ORDER BY l.channel, l.kind
     ON CONFLICT (install_id, channel, kind) DO UPDATE SET quiet_minutes = excluded.quiet_minutes, due_at = coalesce(alert_lanes.due_at, now())`,
    installId,
    lanes.map(({ channel }) => channel),
    lanes.map(({ kind }) => kind),
    lanes.map(({ quietMinutes }) => quietMinutes),
  );
}

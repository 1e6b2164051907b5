// Takes a lane's next message under a lease: merges what belongs into it, freezes what it says, and counts the sending before it happens.

import { randomUUID } from "node:crypto";

import type { AlertFacts, AlertKind, AlertStage } from "#app/domain/alert-event.ts";
import { invariant } from "#app/domain/invariant.ts";
import type { AlertChannelKind } from "#app/domain/plan-alert-messages.ts";
import type { AlertContent, AlertReport, ClaimedAlert } from "#app/ports/alert-outbox.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";

/** Lanes that one claim looks at: those in their quiet time are put off and passed over. */
const LANES_LOOKED_AT_MAX = 50;
/** Messages that one message takes in; what is beyond comes with the next. */
const MERGED_MAX = 1_000;
/** Incidents that one message describes; the others are counted. */
const REPORTS_MAX = 20;

interface Lane {
  readonly install_id: bigint;
  readonly channel: string;
  readonly kind: AlertKind;
  /** Null: it may send now. */
  readonly quiet_until: Date | null;
}

interface Waiting {
  readonly id: bigint;
  readonly message_key: string;
  readonly shop: string;
  readonly subject: string;
  readonly stage: AlertStage;
  readonly channel_kind: AlertChannelKind;
  readonly target: string;
  readonly attempt_count: number;
  readonly attempt_open: boolean;
  readonly maybe_taken: boolean;
  readonly content: AlertContent | null;
  readonly follows: string | null;
  readonly facts: AlertFacts;
  readonly at: Date;
}

export function claimAlert(database: Database, leaseMs: number): Promise<ClaimedAlert | null> {
  return database.transaction(async (tx) => {
    for (let looked = 0; looked < LANES_LOOKED_AT_MAX; looked += 1) {
      const lane = await lockLane(tx);
      if (lane === null) return null;
      const claimed = await claimOf(tx, lane, leaseMs);
      if (claimed !== null) return claimed;
    }
    return null;
  });
}

async function lockLane(tx: SqlExecutor): Promise<Lane | null> {
  const [lane] = await tx.query<Lane>(
    `SELECT install_id, channel, kind,
       CASE WHEN last_sent_at + quiet_minutes * interval '1 minute' > now() THEN last_sent_at + quiet_minutes * interval '1 minute' END AS quiet_until
     FROM alert_lanes WHERE due_at <= now() AND (leased_until IS NULL OR leased_until <= now()) ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  return lane ?? null;
}

/** Null when the lane has nothing to send now; it is then put off or at rest. The rows are read after its lock: nothing that was added before is missed. */
async function claimOf(tx: SqlExecutor, lane: Lane, leaseMs: number): Promise<ClaimedAlert | null> {
  const place = [lane.install_id, lane.channel, lane.kind] as const;
  const waiting = await tx.query<Waiting>(
    `SELECT m.id, m.message_key, m.shop, m.subject, m.stage, m.channel_kind, m.target, m.attempt_count, m.attempt_open, m.maybe_taken, m.content, m.follows, e.facts, e.at
     FROM alert_messages m JOIN alert_events e ON e.id = m.event_id
     WHERE m.install_id = $1 AND m.channel = $2 AND m.kind = $3 AND m.state = 'waiting' ORDER BY m.id LIMIT $4`,
    ...place,
    MERGED_MAX,
  );
  const [head] = waiting;
  if (head === undefined) {
    await tx.execute(`UPDATE alert_lanes SET due_at = NULL, lease_id = NULL, leased_until = NULL WHERE install_id = $1 AND channel = $2 AND kind = $3`, ...place);
    return null;
  }
  const [install] = await tx.query<{ shop_name: string | null; timezone: string }>(`SELECT shop_name, timezone FROM installs WHERE id = $1 AND state = 'active'`, lane.install_id);
  if (install === undefined) {
    await tx.execute(`UPDATE alert_messages SET state = 'dropped', ended_at = now() WHERE install_id = $1 AND channel = $2 AND kind = $3 AND state = 'waiting'`, ...place);
    await tx.execute(`UPDATE alert_lanes SET due_at = NULL, lease_id = NULL, leased_until = NULL WHERE install_id = $1 AND channel = $2 AND kind = $3`, ...place);
    return null;
  }
  if (lane.quiet_until !== null && head.content === null) {
    await tx.execute(`UPDATE alert_lanes SET due_at = $4, lease_id = NULL, leased_until = NULL WHERE install_id = $1 AND channel = $2 AND kind = $3`, ...place, lane.quiet_until);
    return null;
  }
  const quiet = await isQuietLane(tx, place);
  const { content, follows } = head.content === null ? await freeze(tx, lane, head, quiet ? waiting : waiting.filter(({ subject }) => subject === head.subject)) : { content: head.content, follows: head.follows };
  const leaseId = await take(tx, place, head.id, leaseMs);
  return {
    installId: lane.install_id,
    shop: head.shop,
    shopName: install.shop_name,
    timezone: install.timezone,
    messageId: head.id,
    messageKey: head.message_key,
    follows,
    channel: { channel: lane.channel, kind: head.channel_kind, target: head.target },
    content,
    attempt: head.attempt_count + 1,
    // A sending whose end nobody wrote down: its worker died, and may have sent it.
    maybeTaken: head.maybe_taken || head.attempt_open,
    leaseId,
  };
}

async function isQuietLane(tx: SqlExecutor, place: readonly [bigint, string, string]): Promise<boolean> {
  const [row] = await tx.query<{ quiet: boolean }>(`SELECT quiet_minutes > 0 AS quiet FROM alert_lanes WHERE install_id = $1 AND channel = $2 AND kind = $3`, ...place);
  return row?.quiet === true;
}

/** Nothing of the head was sent yet: what came after it and belongs to it is told with it. */
async function freeze(tx: SqlExecutor, lane: Lane, head: Waiting, told: readonly Waiting[]): Promise<{ content: AlertContent; follows: string | null }> {
  const reports = [...reportsOf(told)];
  const content: AlertContent = { kind: lane.kind, reports: reports.slice(0, REPORTS_MAX), moreCount: Math.max(0, reports.length - REPORTS_MAX) };
  const [first] = await tx.query<{ message_key: string }>(
    `SELECT coalesce(h.message_key, m.message_key) AS message_key FROM alert_messages m LEFT JOIN alert_messages h ON h.id = m.merged_into
     WHERE m.install_id = $1 AND m.channel = $2 AND m.kind = $3 AND m.subject = $4 AND m.id < $5 AND (m.state = 'sent' OR h.state = 'sent') ORDER BY m.id LIMIT 1`,
    lane.install_id,
    lane.channel,
    lane.kind,
    head.subject,
    head.id,
  );
  const follows = first?.message_key ?? null;
  await tx.execute(`UPDATE alert_messages SET content = $2::jsonb, follows = $3::uuid WHERE id = $1`, head.id, JSON.stringify(content), follows);
  const mergedIds = told.map(({ id }) => id).filter((id) => id !== head.id);
  if (mergedIds.length > 0) await tx.execute(`UPDATE alert_messages SET state = 'merged', merged_into = $1, ended_at = now() WHERE id = ANY($2)`, head.id, mergedIds);
  return { content, follows };
}

/** One report an incident, in the order in which they began, each as of its last stage. */
function reportsOf(told: readonly Waiting[]): Iterable<AlertReport> {
  const reports = new Map<string, AlertReport>();
  for (const { subject, stage, facts, at } of told) {
    const before = reports.get(subject);
    reports.set(subject, { subject, stages: [...(before?.stages ?? []), stage], facts, at: before?.at ?? at.toISOString() });
  }
  return reports.values();
}

async function take(tx: SqlExecutor, place: readonly [bigint, string, string], messageId: bigint, leaseMs: number): Promise<string> {
  const leaseId = randomUUID();
  const leased = await tx.execute(
    `UPDATE alert_lanes SET lease_id = $4::uuid, leased_until = now() + $5 * interval '1 millisecond' WHERE install_id = $1 AND channel = $2 AND kind = $3`,
    ...place,
    leaseId,
    leaseMs,
  );
  invariant(leased === 1, "the lane is locked");
  await tx.execute(
    `UPDATE alert_messages SET attempt_count = attempt_count + 1, maybe_taken = maybe_taken OR attempt_open, attempt_open = true, first_attempt_at = coalesce(first_attempt_at, now()) WHERE id = $1`,
    messageId,
  );
  return leaseId;
}

// The messages as a person sees them, and a second try for those that were given up.

import type { AlertDesk, AlertMessageRow, AlertRetryOutcome } from "#app/ports/alert-outbox.ts";
import type { Database } from "#app/ports/database.ts";

export function createAlertDesk(database: Database): AlertDesk {
  return {
    list: (installId, { state, beforeId, limit }) =>
      database.query<AlertMessageRow>(
        `SELECT id, kind, subject, stage, channel_kind AS "channelKind", target, state, attempt_count AS "attemptCount", last_error AS "lastError",
           created_at AS "createdAt", ended_at AS "endedAt"
         FROM alert_messages WHERE install_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
        installId,
        state ?? null,
        beforeId,
        limit,
      ),
    retry: (installId, messageIds, dryRun) => retry(database, installId, messageIds, dryRun),
  };
}

interface Candidate {
  readonly id: bigint;
  readonly channel: string;
  readonly kind: string;
  readonly state: string;
  readonly overtaken: boolean;
}

function retry(database: Database, installId: bigint, messageIds: readonly bigint[], dryRun: boolean): Promise<ReadonlyMap<bigint, AlertRetryOutcome>> {
  return database.transaction(async (tx) => {
    const wanted = await tx.query<{ channel: string; kind: string }>(`SELECT DISTINCT channel, kind FROM alert_messages WHERE install_id = $1 AND id = ANY($2)`, installId, messageIds);
    // The lanes first, as everybody: who sends meanwhile is waited for.
    await tx.query(
      `SELECT 1 FROM alert_lanes WHERE install_id = $1 AND (channel, kind) IN (SELECT * FROM unnest($2::text[], $3::text[])) ORDER BY channel, kind FOR UPDATE`,
      installId,
      wanted.map(({ channel }) => channel),
      wanted.map(({ kind }) => kind),
    );
    const found = await tx.query<Candidate>(
      `SELECT m.id, m.channel, m.kind, m.state, EXISTS (
         SELECT 1 FROM alert_messages later WHERE later.install_id = m.install_id AND later.kind = m.kind AND later.subject = m.subject AND later.channel = m.channel
           AND later.id > m.id AND (later.state = 'sent' OR (later.state = 'merged' AND later.merged_into <> m.id))) AS overtaken
       FROM alert_messages m WHERE m.install_id = $1 AND m.id = ANY($2) ORDER BY m.id FOR UPDATE`,
      installId,
      messageIds,
    );
    const outcomes = new Map<bigint, AlertRetryOutcome>(messageIds.map((id) => [id, "not_found"]));
    for (const message of found) outcomes.set(message.id, outcomeOf(message));
    const doneIds = [...outcomes].filter(([, outcome]) => outcome === "done").map(([id]) => id);
    if (dryRun || doneIds.length === 0) return outcomes;
    await tx.execute(`UPDATE alert_messages SET state = 'waiting', ended_at = NULL, first_attempt_at = NULL WHERE id = ANY($1)`, doneIds);
    await tx.execute(
      `UPDATE alert_lanes SET due_at = now(), failure_count = 0 WHERE install_id = $1 AND (channel, kind) IN (SELECT channel, kind FROM alert_messages WHERE id = ANY($2))`,
      installId,
      doneIds,
    );
    return outcomes;
  });
}

function outcomeOf({ state, overtaken }: Candidate): AlertRetryOutcome {
  if (state !== "failed") return "not_failed";
  return overtaken ? "overtaken" : "done";
}

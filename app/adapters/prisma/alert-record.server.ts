// Writes down how a sending ended, and when its lane goes on. That a message arrived is a fact, whoever holds the lane by now.

import { assertNever } from "#app/domain/invariant.ts";
import type { AlertAttemptResult, AlertRecorded, ClaimedAlert } from "#app/ports/alert-outbox.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";

/** Waits between sendings: doubled from the first to the last. */
const RETRY_MS_FIRST = 5_000;
const RETRY_MS_MAX = 15 * 60_000;
/** A receiver that asks for more is asked again after this all the same. */
const RETRY_AFTER_MS_MAX = 60 * 60_000;
/** From the first sending on; then a person must look: `failed` is listed and may be tried again. */
const GIVE_UP_AFTER_HOURS = 24;
const ERROR_LENGTH_MAX = 500;

interface LaneState {
  readonly mine: boolean;
  readonly failure_count: number;
}

type NextState = "sent" | "waiting" | "failed";

export function recordAlert(database: Database, claimed: ClaimedAlert, result: AlertAttemptResult): Promise<AlertRecorded> {
  return database.transaction(async (tx) => {
    const place = [claimed.installId, claimed.channel.channel, claimed.content.kind] as const;
    const [lane] = await tx.query<LaneState>(
      `SELECT coalesce(lease_id = $4::uuid, false) AS mine, failure_count FROM alert_lanes WHERE install_id = $1 AND channel = $2 AND kind = $3 FOR UPDATE`,
      ...place,
      claimed.leaseId,
    );
    const [message] = await tx.query<{ state: string; tooOld: boolean }>(
      `SELECT state, first_attempt_at < now() - $2 * interval '1 hour' AS "tooOld" FROM alert_messages WHERE id = $1 FOR UPDATE`,
      claimed.messageId,
      GIVE_UP_AFTER_HOURS,
    );
    // The shop's rows were deleted meanwhile.
    if (lane === undefined || message === undefined) return "lost";
    if (result.kind === "taken" && message.state !== "sent") await settle(tx, claimed.messageId, "sent", null, false);
    if (!lane.mine || (message.state !== "waiting" && result.kind !== "taken")) {
      if (result.kind === "again" && result.maybeTaken) await tx.execute(`UPDATE alert_messages SET maybe_taken = true WHERE id = $1`, claimed.messageId);
      return "lost";
    }
    return decide(tx, place, claimed, result, { failureCount: lane.failure_count, tooOld: message.tooOld });
  });
}

async function decide(
  tx: SqlExecutor,
  place: readonly [bigint, string, string],
  { messageId }: ClaimedAlert,
  result: AlertAttemptResult,
  { failureCount, tooOld }: { failureCount: number; tooOld: boolean },
): Promise<"sent" | "waiting" | "failed"> {
  switch (result.kind) {
    case "taken":
      await goOn(tx, place, true);
      return "sent";
    case "refused":
      await settle(tx, messageId, "failed", result.error, false);
      await goOn(tx, place, false);
      return "failed";
    case "again": {
      const next: NextState = tooOld ? "failed" : "waiting";
      await settle(tx, messageId, next, result.error, result.maybeTaken);
      if (next === "failed") await goOn(tx, place, false);
      else await putOff(tx, place, result.retryAfterMs ?? Math.min(RETRY_MS_FIRST * 2 ** Math.min(failureCount, 20), RETRY_MS_MAX));
      return next;
    }
    default:
      return assertNever(result);
  }
}

async function settle(tx: SqlExecutor, messageId: bigint, state: NextState, error: string | null, maybeTaken: boolean): Promise<void> {
  await tx.execute(
    `UPDATE alert_messages SET state = $2, ended_at = CASE WHEN $2 = 'waiting' THEN NULL ELSE now() END, attempt_open = false, maybe_taken = maybe_taken OR $4,
       last_error = $3 WHERE id = $1`,
    messageId,
    state,
    error === null ? null : error.slice(0, ERROR_LENGTH_MAX),
    maybeTaken,
  );
}

/** The lane is locked: what is added to it waits for this, and then finds it at rest and wakes it. */
async function goOn(tx: SqlExecutor, place: readonly [bigint, string, string], sent: boolean): Promise<void> {
  const [row] = await tx.query<{ more: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM alert_messages WHERE install_id = $1 AND channel = $2 AND kind = $3 AND state = 'waiting') AS more`,
    ...place,
  );
  await tx.execute(
    `UPDATE alert_lanes SET lease_id = NULL, leased_until = NULL, due_at = CASE WHEN $4 THEN now() END,
       last_sent_at = CASE WHEN $5 THEN now() ELSE last_sent_at END, failure_count = CASE WHEN $5 THEN 0 ELSE failure_count END
     WHERE install_id = $1 AND channel = $2 AND kind = $3`,
    ...place,
    row?.more === true,
    sent,
  );
}

async function putOff(tx: SqlExecutor, place: readonly [bigint, string, string], delayMs: number): Promise<void> {
  await tx.execute(
    `UPDATE alert_lanes SET lease_id = NULL, leased_until = NULL, failure_count = failure_count + 1, due_at = now() + $4 * interval '1 millisecond'
     WHERE install_id = $1 AND channel = $2 AND kind = $3`,
    ...place,
    Math.round(Math.min(Math.max(delayMs, 0), RETRY_AFTER_MS_MAX)),
  );
}

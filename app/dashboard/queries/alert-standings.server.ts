// Read model beside the places that are told: when each was last told something, and what could not be delivered.

import type { Database } from "#app/ports/database.ts";

export interface AlertStanding {
  readonly lastSentAt: Date | null;
  /** The newest message to it that was given up, when nothing got through since. */
  readonly failure: { readonly at: Date; readonly error: string | null } | null;
  /** Tries in a row that ended in nothing; the message is still tried. */
  readonly failingTries: number;
}

/** Given-up messages that are looked through, the newest. */
const FAILED_MAX = 200;

/** In the order of the channels; a channel that is named twice stands alike both times. */
export async function readAlertStandings(database: Database, installId: bigint, channels: readonly string[]): Promise<readonly AlertStanding[]> {
  if (channels.length === 0) return [];
  const [lanes, failures] = await Promise.all([
    database.query<{ channel: string; lastSentAt: Date | null; failingTries: number }>(
      `SELECT channel, max(last_sent_at) AS "lastSentAt", max(failure_count)::int AS "failingTries" FROM alert_lanes WHERE install_id = $1 AND channel = ANY($2::text[]) GROUP BY channel`,
      installId,
      channels,
    ),
    database.query<{ channel: string; at: Date; error: string | null }>(
      `SELECT DISTINCT ON (channel) channel, coalesce(ended_at, created_at) AS at, last_error AS error
       FROM (SELECT id, channel, ended_at, created_at, last_error FROM alert_messages WHERE install_id = $1 AND state = 'failed' ORDER BY id DESC LIMIT ${FAILED_MAX}) AS newest
       WHERE channel = ANY($2::text[]) ORDER BY channel, id DESC`,
      installId,
      channels,
    ),
  ]);
  const laneOf = new Map(lanes.map((lane) => [lane.channel, lane]));
  const failureOf = new Map(failures.map((failure) => [failure.channel, failure]));
  return channels.map((channel) => {
    const { lastSentAt = null, failingTries = 0 } = laneOf.get(channel) ?? {};
    const failed = failureOf.get(channel);
    const standing = failed !== undefined && (lastSentAt === null || failed.at > lastSentAt);
    return { lastSentAt, failingTries, failure: standing ? { at: failed.at, error: failed.error } : null };
  });
}

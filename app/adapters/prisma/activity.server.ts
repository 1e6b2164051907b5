// Hourly counts of turns and lock waits.

import type { Activity } from "#app/ports/activity.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import { prepared } from "./prepared-statements.ts";

export function createActivity(database: SqlExecutor): Activity {
  return {
    async addTurn(installId, tally) {
      await database.execute(
        prepared(`INSERT INTO activity_hours (install_id, hour, turns, lock_acquired, lock_busy, lock_lost, lock_wait_ms_total, lock_wait_ms_max, throttled)
         VALUES ($1, date_trunc('hour', now()), 1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (install_id, hour) DO UPDATE SET turns = activity_hours.turns + 1,
           lock_acquired = activity_hours.lock_acquired + excluded.lock_acquired, lock_busy = activity_hours.lock_busy + excluded.lock_busy,
           lock_lost = activity_hours.lock_lost + excluded.lock_lost,
           lock_wait_ms_total = activity_hours.lock_wait_ms_total + excluded.lock_wait_ms_total,
           lock_wait_ms_max = greatest(activity_hours.lock_wait_ms_max, excluded.lock_wait_ms_max),
           throttled = activity_hours.throttled + excluded.throttled`),
        installId,
        tally.lockAcquired,
        tally.lockBusy,
        tally.lockLost,
        BigInt(Math.round(tally.lockWaitMsTotal)),
        Math.round(tally.lockWaitMsMax),
        tally.throttled,
      );
    },
  };
}

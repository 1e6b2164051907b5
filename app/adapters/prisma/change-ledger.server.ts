// The change ledger on PostgreSQL: one file a transaction, gathered here behind the port.

import type { ChangeLedger, Operation, WaitingStock } from "#app/ports/change-ledger.ts";
import type { Database } from "#app/ports/database.ts";
import { TIMINGS, type Timings } from "#app/ports/timings.ts";
import { claimChanges, QUANTITY_NAMES } from "./claim-changes.server.ts";
import { prepared } from "./prepared-statements.ts";
import { recordApplied } from "./record-applied.server.ts";
import { finishAttempt, postpone, recordRefused } from "./record-refused.server.ts";
import { abandonedMutations, takeOver } from "./take-over-mutation.server.ts";

export function createChangeLedger(database: Database, timings: Timings = TIMINGS): ChangeLedger {
  return {
    waitingStocks: (installId, operations, limit) => waitingStocks(database, installId, operations, limit),
    claim: (request) => claimChanges(database, { ...request, resumeAfterMs: timings.resumeAfterMs }),
    abandoned: (installId, limit) => abandonedMutations(database, installId, limit),
    takeOver: (installId, mutationId, ownerId) => takeOver(database, installId, mutationId, ownerId, timings),
    finishAttempt: (mutationId, number, outcome, detail) => finishAttempt(database, mutationId, number, outcome, detail),
    recordApplied: (mutation, answer, doubled) => recordApplied(database, mutation, answer, timings.settleMs, doubled),
    recordRefused: (mutation, plan, keyBound = false) => recordRefused(database, mutation, plan, keyBound ? null : timings.travelLimitMs),
    async witnessKey(installId) {
      const [row] = await database.query<{ key: string; operation: Operation }>(
        `SELECT key::text, operation FROM mutations WHERE install_id = $1 AND state = 'applied' AND first_sent_at > now() - $2 * interval '1 millisecond'
         ORDER BY claimed_at DESC LIMIT 1`,
        installId,
        timings.resendLimitMs,
      );
      return row ?? null;
    },
    postpone: (mutation, delayMs, keyStands) => postpone(database, mutation, delayMs, keyStands),
    async openCount(installId) {
      const [row] = await database.query<{ count: number }>(
        prepared(`SELECT count(*)::int AS count FROM mutations WHERE install_id = $1 AND state = 'open'`),
        installId,
      );
      return row?.count ?? 0;
    },
    async hasWork(installId, operations) {
      const [row] = await database.query<{ work: boolean }>(
        // A change whose stock is in an open mutation is no work yet: looking for it again at once would never end.
        prepared(`SELECT EXISTS (SELECT 1 FROM changes WHERE install_id = $1 AND state = 'waiting' AND quantity_name = ANY($2) AND NOT EXISTS (
                 SELECT 1 FROM mutation_entries e WHERE e.install_id = $1 AND e.open
                   AND e.inventory_item_id = changes.inventory_item_id AND e.location_id = changes.location_id))
             OR EXISTS (SELECT 1 FROM mutations WHERE install_id = $1 AND state = 'open' AND resend_at <= now()) AS work`),
        installId,
        namesOf(operations),
      );
      return row?.work ?? false;
    },
    async nextResendAt(installId) {
      const [row] = await database.query<{ at: Date | null }>(
        prepared(`SELECT min(resend_at) AS at FROM mutations WHERE install_id = $1 AND state = 'open'`),
        installId,
      );
      return row?.at ?? null;
    },
  };
}

function namesOf(operations: readonly Operation[]): string[] {
  return operations.map((operation) => QUANTITY_NAMES[operation]);
}

interface WaitingRow {
  quantity_name: string;
  inventory_item_id: string;
  location_id: string;
  oldest_id: bigint;
  waiting: number;
  split_depth: number;
}

/**
 * Changes that are looked at for each stock that is wanted: the oldest ones name the stocks that waited longest. When so many do not name
 * enough stocks (some have many changes), all are looked at: 5,000 waiting stocks for each call are a quarter of PostgreSQL's time.
 */
const LOOKED_AT_PER_STOCK = 4;

async function waitingStocks(database: Database, installId: bigint, operations: readonly Operation[], limit: number): Promise<readonly WaitingStock[]> {
  const lookedAtMax = limit * LOOKED_AT_PER_STOCK;
  const oldest = await longestWaiting(database, installId, operations, limit, lookedAtMax);
  const lookedAt = oldest.reduce((sum, row) => sum + row.waiting, 0);
  const rows = oldest.length >= limit || lookedAt < lookedAtMax ? oldest : await longestWaiting(database, installId, operations, limit, null);
  return rows.map((row) => ({
    operation: operations.find((operation) => QUANTITY_NAMES[operation] === row.quantity_name) ?? "adjust",
    inventoryItemId: row.inventory_item_id,
    locationId: row.location_id,
    oldestId: row.oldest_id,
    waitingCount: row.waiting,
    splitDepth: row.split_depth,
  }));
}

/**
 * Stocks whose mutation is open are left out: their changes wait for its outcome (invariant 10). Each operation's are looked for by
 * themselves, in the order of their ids, which the index of waiting changes has.
 */
function longestWaiting(database: Database, installId: bigint, operations: readonly Operation[], limit: number, lookedAtMax: number | null): Promise<WaitingRow[]> {
  const ofEach = namesOf(operations).map(
    (name, place) => `SELECT ${place} AS place, quantity_name, inventory_item_id, location_id, min(id) AS oldest_id, count(*)::int AS waiting, max(split_depth) AS split_depth
     FROM (SELECT id, quantity_name, inventory_item_id, location_id, split_depth FROM changes
           WHERE install_id = $1 AND state = 'waiting' AND quantity_name = '${name}' AND NOT EXISTS (
             SELECT 1 FROM mutation_entries e WHERE e.install_id = $1 AND e.open
               AND e.inventory_item_id = changes.inventory_item_id AND e.location_id = changes.location_id)
           ORDER BY id LIMIT ${lookedAtMax ?? "ALL"}) AS oldest_${place} GROUP BY 2, 3, 4`,
  );
  const sql = `SELECT quantity_name, inventory_item_id, location_id, oldest_id, waiting, split_depth FROM (${ofEach.join(" UNION ALL ")}) AS stocks ORDER BY place, oldest_id LIMIT ${limit}`;
  // Finding its plan takes longer than finding the stocks. The limits are told to whoever makes it; a turn knows only a few of them.
  return database.query<WaitingRow>(lookedAtMax === null ? sql : prepared(sql), installId);
}

// The database port without its retries, for tests that say tens of thousands of statements: what a conflict undoes fails the test.
import { statementsOn, transactionOn } from "#app/adapters/prisma/driver-statements.server.ts";
import { DATABASE_LIMITS, openPool } from "#app/adapters/prisma/lasting-pool.server.ts";
import type { Database } from "#app/ports/database.ts";

export interface PlainDatabase extends Database {
  close(): Promise<void>;
}

export function openPlainDatabase(url: string, connectionsMax: number): PlainDatabase {
  const pool = openPool({ url, connectionsMax, limits: DATABASE_LIMITS });
  return {
    ...statementsOn(pool),
    transaction: (work) => transactionOn(pool, DATABASE_LIMITS.transactionMs, work),
    close: () => pool.end(),
  };
}

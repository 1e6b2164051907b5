// The database port straight on the driver, for tests that say tens of thousands of statements: the same SQL at a third of the cost. What a
// conflict undoes is not tried again here: it fails the test.
import { Pool, types } from "pg";

import type { Database, SqlExecutor, SqlValue } from "#app/ports/database.ts";

export interface PlainDatabase extends Database {
  close(): Promise<void>;
}

interface Runs {
  query(sql: { text: string; values: unknown[]; types: typeof bigIntTypes }): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** As the app's driver has it: 64-bit integers are bigint. */
const INT8 = 20;
const bigIntTypes = { getTypeParser: ((oid: number, format?: "text") => (oid === INT8 ? BigInt : types.getTypeParser(oid, format))) as typeof types.getTypeParser };

export function openPlainDatabase(url: string, connectionsMax: number): PlainDatabase {
  const pool = new Pool({ connectionString: url, max: connectionsMax });
  return {
    ...executor(pool),
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        const result = await work(executor(client));
        await client.query("COMMIT");
        return result;
      } catch (error) {
        await client.query("ROLLBACK");
        throw error;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}

function executor(runs: Runs): SqlExecutor {
  const run = (text: string, values: readonly SqlValue[]) => runs.query({ text, values: [...values], types: bigIntTypes });
  return {
    query: async <Row>(sql: string, ...values: SqlValue[]) => (await run(sql, values)).rows as Row[],
    execute: async (sql, ...values) => (await run(sql, values)).rowCount ?? 0,
  };
}

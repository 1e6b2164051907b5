// The little that the templates want of a database: parameters in, rows out, and a transaction. Shown for `pg`; Prisma's $queryRawUnsafe and $transaction do as well.
import type { Pool, PoolClient } from "pg";

export interface Database {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** All or nothing: what `work` throws rolls back. */
  transaction<Result>(work: (database: Database) => Promise<Result>): Promise<Result>;
}

export function databaseOf(pool: Pool): Database {
  return {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) => (await pool.query<Row>(text, [...values])).rows,
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        const result = await work(within(client));
        await client.query("COMMIT");
        return result;
      } catch (error) {
        // A connection that broke cannot roll back, and has nothing to.
        await client.query("ROLLBACK").catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    },
  };
}

function within(client: PoolClient): Database {
  const database: Database = {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) => (await client.query<Row>(text, [...values])).rows,
    transaction: (work) => work(database),
  };
  return database;
}

// The database port: SQL in, rows out, transactions; everything durable in Holdfast goes through it.

/**
 * A value that may be bound to `$1…$n`. Arrays become PostgreSQL arrays; JSON is bound as its text and cast with `::jsonb`;
 * 64-bit integers come back as `bigint`.
 */
export type SqlValue = string | number | bigint | boolean | Date | null | readonly (string | number | bigint | boolean | Date | null)[];

export interface SqlExecutor {
  /** Runs one statement and returns its rows. Column names are as written in the statement. */
  query<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]>;
  /** Runs one statement and returns how many rows it touched. */
  execute(sql: string, ...values: SqlValue[]): Promise<number>;
}

export interface Database extends SqlExecutor {
  /**
   * Runs `work` in one READ COMMITTED transaction. A deadlock or serialization failure rolls back and runs `work` again (counted,
   * at most `TRANSACTION_ATTEMPTS_MAX` times), so `work` must have no effect outside the database.
   */
  transaction<Result>(work: (tx: SqlExecutor) => Promise<Result>): Promise<Result>;
}

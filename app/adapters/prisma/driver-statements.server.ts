// The Database port's statements and transactions on the driver's pool: who takes a connection gives it back once, sound or to be closed.

import { DatabaseError, type Pool, type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow } from "pg";

import type { SqlExecutor, SqlValue } from "#app/ports/database.ts";
import { boundValues } from "./column-values.ts";
import { isStalePlan, preparedName } from "./prepared-statements.ts";

/** A transaction that took longer than its limit: its connection was closed, so PostgreSQL undoes it. */
export class TransactionTimeout extends Error {
  constructor(limitMs: number) {
    super(`a transaction was not over after ${limitMs} ms`);
    this.name = "TransactionTimeout";
  }
}

type Run = (sql: string, values: readonly SqlValue[]) => Promise<QueryResult<QueryResultRow>>;

function executor(run: Run): SqlExecutor {
  return {
    query: async <Row>(sql: string, ...values: SqlValue[]) => (await run(sql, values)).rows as Row[],
    execute: async (sql, ...values) => (await run(sql, values)).rowCount ?? 0,
  };
}

/** What has no values is no statement to be planned: BEGIN, COMMIT. */
function asQuery(sql: string, values: readonly SqlValue[]): QueryConfig {
  const name = preparedName(sql);
  return { text: sql, values: boundValues(values), ...(name === undefined ? {} : { name }) };
}

/** Each statement by itself, on whichever connection is free. */
export function statementsOn(pool: Pool): SqlExecutor {
  return executor(async (sql, values) => {
    const config = asQuery(sql, values);
    const connection = take(await pool.connect());
    try {
      const result = await connection.client.query(config);
      connection.giveBack();
      return result;
    } catch (error) {
      connection.giveBack(isOfStatement(error) ? undefined : error);
      throw error;
    }
  });
}

/** READ COMMITTED, as each connection was told at its start. One statement at a time, in the order in which they were said. */
export async function transactionOn<Result>(pool: Pool, limitMs: number, work: (tx: SqlExecutor) => Promise<Result>): Promise<Result> {
  const connection = take(await pool.connect());
  const limit = setTimeout(() => connection.giveBack(new TransactionTimeout(limitMs)), limitMs);
  try {
    return await begunAndEnded(connection, work);
  } finally {
    clearTimeout(limit);
  }
}

async function begunAndEnded<Result>(connection: Connection, work: (tx: SqlExecutor) => Promise<Result>): Promise<Result> {
  const { tx, run, end } = inTurn(connection);
  let result: Result;
  try {
    await run("BEGIN", []);
    result = await work(tx);
  } catch (error) {
    const rolledBack = await end("ROLLBACK").then(() => null, (fault: unknown) => fault);
    connection.giveBack(rolledBack ?? (isStalePlan(error) ? error : undefined));
    throw causeOf(connection, error);
  }
  try {
    await end("COMMIT");
  } catch (error) {
    connection.giveBack(error);
    throw causeOf(connection, error);
  }
  connection.giveBack();
  return result;
}

/** The statement that the limit cut only says that its connection is closed. */
function causeOf(connection: Connection, error: unknown): unknown {
  const lost = connection.lost();
  return lost instanceof TransactionTimeout ? lost : error;
}

interface Turns {
  readonly tx: SqlExecutor;
  readonly run: Run;
  /** Nothing is run after it: a statement that nobody waited for would be one of the connection's next transaction. */
  end(statement: "COMMIT" | "ROLLBACK"): Promise<void>;
}

/** The driver takes one statement at a time: what is asked for while one runs waits for it here. */
function inTurn(connection: Connection): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let over = false;
  let failed: unknown = null;
  const say: Run = async (sql, values) => {
    const lost = connection.lost();
    if (lost !== null) throw lost;
    return connection.client.query(asQuery(sql, values));
  };
  const run: Run = (sql, values) => {
    const said = last.then(() => {
      if (over) throw new Error("a statement was said after its transaction had ended");
      return say(sql, values);
    });
    last = said.catch((error: unknown) => {
      failed ??= error;
    });
    return said;
  };
  const end = async (statement: "COMMIT" | "ROLLBACK"): Promise<void> => {
    over = true;
    await last;
    const { command } = await say(statement, []);
    // PostgreSQL's answer to COMMIT when a statement had failed and `work` went on all the same: nothing of it was kept.
    if (command !== statement) throw failed ?? new Error(`PostgreSQL answered ${command} to ${statement}`);
  };
  return { tx: executor(run), run, end };
}

interface Connection {
  readonly client: PoolClient;
  /** Why it cannot be used any more, once that is known. */
  lost(): Error | null;
  /** With a cause the pool closes it instead of handing it out again. The second time is without effect. */
  giveBack(cause?: unknown): void;
}

function take(client: PoolClient): Connection {
  let lost: Error | null = null;
  let given = false;
  // While a connection is taken nobody else listens: an error that comes between two statements would end the process.
  const hear = (error: Error): void => {
    lost ??= error;
  };
  client.on("error", hear);
  return {
    client,
    lost: () => lost,
    giveBack(cause) {
      if (given) return;
      given = true;
      const fault = cause === undefined ? lost : cause instanceof Error ? cause : new Error("a statement failed", { cause });
      if (fault instanceof TransactionTimeout) lost = fault;
      // The pool listens before we stop.
      client.release(fault ?? undefined);
      client.removeListener("error", hear);
    },
  };
}

/** PostgreSQL refused or undid the statement and goes on with the session: FATAL and PANIC end it. A stale plan stays with its session. */
function isOfStatement(error: unknown): boolean {
  return error instanceof DatabaseError && error.severity === "ERROR" && !isStalePlan(error);
}

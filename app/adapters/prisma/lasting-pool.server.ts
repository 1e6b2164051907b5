// The connections of web, worker and the operator's command: one pool for our statements and for Prisma's, which gets every connection back, and limits for what PostgreSQL may keep it waiting for.

import { Socket } from "node:net";

import { PrismaPg } from "@prisma/adapter-pg";
import { Pool } from "pg";

import { COLUMN_TYPES } from "./column-values.ts";

type Adapter = Awaited<ReturnType<PrismaPg["connect"]>>;
type Transaction = Awaited<ReturnType<Adapter["startTransaction"]>>;

/**
 * What PostgreSQL is told at the start of each connection. Ordered so that the inner limit speaks first: a lock is given up before the
 * sender of a webhook gives us up (5 s), a statement before its connection.
 */
export const DATABASE_LIMITS = {
  /** Wait for a row that another session holds. The longest that ours hold one is an absorption of 500 deliveries, well below a second. */
  lockTimeoutMs: 3_000,
  /** One statement, its waits included. */
  statementTimeoutMs: 20_000,
  /** A session of ours that is in a transaction and says nothing: its process is paused or its machine gone. Its rows become free. */
  idleInTransactionMs: 10_000,
  /** One transaction, from its first statement to its last: a batch of 500 orders takes well under a second. */
  transactionMs: 30_000,
  /** A connection over which nothing came or went for this long is dead (a partition without a reset) and is replaced. */
  socketTimeoutMs: 25_000,
  /** Below the socket's, so that an idle connection is closed in order. */
  idleTimeoutMs: 20_000,
  /** Wait for a connection, new or of the pool. */
  connectTimeoutMs: 5_000,
} as const;

export type DatabaseLimits = { readonly [Limit in keyof typeof DATABASE_LIMITS]: number };

export function openPool({ url, connectionsMax, limits }: { url: string; connectionsMax: number; limits: DatabaseLimits }): Pool {
  const pool = new Pool({
    connectionString: url,
    max: connectionsMax,
    keepAlive: true,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    idleTimeoutMillis: limits.idleTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    statement_timeout: limits.statementTimeoutMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    // Said once a connection: said by each transaction it is a round trip more, some twenty a turn.
    options: "-c default_transaction_isolation=read\\ committed",
    stream: () => openSocket(limits.socketTimeoutMs),
    types: COLUMN_TYPES,
  });
  // PostgreSQL was restarted, say, while a connection lay idle: the pool has taken it out already, and the next who asks gets a new one.
  pool.on("error", () => undefined);
  return pool;
}

function openSocket(timeoutMs: number): Socket {
  const socket = new Socket();
  socket.setTimeout(timeoutMs, () => {
    socket.destroy(new Error(`PostgreSQL did not answer for ${timeoutMs} ms`));
  });
  return socket;
}

/** Prisma over the pool that the Database port uses; it does not close it. */
export class LastingPrismaPg extends PrismaPg {
  override async connect(): Promise<Adapter> {
    return returningLostConnections(await super.connect());
  }
}

/**
 * Prisma ends a transaction by a statement and then gives its connection back to the pool; when that statement fails, it does not give
 * it back. So each connection that PostgreSQL or the network cuts in mid-transaction would be a place of the pool lost for good, and
 * after as many as there are places (one restart of a busy PostgreSQL) the process could do nothing until it is restarted itself.
 */
function returningLostConnections(adapter: Adapter): Adapter {
  const start = adapter.startTransaction.bind(adapter);
  adapter.startTransaction = async (isolationLevel) => {
    const transaction = await start(isolationLevel);
    const execute = transaction.executeRaw.bind(transaction);
    transaction.executeRaw = async (query) => {
      try {
        return await execute(query);
      } catch (error) {
        // Prisma never touches the connection again after a COMMIT or ROLLBACK that failed.
        if (query.sql === "COMMIT" || query.sql === "ROLLBACK") destroyConnection(transaction, error);
        throw error;
      }
    };
    return transaction;
  };
  return adapter;
}

/** The adapter's own fields, which its type keeps private: the pool's client, and what takes its listener off. */
interface AdapterFields {
  readonly client?: { release(cause: Error): void };
  readonly cleanup?: () => void;
}

function destroyConnection(transaction: Transaction, cause: unknown): void {
  const { client, cleanup } = transaction as Transaction & AdapterFields;
  cleanup?.();
  // With a cause the pool closes the connection instead of handing it out again.
  client?.release(cause instanceof Error ? cause : new Error("the end of a transaction failed"));
}

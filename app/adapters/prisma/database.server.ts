// The Database port over Prisma and the pg driver: parametrised SQL, transactions that are tried again after a deadlock.

import { PrismaPg } from "@prisma/adapter-pg";
import { Prisma, PrismaClient } from "@prisma/client";

import { InvariantError } from "#app/domain/invariant.ts";
import type { Database, SqlExecutor, SqlValue } from "#app/ports/database.ts";

/** A transaction that meets a deadlock or serialization failure is run again this often, then the failure is the caller's. */
export const TRANSACTION_ATTEMPTS_MAX = 6;
/** Longest a transaction may run; a batch of 500 orders takes well under a second. */
const TRANSACTION_TIMEOUT_MS = 30_000;
/** Longest wait for a free connection. */
const TRANSACTION_MAX_WAIT_MS = 10_000;

export interface DatabaseOptions {
  readonly url: string;
  /** Connections of this process. */
  readonly connectionsMax: number;
  /** Called for each deadlock or serialization failure that was met, before the retry. */
  readonly onConflict?: (kind: "deadlock" | "serialization") => void;
}

export interface OpenDatabase extends Database {
  readonly prisma: PrismaClient;
  close(): Promise<void>;
}

export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const adapter = new PrismaPg({
    connectionString: options.url,
    max: options.connectionsMax,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 5_000,
  });
  const prisma = new PrismaClient({ adapter, errorFormat: "minimal" });
  return {
    prisma,
    ...executor(prisma),
    transaction: (work) => runTransaction(prisma, work, options),
    close: () => prisma.$disconnect(),
  };
}

type RawClient = Pick<PrismaClient, "$queryRawUnsafe" | "$executeRawUnsafe">;

function executor(client: RawClient): SqlExecutor {
  return {
    query: <Row>(sql: string, ...values: SqlValue[]) => client.$queryRawUnsafe<Row[]>(sql, ...values),
    execute: (sql: string, ...values: SqlValue[]) => client.$executeRawUnsafe(sql, ...values),
  };
}

async function runTransaction<Result>(
  prisma: PrismaClient,
  work: (tx: SqlExecutor) => Promise<Result>,
  options: DatabaseOptions,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await prisma.$transaction((tx) => work(executor(tx)), {
        isolationLevel: Prisma.TransactionIsolationLevel.ReadCommitted,
        timeout: TRANSACTION_TIMEOUT_MS,
        maxWait: TRANSACTION_MAX_WAIT_MS,
      });
    } catch (error) {
      const conflict = conflictKind(error);
      if (conflict === null || attempt >= TRANSACTION_ATTEMPTS_MAX) throw error;
      options.onConflict?.(conflict);
    }
  }
}

function conflictKind(error: unknown): "deadlock" | "serialization" | null {
  const code = sqlStateOf(error);
  if (code === "40P01") return "deadlock";
  return code === "40001" ? "serialization" : null;
}

/** SQLSTATE of a failed statement, or null when the failure is not PostgreSQL's. */
export function sqlStateOf(error: unknown): string | null {
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    // P2034: Prisma's own name for a write conflict or deadlock.
    if (error.code === "P2034") return "40001";
    const meta = error.meta as { code?: unknown; driverAdapterError?: { cause?: { originalCode?: unknown; code?: unknown } } } | undefined;
    const code = meta?.driverAdapterError?.cause?.originalCode ?? meta?.driverAdapterError?.cause?.code ?? meta?.code;
    return typeof code === "string" ? code : null;
  }
  return null;
}

const CONTENT_SQLSTATE_CLASSES = ["22", "23"];

/**
 * True when what was being written is at fault, not the server: a value PostgreSQL refuses, or a value our own code trips over. Trying
 * the same again would fail the same way for ever, so a batch is cut until the row at fault is alone and can be set aside.
 */
export function isContentFault(error: unknown): boolean {
  const sqlState = sqlStateOf(error);
  if (sqlState !== null) return CONTENT_SQLSTATE_CLASSES.includes(sqlState.slice(0, 2));
  return error instanceof TypeError || error instanceof RangeError || error instanceof InvariantError;
}

/** A short code for what was at fault, for reasons and logs. */
export function faultCode(error: unknown): string {
  return sqlStateOf(error) ?? (error instanceof Error ? error.name : "unknown");
}

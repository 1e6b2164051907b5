// The Database port straight over the driver, with Prisma on the same pool for the sessions: parametrised SQL; what a deadlock or serialization failure undid is tried again.

import { setTimeout as passed } from "node:timers/promises";

import { Prisma, PrismaClient } from "@prisma/client";
import { DatabaseError } from "pg";

import { InvariantError } from "#app/domain/invariant.ts";
import type { Database, SqlValue } from "#app/ports/database.ts";
import type { DatabaseFailureKind } from "#app/ports/telemetry.ts";
import { statementsOn, transactionOn, TransactionTimeout } from "./driver-statements.server.ts";
import { DATABASE_LIMITS, type DatabaseLimits, LastingPrismaPg, openPool } from "./lasting-pool.server.ts";
import { isStalePlan } from "./prepared-statements.ts";

/** What meets a deadlock or serialization failure is run again this often, then the failure is the caller's. */
export const TRANSACTION_ATTEMPTS_MAX = 6;
/**
 * Pause before it is run again: between nothing and this, doubled each time. Two that met once and set out again at the same moment would
 * meet again; who waits a random while lets the other through.
 */
const CONFLICT_PAUSE_MS_FIRST = 10;
const CONFLICT_PAUSE_MS_MAX = 200;

/** `lock_timeout` is not tried again at once: whoever holds the row has held it for seconds. It is counted and the caller's. */
export type ConflictKind = "deadlock" | "serialization" | "lock_timeout";

export interface DatabaseOptions {
  readonly url: string;
  /** Connections of this process. */
  readonly connectionsMax: number;
  /** Called for each conflict that was met, before the retry. */
  readonly onConflict?: (kind: ConflictKind) => void;
  /** Called for each statement or transaction that failed for good because of the server, its load or the way to it. */
  readonly onFailure?: (kind: DatabaseFailureKind) => void;
  /** For tests: shorter limits. */
  readonly limits?: Partial<DatabaseLimits>;
}

export interface OpenDatabase extends Database {
  /** For Shopify's session storage; everything else is said through the port. */
  readonly prisma: PrismaClient;
  close(): Promise<void>;
}

export function openDatabase(options: DatabaseOptions): OpenDatabase {
  const { url, connectionsMax } = options;
  const limits = { ...DATABASE_LIMITS, ...options.limits };
  const pool = openPool({ url, connectionsMax, limits });
  const prisma = new PrismaClient({ adapter: new LastingPrismaPg(pool), errorFormat: "minimal" });
  const direct = statementsOn(pool);
  let closed: Promise<void> | null = null;
  return {
    prisma,
    // A statement alone is a transaction of its own: what a deadlock undid is undone whole and may be said again.
    query: <Row>(sql: string, ...values: SqlValue[]) => withRetries(() => direct.query<Row>(sql, ...values), options),
    execute: (sql, ...values) => withRetries(() => direct.execute(sql, ...values), options),
    transaction: (work) => withRetries(() => transactionOn(pool, limits.transactionMs, work), options),
    close: () => (closed ??= prisma.$disconnect().then(() => pool.end())),
  };
}

async function withRetries<Result>(run: () => Promise<Result>, { onConflict, onFailure }: DatabaseOptions): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const conflict = conflictKind(error);
      if (conflict !== null) onConflict?.(conflict);
      const mayRunAgain = isStalePlan(error) || (conflict !== null && conflict !== "lock_timeout");
      if (!mayRunAgain || attempt >= TRANSACTION_ATTEMPTS_MAX) {
        const failure = databaseFailureOf(error);
        if (failure !== null) onFailure?.(failure);
        throw error;
      }
      await passed(Math.random() * Math.min(CONFLICT_PAUSE_MS_FIRST * 2 ** (attempt - 1), CONFLICT_PAUSE_MS_MAX));
    }
  }
}

const CONFLICTS: Readonly<Record<string, ConflictKind>> = { "40P01": "deadlock", "40001": "serialization", "55P03": "lock_timeout" };

function conflictKind(error: unknown): ConflictKind | null {
  return CONFLICTS[sqlStateOf(error) ?? ""] ?? null;
}

/** Query cancelled by its time-out, session in an idle transaction ended; Prisma's: no connection of the pool, or the transaction, in time. */
const TIMEOUT_CODES: ReadonlySet<string> = new Set(["57014", "25P03", "P1008", "P2024", "P2028"]);
/** SQLSTATE classes: connection, insufficient resources, the server's operator; Prisma's: no way to the server. */
const UNAVAILABLE_CODES = /^(08|53|57P|P10)/;

/** What the server, its load or the way to it is to blame for, and passes; null for what the server refused because of its content, and for our own bugs. */
export function databaseFailureOf(error: unknown): DatabaseFailureKind | null {
  if (conflictKind(error) !== null) return "conflict";
  if (error instanceof TransactionTimeout) return "timeout";
  const code = sqlStateOf(error) ?? (error instanceof Prisma.PrismaClientKnownRequestError ? error.code : null);
  if (code === null) return isConnectionFault(error) ? "unavailable" : null;
  if (TIMEOUT_CODES.has(code)) return "timeout";
  return UNAVAILABLE_CODES.test(code) || isConnectionFault(error) ? "unavailable" : null;
}

/** Node's and the driver's own words for a connection that cannot be made, or was cut; several addresses that all failed have only a code. */
function isConnectionFault(error: unknown): boolean {
  return CONNECTION_FAULTS.test(error instanceof AggregateError ? String(error.errors) : String(error));
}

const CONNECTION_FAULTS =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|Connection terminated|Can't reach database|Server has closed the connection|timeout exceeded when trying to connect|not queryable|PostgreSQL did not answer/;

/** SQLSTATE of a failed statement, the port's or Prisma's, or null when the failure is not PostgreSQL's. */
export function sqlStateOf(error: unknown): string | null {
  if (error instanceof DatabaseError) return error.code ?? null;
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    // P2034: Prisma's own name for a write conflict or deadlock.
    if (error.code === "P2034") return "40001";
    const meta = error.meta as { code?: unknown; driverAdapterError?: { cause?: { originalCode?: unknown; code?: unknown } } } | undefined;
    const code = meta?.driverAdapterError?.cause?.originalCode ?? meta?.driverAdapterError?.cause?.code ?? meta?.code;
    return typeof code === "string" ? code : null;
  }
  // What fails at the COMMIT comes as the driver said it.
  const cause = error instanceof Error && error.name === "DriverAdapterError" ? (error.cause as { originalCode?: unknown } | undefined) : undefined;
  return typeof cause?.originalCode === "string" ? cause.originalCode : null;
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

// What a guard is taken away with, in a process of the storm: ports are replaced, never the app's own code.
import { openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { Timings } from "#app/ports/timings.ts";
import type { SteppedPorts } from "#app/steps.ts";

export interface Workbench {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly redisPrefix: string;
  readonly timings: Timings;
}

/** Only the ports that are changed. */
export type PortChanges = { readonly [Name in keyof SteppedPorts]?: (port: SteppedPorts[Name]) => SteppedPorts[Name] };

const CONNECTIONS_MAX = 6;

/** Connections beside those of the house. */
export function openBeside({ databaseUrl }: Workbench): OpenDatabase {
  return openDatabase({ url: databaseUrl, connectionsMax: CONNECTIONS_MAX });
}

/** The same database with every statement rewritten before it is said. */
export function rewritten(database: Database, rewrite: (sql: string) => string): Database {
  const over = (executor: SqlExecutor): SqlExecutor => ({
    query: (sql, ...values) => executor.query(rewrite(sql), ...values),
    execute: (sql, ...values) => executor.execute(rewrite(sql), ...values),
  });
  return { ...over(database), transaction: (work) => database.transaction((tx) => work(over(tx))) };
}

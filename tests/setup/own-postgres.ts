// A PostgreSQL server for one test file alone, migrated, behind a line that can be cut: to kill, to refuse, to fill and to lock.
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startPostgres } from "#dev/services/postgres.ts";
import { deployMigrations } from "#dev/services/prisma.ts";
import { layLine, type CuttableLine } from "./e2e/cuttable-line.ts";

export interface OwnPostgres {
  /** The database through the line: what the processes under test are given. */
  readonly url: string;
  readonly line: CuttableLine;
  /** `kill -9` of the server, then started again at the same address. */
  killAndRestart(): Promise<void>;
  /** Runs SQL past the line, in a session of its own. */
  sql<Row extends object>(statement: string, values?: readonly unknown[]): Promise<Row[]>;
  /** A session past the line, for what lasts longer than a statement. Closed with the server. */
  session(): Promise<Client>;
  close(): Promise<void>;
}

/** `settings`: `name=value`, as on the server's command line. */
export async function startOwnPostgres({ settings }: { settings?: string[] } = {}): Promise<OwnPostgres> {
  const folder = join(tmpdir(), `holdfast-own-postgres-${randomBytes(6).toString("hex")}`);
  // What was committed must survive the kill: synchronous, as in production.
  const server = await startPostgres({ folder, durability: "safe", settings });
  await deployMigrations(server.url);
  const line = await layLine(server.url);
  const sessions: Client[] = [];
  const session = async (): Promise<Client> => {
    const client = new Client({ connectionString: server.url });
    // A server that is killed ends its sessions.
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };
  return {
    url: line.url,
    line,
    killAndRestart: () => server.killAndRestart(),
    async sql<Row extends object>(statement: string, values: readonly unknown[] = []) {
      const client = await session();
      try {
        return (await client.query<Row>(statement, [...values])).rows;
      } finally {
        await client.end();
      }
    },
    async session() {
      const client = await session();
      sessions.push(client);
      return client;
    },
    async close() {
      await Promise.all(sessions.map((client) => client.end().catch(() => undefined)));
      await line.cut();
      await server.stop();
    },
  };
}

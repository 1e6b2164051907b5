// On what was measured: without it a figure says nothing. PostgreSQL's settings are read from the server, not from what it was told.
import { cpus, totalmem } from "node:os";
import process from "node:process";

import { Client } from "pg";

export interface MachineFacts {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
}

export interface PostgresFacts {
  readonly version: string;
  readonly fsync: string;
  readonly synchronousCommit: string;
  readonly fullPageWrites: string;
  readonly sharedBuffers: string;
}

export function machineFacts(): MachineFacts {
  const all = cpus();
  return { cores: all.length, processor: all[0]?.model.trim() ?? "unknown", memoryGb: Math.round(totalmem() / 2 ** 30), system: `${process.platform} ${process.arch}`, node: process.versions.node };
}

export async function postgresFacts(url: string): Promise<PostgresFacts> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<PostgresFacts>(
      `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS "synchronousCommit",
              current_setting('full_page_writes') AS "fullPageWrites", current_setting('shared_buffers') AS "sharedBuffers"`,
    );
    if (rows[0] === undefined) throw new Error("PostgreSQL did not tell its settings");
    return rows[0];
  } finally {
    await client.end();
  }
}

export function factsLine(machine: MachineFacts, postgres: PostgresFacts | undefined): string {
  const own = `${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}; load and services on the same machine`;
  if (postgres === undefined) return own;
  return `${own}; PostgreSQL ${postgres.version}: fsync ${postgres.fsync}, synchronous_commit ${postgres.synchronousCommit}, full_page_writes ${postgres.fullPageWrites}, shared_buffers ${postgres.sharedBuffers}`;
}

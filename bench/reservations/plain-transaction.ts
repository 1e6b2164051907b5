// The baseline: what a checkout that does it right would write by hand, one transaction a buyer, straight on the driver.
//
// Kind to the baseline on purpose: one narrow row a hold, no lines, no counts by the hour, no limits, prepared statements, no Prisma.
import { randomUUID } from "node:crypto";
import { Pool } from "pg";

export const PLAIN_SCHEMA = `
CREATE TABLE plain_stock (item TEXT PRIMARY KEY, held INTEGER NOT NULL, granted INTEGER NOT NULL DEFAULT 0) WITH (fillfactor = 50);
CREATE TABLE plain_holds (id UUID PRIMARY KEY, key TEXT NOT NULL UNIQUE, item TEXT NOT NULL, quantity INTEGER NOT NULL, expires_at TIMESTAMPTZ NOT NULL);`;

export interface Reserving {
  /** True: granted. False: there was not enough. */
  reserve(item: string): Promise<boolean>;
  /** Units that are counted as granted, and those that holds were written for. */
  totals(): Promise<{ counted: number; written: number }>;
  close(): Promise<void>;
}

export function openPlain(url: string, connectionsMax: number): Reserving {
  const pool = new Pool({ connectionString: url, max: connectionsMax });
  pool.on("error", () => undefined);
  return {
    async reserve(item) {
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        const { rows } = await client.query<{ free: number }>({ name: "look", text: "SELECT held - granted AS free FROM plain_stock WHERE item = $1 FOR UPDATE", values: [item] });
        const enough = (rows[0]?.free ?? 0) >= 1;
        if (enough) {
          await client.query({ name: "take", text: "UPDATE plain_stock SET granted = granted + 1 WHERE item = $1", values: [item] });
          await client.query({ name: "hold", text: "INSERT INTO plain_holds VALUES ($1, $2, $3, 1, now() + interval '10 minutes')", values: [randomUUID(), randomUUID(), item] });
        }
        await client.query(enough ? "COMMIT" : "ROLLBACK");
        return enough;
      } finally {
        client.release();
      }
    },
    async totals() {
      const { rows } = await pool.query<{ counted: number; written: number }>(
        `SELECT (SELECT sum(granted)::int FROM plain_stock) AS counted, (SELECT count(*)::int FROM plain_holds) AS written`,
      );
      return rows[0] ?? { counted: 0, written: 0 };
    },
    close: () => pool.end(),
  };
}

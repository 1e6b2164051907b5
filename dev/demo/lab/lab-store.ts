// What the lab's handler keeps in PostgreSQL, in a schema of one run: deliveries, and effects with the key and content of their call.
import { randomUUID } from "node:crypto";
import { Client, Pool } from "pg";

/** What is sent to Shopify for one effect. Once written down it is never changed, so that a second sending is the same call. */
export type CallContent = { kind: "adjust"; delta: number } | { kind: "set"; quantity: number };

/** `new`: we wrote it down just now. `begun`: it was there, and is not done. */
export type Effect = { state: "new" | "begun" | "done"; shopifyKey: string };

export type LabStore = Awaited<ReturnType<typeof openLabStore>>;

const CONNECTIONS_MAX = 8;

/** `name` becomes the schema; `close` removes it with everything in it. */
export async function openLabStore(databaseUrl: string, name: string) {
  await administer(
    databaseUrl,
    `CREATE SCHEMA "${name}";
     CREATE TABLE "${name}".deliveries (id text PRIMARY KEY, body text NOT NULL, done boolean NOT NULL DEFAULT false, received_at timestamptz NOT NULL DEFAULT clock_timestamp());
     CREATE TABLE "${name}".effects (effect_key text PRIMARY KEY, shopify_key uuid NOT NULL, content jsonb, done boolean NOT NULL DEFAULT false);`,
  );
  const pool = new Pool({ connectionString: databaseUrl, max: CONNECTIONS_MAX, options: `-c search_path=${name}` });
  // A connection that breaks while it is idle is replaced by the pool.
  pool.on("error", () => undefined);
  const rows = async <Row extends object>(sql: string, ...values: unknown[]): Promise<Row[]> => (await pool.query<Row>(sql, values)).rows;

  return {
    /** False: it was there. The primary key decides, not a look beforehand: of two copies that come together one is told so. */
    async storeDelivery(id: string, body: string): Promise<boolean> {
      return (await rows(`INSERT INTO deliveries (id, body) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id`, id, body)).length === 1;
    },
    async delivery(id: string): Promise<{ body: string; done: boolean } | undefined> {
      return (await rows<{ body: string; done: boolean }>(`SELECT body, done FROM deliveries WHERE id = $1`, id))[0];
    },
    async finishDelivery(id: string): Promise<void> {
      await rows(`UPDATE deliveries SET done = true WHERE id = $1`, id);
    },
    /** Found by their state, never by a position: what was stored late is found too. */
    async unfinished(olderThanMs: number): Promise<string[]> {
      const found = await rows<{ id: string }>(`SELECT id FROM deliveries WHERE NOT done AND received_at <= clock_timestamp() - $1 * interval '1 millisecond' ORDER BY received_at LIMIT 500`, olderThanMs);
      return found.map(({ id }) => id);
    },
    async begin(effectKey: string): Promise<Effect> {
      const [made] = await rows<{ shopify_key: string }>(`INSERT INTO effects (effect_key, shopify_key) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING shopify_key`, effectKey, randomUUID());
      if (made !== undefined) return { state: "new", shopifyKey: made.shopify_key };
      const [found] = await rows<{ shopify_key: string; done: boolean }>(`SELECT shopify_key, done FROM effects WHERE effect_key = $1`, effectKey);
      if (found === undefined) throw new Error(`${effectKey} is neither new nor there`);
      return { state: found.done ? "done" : "begun", shopifyKey: found.shopify_key };
    },
    async isDone(effectKey: string): Promise<boolean> {
      return (await rows(`SELECT 1 FROM effects WHERE effect_key = $1 AND done`, effectKey)).length === 1;
    },
    /** The content of the call, this one or the one that was frozen before. */
    async freeze(effectKey: string, content: CallContent): Promise<CallContent> {
      const [frozen] = await rows<{ content: CallContent }>(`UPDATE effects SET content = COALESCE(content, $2::jsonb) WHERE effect_key = $1 RETURNING content`, effectKey, JSON.stringify(content));
      if (frozen === undefined) throw new Error(`${effectKey} was not begun`);
      return frozen.content;
    },
    async finish(effectKey: string): Promise<void> {
      await rows(`UPDATE effects SET done = true WHERE effect_key = $1`, effectKey);
    },
    async close(): Promise<void> {
      await pool.end();
      await administer(databaseUrl, `DROP SCHEMA IF EXISTS "${name}" CASCADE`);
    },
  };
}

async function administer(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

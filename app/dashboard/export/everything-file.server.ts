// Everything that Holdfast has stored about a shop as one file of JSON lines: a line says which table it is of and holds one row, secrets left out.

import type { Database } from "#app/ports/database.ts";

import { EVERYTHING_TABLES, type EverythingTable } from "./everything-tables.ts";
import type { ExportFile } from "./serve-export.server.ts";

export interface EverythingFileRequest {
  readonly installId: bigint;
  readonly shop: string;
  readonly now: Date;
  /** Read at once; one batch is in memory at a time. */
  readonly rowsPerBatch?: number;
}

/** A row with an order's snapshot may be 60 KB. */
const ROWS_PER_BATCH = 200;

export function everythingFile(database: Database, request: EverythingFileRequest): ExportFile {
  const { shop, now } = request;
  return { name: `holdfast-${shop.replace(/\.myshopify\.com$/, "").replaceAll(/[^A-Za-z0-9-]/g, "-")}-${now.toISOString().slice(0, 10)}.jsonl`, contentType: "application/x-ndjson; charset=utf-8", pieces: linesOf(database, request) };
}

async function* linesOf(database: Database, { installId, shop, now, rowsPerBatch = ROWS_PER_BATCH }: EverythingFileRequest): AsyncGenerator<string> {
  yield `${JSON.stringify({ table: "about", row: { shop, exportedAt: now.toISOString(), tables: EVERYTHING_TABLES.map(({ table }) => table) } })}\n`;
  for (const table of EVERYTHING_TABLES) {
    const statement = statementOf(table);
    let after: readonly string[] | null = null;
    for (;;) {
      const rows: readonly LineRow[] = await database.query<LineRow>(statement, installId, rowsPerBatch, ...(after ?? table.key.map(() => null)));
      // The row is text as the database wrote it: a number of Shopify's may be larger than JavaScript can hold.
      if (rows.length > 0) yield rows.map(({ line }) => `{"table":"${table.table}","row":${line}}\n`).join("");
      const last = rows.at(-1);
      if (last === undefined || rows.length < rowsPerBatch) break;
      after = last.place;
    }
  }
  // Whoever finds this line knows that nothing is missing at the end.
  yield `${JSON.stringify({ table: "end" })}\n`;
}

interface LineRow {
  readonly line: string;
  readonly place: readonly string[];
}

/** `$1` the install, `$2` rows, from `$3` on the key of the last row; null: from the first. Names come from our own list, values are bound. */
function statementOf({ table, key, without = [], with: parts = [] }: EverythingTable): string {
  const columns = key.map(([column]) => `t.${column}`);
  const after = key.map(([, type], index) => `$${index + 3}::text::${type}`);
  const dropped = ["install_id", ...without].map((column) => `'${column}'`).join(", ");
  const nested = parts.map(
    ([part, column, orderBy]) =>
      ` || jsonb_build_object('${part}', (SELECT coalesce(jsonb_agg(to_jsonb(p) - ARRAY['install_id', '${column}', 'body_hash'] ORDER BY p.${orderBy}), '[]'::jsonb) FROM ${part} p WHERE p.${column} = t.id))`,
  );
  return `SELECT ((to_jsonb(t) - ARRAY[${dropped}])${nested.join("")})::text AS line, ARRAY[${columns.map((column) => `${column}::text`).join(", ")}] AS place
    FROM ${table} t WHERE t.install_id = $1 AND ($3::text IS NULL OR (${columns.join(", ")}) > (${after.join(", ")})) ORDER BY ${columns.join(", ")} LIMIT $2`;
}

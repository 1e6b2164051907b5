// Read model of who acted on changes of an install: people, programs and the operator, for the filter of Stock history.

import type { Database } from "#app/ports/database.ts";

/** A shop with more staff and programs than this that decided on changes finds the others by the address. */
const ACTORS_MAX = 100;

/** As in the audit trail (`staff:7`), in the order of their names; Holdfast itself is not among them. One step on the index for each. */
export async function readActors(database: Database, installId: bigint): Promise<string[]> {
  const rows = await database.query<{ actor: string }>(
    `WITH RECURSIVE actors (actor, place) AS (
       SELECT min(actor), 1 FROM audit_entries WHERE install_id = $1 AND change_id IS NOT NULL AND actor <> 'holdfast'
       UNION ALL
       SELECT (SELECT min(actor) FROM audit_entries WHERE install_id = $1 AND change_id IS NOT NULL AND actor <> 'holdfast' AND actor > actors.actor), place + 1
       FROM actors WHERE actor IS NOT NULL AND place < ${ACTORS_MAX})
     SELECT actor FROM actors WHERE actor IS NOT NULL ORDER BY actor`,
    installId,
  );
  return rows.map((row) => row.actor);
}

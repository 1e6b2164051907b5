// Limits of units a reference, or an API token, may hold: exact, because all who draw on one limit decide one after the other.

import type { UnitLimit } from "#app/domain/reservations/decide-grants.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { ReserveRequest } from "#app/ports/reservation-book.ts";

export function limitsOf({ installId, reference, tokenId, unitsPerReferenceMax, unitsPerTokenMax }: ReserveRequest): UnitLimit[] {
  const limits: UnitLimit[] = [];
  if (reference !== null && unitsPerReferenceMax !== null) limits.push({ kind: "reference", holder: holderOf("reference", installId, reference), unitsMax: unitsPerReferenceMax });
  if (tokenId !== null && unitsPerTokenMax !== null) limits.push({ kind: "token", holder: holderOf("token", installId, tokenId), unitsMax: unitsPerTokenMax });
  return limits;
}

function holderOf(kind: UnitLimit["kind"], installId: bigint, name: string): string {
  return `${kind}:${installId}:${name}`;
}

/**
 * Two batches with the same reference may be about different stocks, whose row locks keep nobody apart: both would count the units held
 * before either had granted. Sorted by what is locked, and before any block.
 */
export async function lockHolders(tx: SqlExecutor, requests: readonly ReserveRequest[]): Promise<void> {
  const holders = new Set(requests.flatMap(limitsOf).map(({ holder }) => holder));
  if (holders.size === 0) return;
  await tx.query(
    `SELECT count(pg_advisory_xact_lock(h.lock)::text)::int AS locked FROM (
       SELECT DISTINCT hashtextextended('reservations:' || holder, 0) AS lock FROM unnest($1::text[]) AS u(holder) ORDER BY 1) AS h`,
    [...holders],
  );
}

/** Units of holds that are active and have not lapsed, by holder. Read in a statement after the locks, so that it sees what was committed under them. */
export async function readUnitsHeld(tx: SqlExecutor, requests: readonly ReserveRequest[]): Promise<Map<string, number>> {
  const limited = requests.flatMap((request) => limitsOf(request).map(({ kind }) => ({ kind, installId: request.installId, name: kind === "reference" ? request.reference : request.tokenId })));
  const held = new Map<string, number>();
  for (const kind of ["reference", "token"] as const) {
    const asked = limited.filter((each) => each.kind === kind);
    if (asked.length === 0) continue;
    const column = kind === "reference" ? "reference" : "token_id";
    const rows = await tx.query<{ install_id: bigint; name: string; units: number }>(
      `SELECT r.install_id, r.${column} AS name, sum(l.quantity)::int AS units FROM (SELECT DISTINCT * FROM unnest($1::bigint[], $2::text[]) AS u(install_id, name)) AS u
       JOIN reservations r ON r.install_id = u.install_id AND r.${column} = u.name AND r.state = 'active' AND r.expires_at > clock_timestamp()
       JOIN reservation_lines l ON l.reservation_id = r.id AND l.counts GROUP BY 1, 2`,
      asked.map(({ installId }) => installId),
      asked.map(({ name }) => name),
    );
    for (const { install_id, name, units } of rows) held.set(holderOf(kind, install_id, name), units);
  }
  return held;
}

// Locations as last read from Shopify.

import type { Database } from "#app/ports/database.ts";
import type { LocationBook } from "#app/ports/location-book.ts";

export function createLocationBook(database: Database): LocationBook {
  return {
    async isStale(installId, maxAgeMs) {
      const [row] = await database.query<{ stale: boolean }>(
        `SELECT coalesce(max(read_at) < now() - $2 * interval '1 millisecond', true) AS stale FROM locations WHERE install_id = $1`,
        installId,
        maxAgeMs,
      );
      return row?.stale ?? true;
    },
    async store(installId, locations) {
      const sorted = locations.toSorted((a, b) => (a.locationId < b.locationId ? -1 : 1));
      await database.transaction(async (tx) => {
        await tx.query(`SELECT 1 FROM locations WHERE install_id = $1 ORDER BY location_id FOR UPDATE`, installId);
        await tx.execute(
          `INSERT INTO locations (install_id, location_id, name, active, ships, read_at)
           SELECT $1, l.*, now() FROM unnest($2::text[], $3::text[], $4::boolean[], $5::boolean[]) AS l
           ON CONFLICT (install_id, location_id) DO UPDATE SET name = excluded.name, active = excluded.active, ships = excluded.ships, read_at = excluded.read_at`,
          installId,
          sorted.map((location) => location.locationId),
          sorted.map((location) => location.name),
          sorted.map((location) => location.active),
          sorted.map((location) => location.ships),
        );
        await tx.execute(
          `UPDATE locations SET active = false WHERE install_id = $1 AND NOT location_id = ANY($2)`,
          installId,
          sorted.map((location) => location.locationId),
        );
      });
    },
  };
}

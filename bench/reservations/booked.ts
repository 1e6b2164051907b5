// Ours, as a web process has it: the batcher before the book, Prisma with the connections of one process.
import { randomUUID } from "node:crypto";
import { openDatabase } from "#app/adapters/prisma/database.server.ts";
import { createReservationBook } from "#app/adapters/prisma/reservation-book.server.ts";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import { createReservationBatcher } from "#app/reservations/reservation-batcher.server.ts";
import type { Reserving } from "./plain-transaction.ts";

/** Of a web process; the batcher uses two of them at once. */
export const CONNECTIONS = 10;
export const INSTALL_ID = 1n;
const SHOP = "bench.myshopify.com";
export const LOCATION = "1";

export function openBooked(url: string, references: boolean): Reserving {
  const database = openDatabase({ url, connectionsMax: CONNECTIONS });
  const faults: unknown[] = [];
  const batcher = createReservationBatcher(createReservationBook(database), { clock: systemClock, logger: { error: (fields: unknown) => void faults.push(fields) }, wake: () => undefined });
  return {
    async reserve(inventoryItemId) {
      const outcome = await batcher.reserve({
        installId: INSTALL_ID,
        shop: SHOP,
        idempotencyKey: randomUUID(),
        bodyHash: "0".repeat(64),
        tokenId: null,
        reference: references ? randomUUID() : null,
        ttlSeconds: 600,
        lines: [{ inventoryItemId, locationId: LOCATION, variantId: null, sku: null, quantity: 1, counts: true }],
        traceId: "bench",
        promiseFrom: "block",
        unitsPerReferenceMax: references ? 100 : null,
        unitsPerTokenMax: null,
      });
      if (typeof outcome === "string") throw new Error(`a buyer was not answered: ${outcome}; ${JSON.stringify(faults.at(-1) ?? null)}`);
      if (outcome.kind !== "granted" && outcome.kind !== "short") throw new Error(`neither granted nor short: ${outcome.kind}`);
      return outcome.kind === "granted";
    },
    async totals() {
      const [row] = await database.query<{ counted: number; written: number }>(
        `SELECT (SELECT sum(granted)::int FROM stock_blocks) AS counted, (SELECT coalesce(sum(quantity), 0)::int FROM reservation_lines) AS written`,
      );
      return row ?? { counted: 0, written: 0 };
    },
    close: () => database.close(),
  };
}

export function seedStocks(items: number, units: number): string[] {
  return [
    `INSERT INTO installs (id, shop, epoch) VALUES (${INSTALL_ID}, '${SHOP}', 1)`,
    `INSERT INTO stock_blocks (install_id, inventory_item_id, location_id, held) SELECT ${INSTALL_ID}, n::text, '${LOCATION}', ${units} FROM generate_series(1, ${items}) n`,
    `INSERT INTO plain_stock (item, held) SELECT n::text, ${units} FROM generate_series(1, ${items}) n`,
    "VACUUM ANALYZE",
  ];
}

// What tests of the reservation book stand on: a database with installs and stocks, requests with defaults, and blocks held against their rows.
import { randomUUID } from "node:crypto";

import { openDatabase } from "#app/adapters/prisma/database.server.ts";
import { createReservationBook } from "#app/adapters/prisma/reservation-book.server.ts";
import type { Database } from "#app/ports/database.ts";
import type { CommitRequest, Reservation, ReservationBook, ReserveOutcome, ReserveRequest } from "#app/ports/reservation-book.ts";
import { createTestDatabase } from "#tests/setup/test-database.ts";
import { openPlainDatabase } from "./plain-database.ts";

export interface BookFixture {
  readonly database: Database;
  readonly book: ReservationBook;
  /** Of a process of its own: its own connections. */
  another(): ReservationBook;
  /** Deadlocks, serialization failures and lock time-outs that any of them met. */
  readonly conflicts: string[];
  newShop(): Promise<BookShop>;
  close(): Promise<void>;
}

export interface Block {
  readonly held: number;
  readonly granted: number;
  readonly settling: number;
  readonly leaving: number;
  readonly growing: number;
}

export interface BookShop {
  readonly installId: bigint;
  readonly shop: string;
  /** Units that Shopify confirmed for us, and `available` as last seen; null: never seen. */
  stock(item: string, units: { held?: number; available?: number | null }): Promise<void>;
  request(units: Readonly<Record<string, number>>, more?: Partial<ReserveRequest>): ReserveRequest;
  reserve(units: Readonly<Record<string, number>>, more?: Partial<ReserveRequest>): Promise<ReserveOutcome>;
  granted(units: Readonly<Record<string, number>>, more?: Partial<ReserveRequest>): Promise<Reservation>;
  commit(reservation: Reservation, more?: Partial<CommitRequest>): CommitRequest;
  block(item: string): Promise<Block | null>;
  /** As if so much time had gone by: its holds end earlier. */
  pass(seconds: number): Promise<void>;
  /** Differences between what the blocks count and what the reservations' rows add up to. None is what every test ends with. */
  miscounts(): Promise<string[]>;
  mustAddUp(miscounts: readonly string[]): void;
}

export const LOCATION = "20";

/** `plain`: without Prisma between the book and the driver. */
export async function openBook({ connectionsMax = 8, plain = false }: { connectionsMax?: number; plain?: boolean } = {}): Promise<BookFixture> {
  const testDatabase = await createTestDatabase();
  const conflicts: string[] = [];
  const opened: { close(): Promise<void> }[] = [];
  const open = (): Database => {
    const database = plain ? openPlainDatabase(testDatabase.url, connectionsMax) : openDatabase({ url: testDatabase.url, connectionsMax, onConflict: (kind) => conflicts.push(kind) });
    opened.push(database);
    return database;
  };
  const database = open();
  const book = createReservationBook(database);
  return {
    database,
    book,
    another: () => createReservationBook(open()),
    conflicts,
    newShop: () => newShop(database, book),
    async close() {
      await Promise.all(opened.map((each) => each.close()));
      await testDatabase.drop();
    },
  };
}

async function newShop(database: Database, book: ReservationBook): Promise<BookShop> {
  const shop = `book-${randomUUID()}.myshopify.com`;
  const [install] = await database.query<{ id: bigint }>(`INSERT INTO installs (shop, epoch) VALUES ($1, 1) RETURNING id`, shop);
  const installId = install?.id ?? 0n;
  const request: BookShop["request"] = (units, more = {}) => ({
    installId,
    shop,
    idempotencyKey: randomUUID(),
    bodyHash: "hash",
    tokenId: null,
    reference: null,
    ttlSeconds: 600,
    lines: Object.entries(units).map(([inventoryItemId, quantity]) => ({ inventoryItemId, locationId: LOCATION, variantId: null, sku: null, quantity, counts: true })),
    traceId: "trace",
    promiseFrom: "block",
    unitsPerReferenceMax: null,
    unitsPerTokenMax: null,
    ...more,
  });
  const reserve: BookShop["reserve"] = async (units, more) => {
    const [outcome] = (await book.reserve([request(units, more)])).outcomes;
    if (!outcome) throw new Error("no outcome");
    return outcome;
  };
  return {
    installId,
    shop,
    request,
    reserve,
    async granted(units, more) {
      const outcome = await reserve(units, more);
      if (outcome.kind !== "granted") throw new Error(`not granted: ${JSON.stringify(outcome)}`);
      return outcome.reservation;
    },
    commit: (reservation, more = {}) => ({ installId, reservationId: reservation.id, commitHash: "paid", orderId: null, paymentReference: null, createOrder: null, promiseFrom: "block", by: "api", ...more }),
    async stock(item, { held = 0, available = null }) {
      await database.execute(`INSERT INTO stock_blocks (install_id, inventory_item_id, location_id, held) VALUES ($1, $2, $3, $4) ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE SET held = excluded.held`, installId, item, LOCATION, held);
      if (available !== null) await see(database, installId, item, available);
    },
    block: async (item) => (await database.query<Block>(`SELECT held, granted, settling, leaving, growing FROM stock_blocks WHERE install_id = $1 AND inventory_item_id = $2`, installId, item))[0] ?? null,
    async pass(seconds) {
      await database.execute(`UPDATE reservations SET expires_at = expires_at - make_interval(secs => $2::float8) WHERE install_id = $1`, installId, seconds);
    },
    miscounts: () => miscounts(database, installId),
    mustAddUp(differences) {
      if (differences.length > 0) throw new Error(`blocks and reservations differ: ${differences.join("; ")}`);
    },
  };
}

export async function see(database: Database, installId: bigint, item: string, available: number): Promise<void> {
  await database.execute(
    `INSERT INTO stock_levels (install_id, inventory_item_id, location_id, available, observed_at, source) VALUES ($1, $2, $3, $4, now(), 'read')
     ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE SET available = excluded.available, observed_at = now()`,
    installId,
    item,
    LOCATION,
    available,
  );
}

async function miscounts(database: Database, installId: bigint): Promise<string[]> {
  const rows = await database.query<{ item: string; counted: string; owed: string }>(
    `WITH owed AS (
       SELECT l.inventory_item_id AS item, sum(l.quantity) FILTER (WHERE r.state = 'active') AS granted, sum(l.quantity) FILTER (WHERE r.state = 'committed' AND r.settlement <> 'done') AS settling
       FROM reservations r JOIN reservation_lines l ON l.reservation_id = r.id AND l.counts WHERE r.install_id = $1 GROUP BY 1)
     SELECT coalesce(b.inventory_item_id, o.item) AS item, b.granted || '/' || b.settling AS counted, coalesce(o.granted, 0) || '/' || coalesce(o.settling, 0) AS owed
     FROM (SELECT * FROM stock_blocks WHERE install_id = $1) b FULL JOIN owed o ON o.item = b.inventory_item_id
     WHERE b.granted IS DISTINCT FROM coalesce(o.granted, 0) OR b.settling IS DISTINCT FROM coalesce(o.settling, 0)`,
    installId,
  );
  return rows.map(({ item, counted, owed }) => `${item}: counted ${counted}, owed ${owed}`);
}

// A commit: the hold becomes an order's, or its payment must be given back; under the lock of the reservation's row, then of its blocks.

import { decideGrants } from "#app/domain/reservations/decide-grants.ts";
import { assertNever, invariant } from "#app/domain/invariant.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { CommitOutcome, CommitRequest, OrderMaking, Reservation, ShortLine } from "#app/ports/reservation-book.ts";
import { askForMoves } from "./hold-moves.ts";
import { addBlocks, countUnits, endLapsedOf, endReservations, type InstallStock, lockBlocks, type StockKey, stockKeyOf } from "./reservation-book-blocks.ts";
import { type BookedReservation, readReservation } from "./reservation-book-rows.ts";

type Step = CommitOutcome | { readonly kind: "blocks_missing"; readonly stocks: readonly InstallStock[] };

export async function commitReservation(database: Database, request: CommitRequest): Promise<CommitOutcome> {
  for (;;) {
    const step: Step = await database.transaction((tx) => commitOnce(tx, request));
    if (step.kind !== "blocks_missing") return step;
    await addBlocks(database, step.stocks);
  }
}

async function commitOnce(tx: SqlExecutor, request: CommitRequest): Promise<Step> {
  const booked = await readReservation(tx, request.installId, request.reservationId, "lock");
  if (!booked) return { kind: "not_found" };
  const { reservation } = booked;
  switch (reservation.state) {
    case "active":
      await countUnits(tx, [reservation.id], "committed");
      return { kind: "committed", reservation: await writeCommit(tx, request, false), first: true, order: await beginOrder(tx, request) };
    case "committed":
      return repeatCommit(tx, request, booked);
    case "released":
      return { kind: "released", reservation: await demandRefund(tx, request, reservation) };
    case "expired":
      return commitLate(tx, request, booked);
    default:
      return assertNever(reservation.state);
  }
}

async function writeCommit(tx: SqlExecutor, request: CommitRequest, late: boolean): Promise<Reservation> {
  const changed = await tx.execute(
    `UPDATE reservations SET state = 'committed', finished_at = clock_timestamp(), finished_by = $2, commit_hash = $3, payment_reference = $4, order_id = $5,
       late = $6, settlement = CASE WHEN $5::text IS NULL THEN 'order' ELSE 'take' END, settle_at = now()
     WHERE id = $1::uuid AND state IN ('active', 'expired')`,
    request.reservationId,
    request.by,
    request.commitHash,
    request.paymentReference,
    request.orderId,
    late,
  );
  invariant(changed === 1, "a reservation that is locked stays what it was found to be");
  await writeAudit(tx, request, late ? "reservation_committed_late" : "reservation_committed");
  return readAgain(tx, request);
}

async function readAgain(tx: SqlExecutor, request: CommitRequest): Promise<Reservation> {
  const booked = await readReservation(tx, request.installId, request.reservationId, "plain");
  invariant(booked, "a reservation that is locked is there");
  return booked.reservation;
}

/** A sender that has marked nothing as leaving for this long is gone, or slower than its own limit allows: what it left can be sent. */
const LEAVES_WITHIN = "3 seconds";

interface OrderRow {
  readonly state: OrderMaking["state"];
  readonly attempt: number;
  readonly left_behind: boolean;
  readonly order_id: string | null;
  readonly failure: string | null;
}

/**
 * Before anything is sent to Shopify, in the transaction of the commit: whoever finds the row later knows that an order may exist. An order
 * that names the reservation, and whose tie is only about to be made, is that order already.
 */
async function beginOrder(tx: SqlExecutor, { installId, reservationId, createOrder }: CommitRequest): Promise<OrderMaking | null> {
  if (!createOrder) return null;
  const [named] = await tx.query<{ order_id: string }>(`SELECT order_id FROM orders WHERE install_id = $1 AND reservation_id = $2::uuid ORDER BY id LIMIT 1`, installId, reservationId);
  if (named) return { state: "created", orderId: named.order_id, failure: null, send: false, attempt: 0 };
  const [begun] = await tx.query<{ attempt: number }>(
    `INSERT INTO reservation_orders (reservation_id, install_id, body_hash, give_up_at, look_at)
     VALUES ($1::uuid, $2, $3, now() + $4::float8 * interval '1 millisecond', now() + interval '30 seconds')
     ON CONFLICT (reservation_id) DO UPDATE SET state = 'sending', body_hash = excluded.body_hash, sent_at = now(), called_at = NULL, give_up_at = excluded.give_up_at,
       look_at = excluded.look_at, attempt_count = reservation_orders.attempt_count + 1, failure = NULL, finished_at = NULL
     RETURNING attempt_count AS attempt`,
    reservationId,
    installId,
    createOrder.bodyHash,
    createOrder.giveUpAfterMs,
  );
  return { state: "sending", orderId: null, failure: null, send: true, attempt: begun?.attempt ?? 1 };
}

/**
 * The same commit again changes nothing. Two things are no repetition and still no contradiction: the order's own webhook came first and
 * said everything but the payment; and an order that Shopify refused for certain, so that another content, or an order made elsewhere,
 * may take its place. An order whose sender died before it let it leave is sent by whoever repeats the commit.
 */
async function repeatCommit(tx: SqlExecutor, request: CommitRequest, { reservation, commitHash }: BookedReservation): Promise<CommitOutcome> {
  const [made] = await tx.query<OrderRow>(
    `SELECT state, order_id, failure, attempt_count AS attempt, state IN ('sending', 'unknown') AND called_at IS NULL AND sent_at <= now() - interval '${LEAVES_WITHIN}' AS left_behind
     FROM reservation_orders WHERE reservation_id = $1::uuid FOR UPDATE`,
    reservation.id,
  );
  const tied = commitHash === null && (request.orderId === null || reservation.orderId === request.orderId);
  const refused = made?.state === "refused" && reservation.orderId === null;
  if (commitHash !== request.commitHash && !tied && !refused) return { kind: "other_body", reservation };
  if (tied || (refused && commitHash !== request.commitHash)) await adoptCommit(tx, request);
  const present = await readAgain(tx, request);
  const leftBehind = made?.left_behind === true && reservation.orderId === null;
  const order = (refused || leftBehind) && request.createOrder ? await beginOrder(tx, request) : sayOrder(request, present, made);
  return { kind: "committed", reservation: present, first: false, order };
}

async function adoptCommit(tx: SqlExecutor, request: CommitRequest): Promise<void> {
  await tx.execute(
    `UPDATE reservations SET commit_hash = $2, payment_reference = coalesce($3, payment_reference), order_id = coalesce(order_id, $4),
       settlement = CASE WHEN settlement = 'order' AND $4::text IS NOT NULL THEN 'take' ELSE settlement END WHERE id = $1::uuid`,
    request.reservationId,
    request.commitHash,
    request.paymentReference,
    request.orderId,
  );
}

/** An order that is known already is never made a second time, whoever made it. */
function sayOrder({ createOrder }: CommitRequest, { orderId }: Reservation, made: OrderRow | undefined): OrderMaking | null {
  if (made) return { state: made.state, orderId: made.order_id, failure: made.failure, send: false, attempt: made.attempt };
  return createOrder && orderId !== null ? { state: "created", orderId, failure: null, send: false, attempt: 0 } : null;
}

/**
 * Whoever was charged for a hold that is gone must get it back: nothing was kept for them. An order that only names the hold
 * (`commitHash: null`) is no payment: what it took beyond stock shows by itself, and a commit that follows it is still decided.
 */
async function demandRefund(tx: SqlExecutor, request: CommitRequest, reservation: Reservation): Promise<Reservation> {
  if (reservation.refundRequired) return reservation;
  if (request.commitHash === null) return readAgain(tx, request);
  await tx.execute(`UPDATE reservations SET refund_required = true, payment_reference = coalesce($2, payment_reference) WHERE id = $1::uuid`, reservation.id, request.paymentReference);
  await writeAudit(tx, request, "reservation_refund_required");
  return readAgain(tx, request);
}

/**
 * It lapsed, and its buyer paid: the units are taken again if they are there. Undecided while more are on their way; else refused for good,
 * so that the refund which the answer demands is never followed by a commit that succeeds.
 */
async function commitLate(tx: SqlExecutor, request: CommitRequest, { reservation, stored }: BookedReservation): Promise<Step> {
  const stocks = stocksOf(reservation);
  // Before the block: reservations are locked first, and this one is.
  if (stored === "active") await endReservations(tx, [reservation.id], "expired", "expiry");
  const verdict = await weighLate(tx, request, reservation, stocks);
  if (verdict.kind === "blocks_missing") return verdict;
  // Refused before: even if there is stock again, the refund was demanded and may be under way.
  if (reservation.refundRequired) return { kind: "lapsed", reservation, lines: verdict.kind === "short" ? verdict.lines : [], final: true };
  if (verdict.kind === "short") {
    const final = !verdict.lines.some((line) => line.growing);
    const refused = final ? await demandRefund(tx, request, reservation) : await readAgain(tx, request);
    return { kind: "lapsed", reservation: refused, lines: verdict.lines, final };
  }
  await countUnits(tx, [reservation.id], "committed_late");
  return { kind: "committed", reservation: await writeCommit(tx, request, true), first: true, order: await beginOrder(tx, request) };
}

type LateVerdict = { readonly kind: "free" } | { readonly kind: "short"; readonly lines: readonly ShortLine[] } | { readonly kind: "blocks_missing"; readonly stocks: readonly InstallStock[] };

async function weighLate(tx: SqlExecutor, request: CommitRequest, reservation: Reservation, stocks: ReadonlyMap<StockKey, InstallStock & { quantity: number }>): Promise<LateVerdict> {
  const decide = async () => {
    const counts = await lockBlocks(tx, [...stocks.values()]);
    if (counts === null) return null;
    const wanted = new Map([...stocks].map(([key, { quantity }]) => [key, quantity]));
    const wish = { key: reservation.id, bodyHash: request.commitHash ?? "", promiseFrom: request.promiseFrom, wanted, limits: [] };
    return decideGrants({ stocks: counts, bound: new Map(), unitsHeld: new Map(), wishes: [wish] });
  };
  let decision = await decide();
  if (decision === null) return { kind: "blocks_missing", stocks: [...stocks.values()] };
  let [verdict] = decision.verdicts;
  if (verdict?.kind === "short") {
    const { endedCount, othersAreAtIt } = await endLapsedOf(tx, verdict.stocks.flatMap(({ stock }) => stocks.get(stock) ?? []), new Set(stocks.keys()));
    if (endedCount > 0) decision = (await decide()) ?? decision;
    [verdict] = decision.verdicts;
    if (verdict?.kind === "short" && othersAreAtIt) return { kind: "short", lines: toLines(verdict.stocks, stocks, true) };
  }
  if (verdict?.kind !== "short") return { kind: "free" };
  if (reservation.refundRequired) return { kind: "short", lines: toLines(verdict.stocks, stocks, false) };
  const moves = [...decision.stocks].flatMap(([key, { grow }]) => {
    const stock = stocks.get(key);
    return grow > 0 && stock ? [{ inventoryItemId: stock.inventoryItemId, locationId: stock.locationId, delta: grow, traceId: reservation.traceId }] : [];
  });
  await askForMoves(tx, reservation.installId, moves);
  return { kind: "short", lines: toLines(verdict.stocks, stocks, null) };
}

interface ShortKey {
  readonly stock: StockKey;
  readonly requested: number;
  readonly available: number;
  readonly growing: boolean;
  readonly unobserved: boolean;
}

function toLines(short: readonly ShortKey[], stocks: ReadonlyMap<StockKey, InstallStock>, growing: boolean | null): ShortLine[] {
  return short.flatMap(({ stock, ...line }) => {
    const place = stocks.get(stock);
    return place ? [{ inventoryItemId: place.inventoryItemId, locationId: place.locationId, ...line, growing: growing ?? line.growing }] : [];
  });
}

function stocksOf({ installId, lines }: Reservation): Map<StockKey, InstallStock & { quantity: number }> {
  const stocks = new Map<StockKey, InstallStock & { quantity: number }>();
  for (const { inventoryItemId, locationId, quantity, counts } of lines) {
    if (!counts) continue;
    const key = stockKeyOf({ installId, inventoryItemId, locationId });
    stocks.set(key, { installId, inventoryItemId, locationId, quantity: quantity + (stocks.get(key)?.quantity ?? 0) });
  }
  return stocks;
}

async function writeAudit(tx: SqlExecutor, { reservationId, by }: CommitRequest, kind: string): Promise<void> {
  await tx.execute(
    `INSERT INTO audit_entries (install_id, shop, kind, actor, order_id, trace_id, detail)
     SELECT install_id, shop, $2, $3, order_id, trace_id, jsonb_strip_nulls(jsonb_build_object('reservation', id, 'reference', reference, 'payment', payment_reference))
     FROM reservations WHERE id = $1::uuid`,
    reservationId,
    kind,
    by,
  );
}

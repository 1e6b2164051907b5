// A batch of grants in one transaction: blocks locked, decided in the domain, written in one statement; a request at fault is set apart.

import { randomUUID } from "node:crypto";

import { decideGrants, type GrantDecision, type GrantVerdict, type GrantWish, type StockFacts } from "#app/domain/reservations/decide-grants.ts";
import { assertNever, invariant } from "#app/domain/invariant.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { Reservation, ReserveBatch, ReserveOutcome, ReserveRequest } from "#app/ports/reservation-book.ts";
import { faultCode, isContentFault, sqlStateOf } from "./database.server.ts";
import { askForMoves, type AskedMove } from "./hold-moves.ts";
import { addBlocks, endLapsedOf, type InstallStock, lockBlocks, type StockKey, stockKeyOf } from "./reservation-book-blocks.ts";
import { lockHolders, limitsOf, readUnitsHeld } from "./reservation-book-limits.ts";
import { readReservations } from "./reservation-book-rows.ts";
import { type Grant, writeGrants } from "./reservation-book-write.ts";

/** Blocks that one transaction locks, unless a single request wants more. */
export const STOCKS_MAX = 250;
/** Runs of one batch: another process bound one of its keys, a block had no row yet, or lapsed units are about to come back. */
const RUNS_MAX = 6;

export async function reserveBatch(database: Database, batch: readonly ReserveRequest[]): Promise<ReserveBatch> {
  const outcomes: ReserveOutcome[] = [];
  const shops = new Set<string>();
  for (const part of partsOf(batch)) {
    const { outcomes: some, shopsToWake } = await reservePart(database, part);
    outcomes.push(...some);
    for (const shop of shopsToWake) shops.add(shop);
  }
  return { outcomes, shopsToWake: [...shops] };
}

/** In their order, as many together as fit into one transaction. */
function partsOf(batch: readonly ReserveRequest[]): ReserveRequest[][] {
  const parts: ReserveRequest[][] = [];
  let stocks = new Set<StockKey>();
  for (const request of batch) {
    const own = [...stocksOf([request]).keys()];
    const added = own.filter((key) => !stocks.has(key));
    const part = parts.at(-1);
    if (part && stocks.size + added.length <= STOCKS_MAX) {
      part.push(request);
      for (const key of added) stocks.add(key);
    } else {
      parts.push([request]);
      stocks = new Set(own);
    }
  }
  return parts;
}

/**
 * What PostgreSQL refuses because of its content is found by halving, so that one hostile value costs its neighbours time and nothing
 * else. When a half fails for another reason the whole batch is told so: what its other half was granted is found by its keys.
 */
async function reservePart(database: Database, requests: readonly ReserveRequest[]): Promise<ReserveBatch> {
  try {
    return await runUntilDecided(database, requests);
  } catch (cause) {
    // A fault of our own in a single request is no value that PostgreSQL refused: it is told as what it is.
    if (!isContentFault(cause) || (requests.length === 1 && sqlStateOf(cause) === null)) throw cause;
    if (requests.length === 1) return { outcomes: [{ kind: "unstorable", code: faultCode(cause) }], shopsToWake: [] };
    const middle = Math.ceil(requests.length / 2);
    const left = await reservePart(database, requests.slice(0, middle));
    const right = await reservePart(database, requests.slice(middle));
    return { outcomes: [...left.outcomes, ...right.outcomes], shopsToWake: [...new Set([...left.shopsToWake, ...right.shopsToWake])] };
  }
}

/** Thrown to undo the transaction: a key was bound by somebody else between our look and our write. */
class KeyBoundMeanwhile extends Error {
  override readonly name = "KeyBoundMeanwhile";
}

type Run = { readonly kind: "decided"; readonly batch: ReserveBatch; readonly undecided: readonly number[] } | { readonly kind: "blocks_missing"; readonly stocks: readonly InstallStock[] };

/** The refused whose stock lapsed in somebody else's hands ask again, behind whoever gives it back; the others have their answer. */
async function runUntilDecided(database: Database, requests: readonly ReserveRequest[]): Promise<ReserveBatch> {
  const outcomes: ReserveOutcome[] = [];
  const shops = new Set<string>();
  let places = requests.map((_, place) => place);
  for (let run = 1; places.length > 0; run += 1) {
    const asking = places.flatMap((place) => requests[place] ?? []);
    const result = await runOnce(database, asking, run === RUNS_MAX);
    if (result === "again") continue;
    if (result.kind === "blocks_missing") {
      await addBlocks(database, result.stocks);
      continue;
    }
    for (const shop of result.batch.shopsToWake) shops.add(shop);
    const asked = places;
    result.batch.outcomes.forEach((outcome, index) => {
      const place = asked[index];
      if (place !== undefined) outcomes[place] = outcome;
    });
    places = run >= RUNS_MAX ? [] : result.undecided.flatMap((index) => asked[index] ?? []);
  }
  return { outcomes, shopsToWake: [...shops] };
}

async function runOnce(database: Database, requests: readonly ReserveRequest[], last: boolean): Promise<Run | "again"> {
  try {
    return await database.transaction((tx) => decideAndWrite(tx, requests));
  } catch (cause) {
    if (cause instanceof KeyBoundMeanwhile && !last) return "again";
    throw cause;
  }
}

async function decideAndWrite(tx: SqlExecutor, requests: readonly ReserveRequest[]): Promise<Run> {
  const active = await lockInstalls(tx, requests);
  const places = requests.flatMap((request, place) => (active.has(request.installId) ? [place] : []));
  const asking = places.flatMap((place) => requests[place] ?? []);
  await lockHolders(tx, asking);
  const bound = await readBound(tx, asking);
  const stocks = stocksOf(asking);
  const counts = await lockBlocks(tx, [...stocks.values()]);
  if (counts === null) return { kind: "blocks_missing", stocks: [...stocks.values()] };
  let input = { bound, unitsHeld: await readUnitsHeld(tx, asking), wishes: asking.map(toWish) };
  let decision = decideGrants({ ...input, stocks: counts });
  const lapsed = await endLapsedOfShort(tx, decision, stocks, counts);
  if (lapsed.endedCount > 0) {
    const fresh = await lockBlocks(tx, [...stocks.values()]);
    invariant(fresh, "blocks that are locked are there");
    decision = decideGrants({ ...input, stocks: fresh });
  }
  if (decision.verdicts.some(isRefusal)) {
    // Two clicks: the first took the last units and bound the key while the second, which had looked for the key before, waited for the block.
    const boundNow = await readBound(tx, asking);
    if (boundNow.size > bound.size) {
      input = { ...input, bound: boundNow };
      const fresh = await lockBlocks(tx, [...stocks.values()]);
      invariant(fresh, "blocks that are locked are there");
      decision = decideGrants({ ...input, stocks: fresh });
    }
  }
  const granted = await writeDecision(tx, asking, decision, stocks);
  const reservations = await readRepeated(tx, decision.verdicts);
  const outcomes: ReserveOutcome[] = requests.map(() => ({ kind: "not_installed" }));
  places.forEach((place, index) => {
    const verdict = decision.verdicts[index];
    invariant(verdict, "every wish has its verdict");
    outcomes[place] = toOutcome(verdict, index, { granted, reservations, stocks });
  });
  const shopsToWake = new Set([...decision.stocks].flatMap(([stock, { grow }]) => (grow > 0 ? (asking.find((request) => request.installId === stocks.get(stock)?.installId)?.shop ?? []) : [])));
  const undecided = lapsed.othersAreAtIt ? outcomes.flatMap((outcome, place) => (outcome.kind === "short" ? [place] : [])) : [];
  return { kind: "decided", batch: { outcomes, shopsToWake: [...shopsToWake] }, undecided };
}

function isRefusal({ kind }: GrantVerdict): boolean {
  return kind === "short" || kind === "over_limit";
}

/** Held to the end of the transaction: an install does not end between the decision and its commit. */
async function lockInstalls(tx: SqlExecutor, requests: readonly ReserveRequest[]): Promise<ReadonlySet<bigint>> {
  const rows = await tx.query<{ id: bigint }>(
    `SELECT id FROM installs WHERE id = ANY($1::bigint[]) AND state = 'active' ORDER BY id FOR SHARE`,
    [...new Set(requests.map(({ installId }) => installId))],
  );
  return new Set(rows.map(({ id }) => id));
}

function stocksOf(requests: readonly ReserveRequest[]): Map<StockKey, InstallStock> {
  const stocks = new Map<StockKey, InstallStock>();
  for (const { installId, lines } of requests) {
    for (const { inventoryItemId, locationId, counts } of lines) {
      if (!counts) continue;
      const stock = { installId, inventoryItemId, locationId };
      stocks.set(stockKeyOf(stock), stock);
    }
  }
  return stocks;
}

/** Looked at before the blocks are locked, to hold them shorter: a key that is bound after the look refuses the insert, and all runs again. */
async function readBound(tx: SqlExecutor, requests: readonly ReserveRequest[]): Promise<Map<string, { bodyHash: string; id: string }>> {
  const rows = await tx.query<{ install_id: bigint; key: string; body_hash: string; id: string }>(
    `SELECT r.install_id, r.idempotency_key AS key, r.body_hash, r.id FROM reservations r JOIN (
       SELECT DISTINCT * FROM unnest($1::bigint[], $2::text[]) AS k(install_id, key)) AS k ON r.install_id = k.install_id AND r.idempotency_key = k.key`,
    requests.map((request) => request.installId),
    requests.map((request) => request.idempotencyKey),
  );
  return new Map(rows.map((row) => [keyOf(row.install_id, row.key), { bodyHash: row.body_hash, id: row.id }]));
}

function keyOf(installId: bigint, key: string): string {
  return `${installId}/${key}`;
}

function toWish(request: ReserveRequest): GrantWish {
  const wanted = new Map<StockKey, number>();
  for (const { inventoryItemId, locationId, quantity, counts } of request.lines) {
    if (!counts) continue;
    const key = stockKeyOf({ installId: request.installId, inventoryItemId, locationId });
    wanted.set(key, (wanted.get(key) ?? 0) + quantity);
  }
  return { key: keyOf(request.installId, request.idempotencyKey), bodyHash: request.bodyHash, promiseFrom: request.promiseFrom, asksFirst: request.asksFirst === true, wanted, limits: limitsOf(request) };
}

async function endLapsedOfShort(tx: SqlExecutor, { verdicts }: GrantDecision, stocks: ReadonlyMap<StockKey, InstallStock>, counts: ReadonlyMap<StockKey, StockFacts>) {
  const short = new Set(verdicts.flatMap((verdict) => (verdict.kind === "short" ? verdict.stocks.map(({ stock }) => stock) : [])));
  if (short.size === 0) return { endedCount: 0, othersAreAtIt: false };
  return endLapsedOf(tx, [...short].flatMap((key) => stocks.get(key) ?? []), new Set(counts.keys()));
}

/** The granted, by their place in the batch. */
async function writeDecision(tx: SqlExecutor, requests: readonly ReserveRequest[], decision: GrantDecision, stocks: ReadonlyMap<StockKey, InstallStock>): Promise<Map<number, Reservation>> {
  const grants = requests.flatMap((request, place): Grant[] => (decision.verdicts[place]?.kind === "granted" ? [{ place, id: randomUUID(), request }] : []));
  const written = await writeGrants(tx, grants, [...decision.stocks].flatMap(([key, outcome]) => ({ stock: stocks.get(key), outcome })).flatMap(({ stock, outcome }) => (stock ? [{ stock, outcome }] : [])));
  if (written.size < grants.length) throw new KeyBoundMeanwhile();
  await growBlocks(tx, requests, decision, stocks);
  return written;
}

async function growBlocks(tx: SqlExecutor, requests: readonly ReserveRequest[], decision: GrantDecision, stocks: ReadonlyMap<StockKey, InstallStock>): Promise<void> {
  const moves = new Map<bigint, AskedMove[]>();
  for (const [key, { grow }] of decision.stocks) {
    const stock = stocks.get(key);
    if (grow <= 0 || !stock) continue;
    const { installId, inventoryItemId, locationId } = stock;
    const traceId = requests.find((request) => request.installId === installId && request.lines.some((line) => line.inventoryItemId === inventoryItemId))?.traceId ?? "";
    moves.set(installId, [...(moves.get(installId) ?? []), { inventoryItemId, locationId, delta: grow, traceId }]);
  }
  for (const [installId, some] of moves) await askForMoves(tx, installId, some);
}

async function readRepeated(tx: SqlExecutor, verdicts: readonly GrantVerdict[]): Promise<Map<string, Reservation>> {
  const ids = verdicts.flatMap((verdict) => (verdict.kind === "repeated" && typeof verdict.of === "string" ? [verdict.of] : []));
  const found = await readReservations(tx, null, [...new Set(ids)], "plain");
  return new Map(found.map(({ reservation }) => [reservation.id, reservation]));
}

interface Known {
  readonly granted: ReadonlyMap<number, Reservation>;
  readonly reservations: ReadonlyMap<string, Reservation>;
  readonly stocks: ReadonlyMap<StockKey, InstallStock>;
}

function toOutcome(verdict: GrantVerdict, place: number, { granted, reservations, stocks }: Known): ReserveOutcome {
  switch (verdict.kind) {
    case "granted": {
      const reservation = granted.get(place);
      invariant(reservation, "what was granted was written");
      return { kind: "granted", reservation };
    }
    case "repeated": {
      const reservation = typeof verdict.of === "number" ? granted.get(verdict.of) : reservations.get(verdict.of);
      invariant(reservation, "what is repeated is there");
      return { kind: "seen_before", reservation };
    }
    case "short":
      return {
        kind: "short",
        lines: verdict.stocks.map(({ stock, requested, available, growing, unobserved }) => {
          const where = stocks.get(stock);
          invariant(where, "what is short is a stock of the batch");
          return { inventoryItemId: where.inventoryItemId, locationId: where.locationId, requested, available, growing, unobserved };
        }),
      };
    case "key_reused":
    case "over_limit":
      return verdict;
    default:
      return assertNever(verdict);
  }
}

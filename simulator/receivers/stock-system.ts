// A stock system that takes pushed changes: it keeps a ledger of its own and can prove that each came exactly once and in order.
import { json } from "../http/router.ts";
import type { SimResponse } from "../http/router.ts";
import { headerOf, openReceiver } from "./listener.ts";
import type { Arrival, Receiver, ReceiverOptions } from "./listener.ts";

export interface StockSystemOptions extends ReceiverOptions {
  /** False: books whatever arrives, as a system without idempotency keys does, and shows what that makes of repeated pushes. */
  honoursKeys?: boolean;
}

export interface TakenPush {
  /** In order of booking, from 1. */
  place: number;
  at: string;
  key: string;
  shop: string;
  inventoryItemId: string;
  locationId: string;
  sequence: number;
  delta: number;
  body: Record<string, unknown>;
}

/** Everything that may not happen, each with what it happened to; and what may. */
export interface Proof {
  taken: number;
  /** Requests whose key had been taken already: harmless, and bound to happen when answers are lost. */
  repeats: number;
  /** Booked more than once: never, while keys are honoured. */
  bookedTwice: string[];
  /** A key that came with another content than before. */
  keysReused: string[];
  /** A number that came after a higher one of its item. */
  outOfOrder: { inventoryItemId: string; sequence: number; after: number }[];
  /** Numbers of an item that never came although later ones did; a push that a person skipped leaves one. */
  gaps: { inventoryItemId: string; from: number; to: number }[];
  /** Two different pushes of one item on their way at once: their order was luck. */
  overlapping: { inventoryItemId: string; keys: string[] }[];
  badSignatures: number;
  malformed: number;
}

export interface StockSystem extends Receiver {
  ledger(): TakenPush[];
  proof(): Proof;
  /** The sum of what was booked, by `item@location`. */
  sums(): Record<string, number>;
}

interface Book {
  options: StockSystemOptions;
  taken: TakenPush[];
  byKey: Map<string, string>;
  highest: Map<string, number>;
  underWay: Map<string, string[]>;
  proof: Omit<Proof, "taken" | "gaps">;
}

export async function startStockSystem(options: StockSystemOptions = {}): Promise<StockSystem> {
  const book: Book = {
    options,
    taken: [],
    byKey: new Map(),
    highest: new Map(),
    underWay: new Map(),
    proof: { repeats: 0, bookedTwice: [], keysReused: [], outOfOrder: [], overlapping: [], badSignatures: 0, malformed: 0 },
  };
  const receiver = await openReceiver(options, {
    take: (arrival) => take(book, arrival),
    enter: (arrival) => enter(book, arrival),
    turnedAway: () => {
      book.proof.badSignatures += 1;
    },
    report: () => ({ items: book.taken, proof: proofOf(book), sums: sumsOf(book) }),
  });
  return { ...receiver, ledger: () => [...book.taken], proof: () => proofOf(book), sums: () => sumsOf(book) };
}

function take(book: Book, arrival: Arrival): SimResponse {
  const push = read(book, arrival);
  if (!push) {
    book.proof.malformed += 1;
    return json({ error: "malformed" }, 400);
  }
  const { key } = push;
  const before = book.byKey.get(key);
  if (before !== undefined) {
    if (before !== arrival.rawBody) {
      book.proof.keysReused.push(key);
      return json({ error: "idempotency_key_reuse" }, 409);
    }
    book.proof.repeats += 1;
    if (book.options.honoursKeys !== false) return json({ taken: true, repeated: true });
    book.proof.bookedTwice.push(key);
  }
  book.byKey.set(key, arrival.rawBody);
  noteOrder(book, push);
  book.taken.push(push);
  return json({ taken: true });
}

function noteOrder({ highest, proof }: Book, { shop, inventoryItemId, sequence }: TakenPush): void {
  const item = `${shop} ${inventoryItemId}`;
  const after = highest.get(item) ?? Number.NEGATIVE_INFINITY;
  if (sequence <= after) proof.outOfOrder.push({ inventoryItemId, sequence, after });
  highest.set(item, Math.max(after, sequence));
}

function enter(book: Book, arrival: Arrival): () => void {
  const push = read(book, arrival);
  if (!push) return () => undefined;
  const { key, inventoryItemId } = push;
  const item = `${push.shop} ${inventoryItemId}`;
  const there = book.underWay.get(item) ?? [];
  if (there.some((other) => other !== key)) book.proof.overlapping.push({ inventoryItemId, keys: [...new Set([...there, key])] });
  book.underWay.set(item, [...there, key]);
  return () => {
    const left = book.underWay.get(item) ?? [];
    left.splice(left.indexOf(key), 1);
  };
}

/** Null when the key, the sequence, the item or the amount is missing, or the header's sequence is not the body's. */
function read(book: Book, arrival: Arrival): TakenPush | null {
  const { body } = arrival;
  const key = headerOf(arrival, "idempotency-key");
  const sequence = Number(headerOf(arrival, "x-holdfast-sequence") ?? "none");
  const inventoryItemId = body?.["inventoryItemId"];
  const delta = body?.["delta"];
  if (!body || !key || !Number.isSafeInteger(sequence) || typeof inventoryItemId !== "string" || typeof delta !== "number") return null;
  if (body["sequence"] !== undefined && Number(body["sequence"]) !== sequence) return null;
  return {
    place: book.taken.length + 1,
    at: new Date(arrival.atMs).toISOString(),
    key,
    shop: String(body["shop"] ?? headerOf(arrival, "x-holdfast-shop") ?? ""),
    inventoryItemId,
    locationId: String(body["locationId"] ?? ""),
    sequence,
    delta,
    body,
  };
}

function proofOf({ taken, proof }: Book): Proof {
  const byItem = new Map<string, TakenPush[]>();
  for (const push of taken) {
    const item = `${push.shop} ${push.inventoryItemId}`;
    byItem.set(item, [...(byItem.get(item) ?? []), push]);
  }
  const gaps = [...byItem.values()].flatMap((pushes) => {
    const numbers = [...new Set(pushes.map(({ sequence }) => sequence))].toSorted((a, b) => a - b);
    return numbers.flatMap((sequence, index) => {
      const next = numbers[index + 1];
      return next === undefined || next === sequence + 1 ? [] : [{ inventoryItemId: pushes[0]?.inventoryItemId ?? "", from: sequence + 1, to: next - 1 }];
    });
  });
  return structuredClone({ ...proof, taken: taken.length, gaps });
}

function sumsOf({ taken }: Book): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { inventoryItemId, locationId, delta } of taken) {
    const place = `${inventoryItemId}@${locationId}`;
    sums[place] = (sums[place] ?? 0) + delta;
  }
  return sums;
}

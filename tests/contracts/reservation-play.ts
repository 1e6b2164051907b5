// Beside reservation-model.test.ts: a sequence of operations played on the book and on the model, step by step, and what must be equal after each.
import { deepEqual } from "node:assert/strict";

import * as fc from "fast-check";

import { askForMoves } from "#app/adapters/prisma/hold-moves.ts";
import { giveBack } from "#app/adapters/prisma/settlement-book-settle.server.ts";
import type { CommitOutcome, Reservation, ReserveOutcome, ReserveRequest } from "#app/ports/reservation-book.ts";
import { type BookFixture, type BookShop, LOCATION, see } from "./reservation-fixture.ts";
import { type From, type ModelAnswer, type ModelHold, type ModelRequest, ReservationModel } from "./reservation-model.ts";

const ITEMS = ["1", "2", "3"];
const HOUR = 3_600;

const item = fc.constantFrom(...ITEMS);
const from = fc.constantFrom<From>("block", "block", "block", "local");
const which = fc.nat(7);
const wish = fc.record({
  again: fc.option(fc.nat(5), { freq: 5 }),
  body: fc.constantFrom("a", "a", "a", "b"),
  lines: fc.array(fc.record({ item, quantity: fc.integer({ min: 1, max: 4 }), counts: fc.constantFrom(true, true, true, false) }), { minLength: 1, maxLength: 3 }),
  from,
  limited: fc.option(fc.constantFrom("bot", "crowd"), { freq: 2 }),
  ttl: fc.integer({ min: 1, max: 3 }),
  first: fc.boolean(),
});
export const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("reserve" as const), wishes: fc.array(wish, { minLength: 1, maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("extend" as const), which, ttl: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("commit" as const), which, body: fc.constantFrom("a", "a", "b"), from }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("release" as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), hours: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("expire" as const), limit: fc.constantFrom(1, 100) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("observe" as const), item, available: fc.integer({ min: -2, max: 12 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("end move" as const), applied: fc.constantFrom(true, true, true, false) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("shrink" as const), item }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("settle" as const), which }) },
);
export type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;
export const beginning = fc.array(fc.record({ item, held: fc.nat(8), available: fc.option(fc.nat(12), { freq: 4 }) }), { maxLength: 3 });

/** One sequence: the model beside an install. */
export class Play {
  readonly model = new ReservationModel();
  readonly ids = new Map<ModelHold, string>();
  readonly fixture: BookFixture;
  readonly shop: BookShop;

  constructor(fixture: BookFixture, shop: BookShop) {
    this.fixture = fixture;
    this.shop = shop;
  }

  async begin(stocks: readonly { item: string; held: number; available: number | null }[]): Promise<void> {
    for (const stock of stocks) {
      this.model.held.set(stock.item, stock.held);
      if (stock.available !== null) this.model.available.set(stock.item, stock.available);
      await this.shop.stock(stock.item, stock);
    }
  }

  #hold(place: number): [ModelHold, string] | null {
    const hold = this.model.holds[place % Math.max(1, this.model.holds.length)];
    const id = hold && this.ids.get(hold);
    return hold && id !== undefined ? [hold, id] : null;
  }

  async step(step: Operation): Promise<void> {
    const { model, shop } = this;
    const { book, database } = this.fixture;
    switch (step.kind) {
      case "reserve":
        return this.#reserve(step.wishes);
      case "pass":
        model.now += step.hours;
        return shop.pass(step.hours * HOUR);
      case "observe":
        model.available.set(step.item, step.available);
        return see(database, shop.installId, step.item, step.available);
      case "expire":
        return this.#expire(step.limit);
      case "end move":
        return this.#endMove(step.applied);
      case "shrink": {
        const free = model.shrink(step.item);
        const move = { inventoryItemId: step.item, locationId: LOCATION, delta: -free, traceId: "t" };
        if (free > 0) await database.transaction((tx) => askForMoves(tx, shop.installId, [move]));
        return;
      }
      default:
        break;
    }
    const found = this.#hold(step.which);
    if (!found) return;
    const [hold, id] = found;
    if (step.kind === "settle") {
      if (hold.state !== "committed" || hold.settled) return;
      model.settle(hold);
      await database.transaction((tx) => giveBack(tx, [id]));
    } else if (step.kind === "commit") {
      const said = model.commit(hold, step.body, step.from);
      const outcome = await book.commit({ installId: shop.installId, reservationId: id, commitHash: step.body, orderId: null, paymentReference: null, createOrder: null, promiseFrom: step.from, by: "api" });
      deepEqual(inWords(outcome), said);
    } else {
      const said = step.kind === "extend" ? model.extend(hold, step.ttl) : model.release(hold);
      const outcome = step.kind === "extend" ? await book.extend(shop.installId, id, step.ttl * HOUR) : await book.release(shop.installId, id, "api");
      deepEqual(outcome.kind, said);
    }
  }

  async #reserve(wishes: Extract<Operation, { kind: "reserve" }>["wishes"]): Promise<void> {
    const requests = wishes.map((each, place): ModelRequest => {
      const again = each.again === null ? undefined : this.model.holds[each.again % Math.max(1, this.model.holds.length)];
      // Where there is none yet, the same key for all that want one again.
      const key = again?.request.key ?? (each.again === null ? `${this.model.now}/${this.model.holds.length}/${place}/${this.#nth++}` : "again");
      return { key, body: each.body, lines: each.lines, from: each.from, reference: each.limited, unitsMax: each.limited === null ? null : 5, ttl: each.ttl, first: each.first };
    });
    const said = this.model.reserve(requests);
    const { outcomes } = await this.fixture.book.reserve(requests.map((request) => this.#toRequest(request)));
    said.forEach((answer, place) => {
      const outcome = outcomes[place];
      if (answer.kind === "granted" && outcome?.kind === "granted") this.ids.set(answer.hold, outcome.reservation.id);
    });
    deepEqual(outcomes.map((outcome) => simplify(outcome)), said.map((answer) => this.#expected(answer)));
  }
  #nth = 0;

  #toRequest({ key, body, lines, from: promiseFrom, reference, unitsMax, ttl, first }: ModelRequest): ReserveRequest {
    return this.shop.request({}, {
      idempotencyKey: key,
      bodyHash: body,
      lines: lines.map((line) => ({ inventoryItemId: line.item, locationId: LOCATION, variantId: null, sku: null, quantity: line.quantity, counts: line.counts })),
      promiseFrom,
      reference,
      unitsPerReferenceMax: unitsMax,
      ttlSeconds: ttl * HOUR,
      asksFirst: first,
    });
  }

  #expected(answer: ModelAnswer): unknown {
    switch (answer.kind) {
      case "granted":
      case "seen_before":
        return { kind: answer.kind, id: this.ids.get(answer.hold), state: this.model.lapsed(answer.hold) ? "expired" : answer.hold.state };
      case "over_limit":
        return { kind: "over_limit", unitsHeld: answer.unitsHeld };
      default:
        return answer;
    }
  }

  /** Of those that lapsed at the same hour the model does not know who was first: it believes the book, when nobody older was left. */
  async #expire(limit: number): Promise<void> {
    const due = this.model.holds.filter((hold) => this.model.lapsed(hold));
    const { expiredCount } = await this.fixture.book.expireDue(limit);
    deepEqual(expiredCount, Math.min(limit, due.length));
    const states = await this.#states();
    const ended = due.filter((hold) => states.get(this.ids.get(hold) ?? "") === "expired");
    deepEqual(ended.length, expiredCount);
    const left = due.filter((hold) => !ended.includes(hold));
    deepEqual(left.every((hold) => ended.every((gone) => gone.until <= hold.until)), true);
    for (const hold of ended) hold.state = "expired";
  }

  async #states(): Promise<Map<string, string>> {
    const rows = await this.fixture.database.query<{ id: string; state: string }>(`SELECT id, state FROM reservations WHERE install_id = $1`, this.shop.installId);
    return new Map(rows.map(({ id, state }) => [id, state]));
  }

  /** As the pipeline books it: the change and the mirror together; the block follows by itself. Of several items the book says which is next. */
  async #endMove(applied: boolean): Promise<void> {
    const { database } = this.fixture;
    const moves = this.model.moves.length;
    const ended = await database.query<{ item: string; delta: number }>(
      `UPDATE changes SET state = $2, finished_at = now() WHERE id = (SELECT min(id) FROM changes WHERE install_id = $1 AND state = 'waiting') RETURNING inventory_item_id AS item, delta`,
      this.shop.installId,
      applied ? "applied" : "cancelled",
    );
    deepEqual(ended.length, Math.min(1, moves));
    const [move] = ended;
    if (!move) return;
    deepEqual(this.model.endMove(move.item, applied), move);
    if (applied) await database.execute(`UPDATE stock_levels SET available = available - $3 WHERE install_id = $1 AND inventory_item_id = $2`, this.shop.installId, move.item, move.delta);
  }

  async compareBlocks(): Promise<void> {
    const rows = await this.fixture.database.query<{ item: string; held: number; granted: number; settling: number; leaving: number; growing: number }>(
      `SELECT inventory_item_id AS item, held, granted, settling, leaving, growing FROM stock_blocks WHERE install_id = $1`,
      this.shop.installId,
    );
    const none = { held: 0, granted: 0, settling: 0, leaving: 0, growing: 0 };
    const counted = new Map(rows.map(({ item: name, ...counts }) => [name, counts]));
    deepEqual(Object.fromEntries(ITEMS.map((name) => [name, counted.get(name) ?? none])), Object.fromEntries(ITEMS.map((name) => [name, this.model.block(name)])));
  }

  async compareHolds(): Promise<void> {
    const rows = await this.fixture.database.query<{ id: string; state: string; late: boolean; refund: boolean }>(
      `SELECT id, state, late, refund_required AS refund FROM reservations WHERE install_id = $1 ORDER BY id`,
      this.shop.installId,
    );
    const said = this.model.holds.map((hold) => ({ id: this.ids.get(hold) ?? "", state: hold.state as string, late: hold.late, refund: hold.refund }));
    deepEqual(rows, said.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    // The next sequence of this database begins with nothing due.
    await this.fixture.book.expireDue(1_000);
    this.shop.mustAddUp(await this.shop.miscounts());
  }
}

function simplify(outcome: ReserveOutcome): unknown {
  switch (outcome.kind) {
    case "granted":
    case "seen_before":
      return { kind: outcome.kind, ...idAndState(outcome.reservation) };
    case "short":
      return { kind: "short", short: outcome.lines.map(({ inventoryItemId, locationId: _location, ...line }) => ({ item: inventoryItemId, ...line })) };
    case "over_limit":
      return { kind: "over_limit", unitsHeld: outcome.unitsHeld };
    default:
      return outcome;
  }
}

const idAndState = ({ id, state }: Reservation) => ({ id, state });

function inWords(outcome: CommitOutcome): string {
  if (outcome.kind === "committed") return outcome.first ? (outcome.reservation.late ? "committed late" : "committed") : "committed again";
  if (outcome.kind === "lapsed") return outcome.final ? "lapsed for good" : "lapsed, growing";
  return outcome.kind;
}

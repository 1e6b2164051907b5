// Ties: an order that names a reservation commits it, as its checkout would have done, whichever of the two comes first.
//
// `orders.tie_at` is the list of what is to be looked at, written by whoever merges an order. A row is taken for a while and struck off when
// its tie is made; a process that dies in between leaves it to the next, and a commit that is repeated changes nothing.

import { assertNever } from "#app/domain/invariant.ts";
import type { Settings } from "#app/domain/settings.ts";
import { WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { CommitOutcome, PromiseFrom } from "#app/ports/reservation-book.ts";
import { commitReservation } from "./reservation-book-commit.server.ts";
import { readReservation } from "./reservation-book-rows.ts";
import { writeReservationAudit } from "./settlement-book-audit.ts";

const LEASE = "30 seconds";
/** More units are on their way for a hold that lapsed: asked again behind them. */
const GROWING_FOR = "2 seconds";

interface Tie {
  readonly row_id: bigint;
  readonly install_id: bigint;
  readonly shop: string;
  readonly order_id: string;
  readonly reservation_id: string;
  readonly active: boolean;
  readonly scopes: string;
  readonly settings: Pick<Settings, "mode" | "reservations"> | null;
}

/** Rows that somebody is merging right now are left for the next round. */
const TAKE = `
UPDATE orders SET tie_at = now() + interval '${LEASE}' FROM installs
WHERE installs.id = orders.install_id AND orders.id IN (SELECT id FROM orders WHERE tie_at <= now() ORDER BY tie_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING orders.id AS row_id, orders.install_id, orders.shop, orders.order_id, orders.reservation_id, installs.state = 'active' AS active, installs.scopes,
  (SELECT document FROM settings_versions s WHERE s.install_id = installs.id ORDER BY s.version DESC LIMIT 1) AS settings`;

export async function makeTies(database: Database, limit: number): Promise<{ readonly tied: number; readonly shopsToWake: readonly string[] }> {
  const ties = await database.query<Tie>(TAKE, limit);
  const shopsToWake = new Set<string>();
  const growing: bigint[] = [];
  const over: bigint[] = [];
  let tied = 0;
  for (const tie of ties) {
    const end = tie.active ? await makeTie(database, tie) : "ignored";
    if (end === "tied") tied += 1;
    if (end === "growing") shopsToWake.add(tie.shop);
    (end === "growing" ? growing : over).push(tie.row_id);
  }
  if (growing.length > 0) await database.execute(SET_TIE_AT(`now() + interval '${GROWING_FOR}'`), growing);
  if (over.length > 0) await database.execute(SET_TIE_AT("NULL"), over);
  return { tied, shopsToWake: [...shopsToWake] };
}

/** Locked in their order first: an UPDATE takes rows as it finds them. */
const SET_TIE_AT = (value: string) => `UPDATE orders SET tie_at = ${value} WHERE id IN (SELECT id FROM orders WHERE id = ANY($1) ORDER BY id FOR UPDATE)`;

type TieEnd = "tied" | "growing" | "ignored";

async function makeTie(database: Database, tie: Tie): Promise<TieEnd> {
  const outcome = await commitReservation(database, {
    installId: tie.install_id,
    reservationId: tie.reservation_id,
    commitHash: null,
    orderId: tie.order_id,
    paymentReference: null,
    createOrder: null,
    promiseFrom: promiseFromOf(tie),
    by: "order",
  });
  if (outcome.kind === "lapsed" && !outcome.final) return "growing";
  return database.transaction((tx) => bookTie(tx, tie, outcome));
}

async function bookTie(tx: SqlExecutor, tie: Tie, outcome: CommitOutcome): Promise<TieEnd> {
  switch (outcome.kind) {
    case "not_found":
      // Another shop's, one that was never made, or a person's own writing.
      return "ignored";
    case "released":
    case "lapsed":
      // Its units may be another's by now. The order took its stock all the same; if that was too much, the oversell says so by itself.
      await writeReservationAudit(tx, tie.reservation_id, "reservation_order_without_hold", { orderId: tie.order_id });
      return "ignored";
    case "committed":
    case "other_body":
      return learnOrder(tx, tie);
    default:
      return assertNever(outcome);
  }
}

/** The reservation was committed before its order was known: by a checkout that has no number yet, or with an order of our own making. */
async function learnOrder(tx: SqlExecutor, { install_id: installId, order_id: orderId, reservation_id: id }: Tie): Promise<TieEnd> {
  const booked = await readReservation(tx, installId, id, "lock");
  if (!booked || booked.stored !== "committed") return "ignored";
  const known = booked.reservation.orderId;
  if (known !== null && known !== orderId) {
    await writeReservationAudit(tx, id, "reservation_ordered_twice", { orderId });
    return "ignored";
  }
  if (known === null) {
    await tx.execute(
      `UPDATE reservations SET order_id = $2, settlement = CASE WHEN settlement IN ('order', 'person') THEN 'take' ELSE settlement END,
         settle_at = CASE WHEN settlement IN ('order', 'person', 'take') THEN now() END WHERE id = $1::uuid`,
      id,
      orderId,
    );
  }
  // Our own order, told of before its answer came, or instead of it: nothing is left to be looked for.
  const found = await tx.execute(
    `UPDATE reservation_orders SET state = 'created', order_id = $2, failure = NULL, look_at = NULL, finished_at = now()
     WHERE reservation_id = $1::uuid AND state IN ('sending', 'unknown', 'person')`,
    id,
    orderId,
  );
  if (found > 0) await writeReservationAudit(tx, id, "reservation_order_created", { orderId });
  return "tied";
}

function promiseFromOf({ settings, scopes }: Tie): PromiseFrom {
  return settings?.mode === "enforce" && settings.reservations.mirrorInShopify && scopes.split(",").includes(WRITE_SCOPE) ? "block" : "local";
}

// The settlement book on PostgreSQL: first ties, so that what they commit is settled in the same round, then what waits for its order.

import type { Database } from "#app/ports/database.ts";
import type { SettlementBook } from "#app/ports/reservation-book.ts";
import { decideSettlement } from "./settlement-book-decide.server.ts";
import { settleWaiting } from "./settlement-book-settle.server.ts";
import { makeTies } from "./settlement-book-ties.server.ts";

export function createSettlementBook(database: Database): SettlementBook {
  return {
    async settleDue(limit) {
      const ties = await makeTies(database, limit);
      const settled = await database.transaction((tx) => settleWaiting(tx, limit));
      return { tied: ties.tied, settled: settled.settled, undecided: settled.undecided, shopsToWake: [...new Set([...ties.shopsToWake, ...settled.shopsToWake])] };
    },
    decide: (request) => database.transaction((tx) => decideSettlement(tx, request)),
  };
}

// News of stocks: whoever learns something that bears on a stock's history marks it, in the same transaction, to be judged after a while.

import type { SqlExecutor } from "#app/ports/database.ts";
import { prepared } from "./prepared-statements.ts";

export interface StockNews {
  readonly inventoryItemId: string;
  readonly locationId: string;
  /** From when on the history is to be looked at again. */
  readonly at: Date | string;
}

/**
 * Row locks: judgements by item and location, after levels. A judgement under way has its `due_at` and `from_at` at infinity, so what arrives
 * meanwhile is told apart from what it looks at; one that waits keeps the earlier moment, so steady traffic cannot put it off for ever.
 */
export async function markForJudgement(tx: SqlExecutor, installId: bigint, news: readonly StockNews[], settleMs: number): Promise<void> {
  if (news.length === 0) return;
  await tx.execute(
    prepared(`INSERT INTO stock_judgements (install_id, inventory_item_id, location_id, due_at, from_at)
     SELECT $1, n.item, n.location, now() + $5 * interval '1 millisecond', min(n.at)
     FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS n(item, location, at)
     GROUP BY n.item, n.location ORDER BY n.item, n.location
     ON CONFLICT (install_id, inventory_item_id, location_id) DO UPDATE
       SET due_at = least(stock_judgements.due_at, excluded.due_at), from_at = least(stock_judgements.from_at, excluded.from_at)`),
    installId,
    news.map((one) => one.inventoryItemId),
    news.map((one) => one.locationId),
    news.map((one) => one.at),
    settleMs,
  );
}

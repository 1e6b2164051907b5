// An order as its row: the columns that stages read, and the form in which the pipeline sees them.

import type { LinePlan } from "#app/domain/line-plan.ts";
import type { OrderMode } from "#app/domain/order-mode.ts";
import type { OrderState } from "#app/domain/order-state.ts";
import type { DueOrder } from "#app/ports/order-book.ts";

export interface OrderRow {
  id: bigint;
  order_id: string;
  name: string | null;
  snapshot: OrderState;
  pins: Record<string, LinePlan>;
  mode: OrderMode | null;
  settings_version: number | null;
  first_seen_at: Date;
}

export const ORDER_COLUMNS = "id, order_id, name, snapshot, pins, mode, settings_version, first_seen_at";

export function toDueOrder(row: OrderRow, { bookedBefore = false, madeByUs = false } = {}): DueOrder {
  return {
    rowId: row.id,
    orderId: row.order_id,
    name: row.name,
    state: row.snapshot,
    pins: row.pins,
    mode: row.mode,
    settingsVersion: row.settings_version,
    firstSeenAt: row.first_seen_at,
    bookedBefore,
    madeByUs,
  };
}

/** Condition on `orders`: blocked although nothing blocks it. An order is blocked as long as one of its changes is open: claimed, or parked with an unknown outcome. */
export const NOTHING_TO_WAIT_FOR = `state = 'blocked' AND NOT EXISTS (
  SELECT 1 FROM changes
  WHERE changes.install_id = orders.install_id AND changes.order_id = orders.order_id
    AND (changes.state = 'claimed' OR (changes.state = 'parked' AND changes.outcome_unknown)))`;

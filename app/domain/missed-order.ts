// Whether an order in Shopify's list holds something that no notification has told: the back-fill's question.

import { changingParts, isPaidStatus, needsRead, type OrderState, type OrderVersion } from "./order-state.ts";

/** An order as the scan lists it: cheap fields only, enough to tell whether it is worth a read. */
export interface ListedOrder {
  readonly orderId: string;
  /** ISO 8601, whole seconds. */
  readonly updatedAt: string;
  readonly cancelledAt: string | null;
  readonly financialStatus: string | null;
  /** Units left over all lines but gift cards. */
  readonly currentUnits: number;
  /** Units ever ordered; Shopify does not say whether edits count. */
  readonly orderedUnits: number;
}

/**
 * True when the order is worth a read. Two updates may share a second, so an equal time proves nothing by itself: then what can be
 * compared for nothing must agree too. Whatever an update does to stock shows there: what is added raises the units ordered, what is
 * removed or refunded lowers those left. A false alarm costs a read and changes nothing.
 */
export function looksMissed(state: OrderState, listed: ListedOrder): boolean {
  // An open question is answered by a read of the order as it is then.
  if (needsRead(state)) return false;
  const { version } = state;
  if (!version) return true;
  const ahead = Date.parse(listed.updatedAt) - Date.parse(version.updatedAt);
  // The search may run behind what notifications told.
  if (ahead !== 0) return ahead > 0;
  const units = unitsOf(version);
  return (
    (listed.cancelledAt !== null && state.cancelledAt === null) ||
    (isPaidStatus(listed.financialStatus) && !state.paid) ||
    listed.currentUnits !== units.current ||
    listed.orderedUnits > units.ordered
  );
}

function unitsOf(version: OrderVersion): { readonly current: number; readonly ordered: number } {
  const counted = version.lines.filter((line) => !line.giftCard);
  return {
    current: counted.reduce((sum, line) => sum + (line.currentQuantity ?? line.quantity), 0),
    ordered: counted.reduce((sum, line) => sum + line.quantity, 0),
  };
}

export type MissedKind = "unseen" | "changed";

/** What a read has told that was not known; null when nothing of it bears on stock. */
export function missedKind(before: OrderState, after: OrderState): MissedKind | null {
  if (!before.version) return after.version ? "unseen" : null;
  return changingParts(before) === changingParts(after) ? null : "changed";
}

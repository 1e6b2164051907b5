// What the block on an order's page shows and does: the order's stock record, where it goes short, and holding or releasing its fulfilment as the person who clicks.

import type { ActiveInstall, DashboardDependencies } from "#app/dashboard/dependencies.ts";
import { plural } from "#app/dashboard/formatting.ts";
import { loadHoldsOfOrder } from "#app/dashboard/holds-page.server.ts";
import { tellOrder } from "#app/dashboard/order-record.ts";
import { mayHold } from "#app/dashboard/oversell-acts.server.ts";
import { FULFILMENT_HOLD_TERMS, HOLD_CONSEQUENCES, holdRefusalText, RELEASE_CONSEQUENCES } from "#app/dashboard/oversell-terms.ts";
import { holdStanding, itemName, ordersOf, oversellHeading } from "#app/dashboard/oversell-view.ts";
import { readOrderReceipt } from "#app/dashboard/queries/order-receipt.server.ts";
import { listOversellCards, type OversellCardRow } from "#app/dashboard/queries/list-oversell-cards.server.ts";
import { findOversell, readHoldsOf, readOrdersNow } from "#app/dashboard/queries/oversell-detail.server.ts";
import { termFor } from "#app/dashboard/terms.ts";

import { blockTone, effectText, toBlockHold } from "./block-texts.ts";
import type { BlockShortage, OrderStockAnswer } from "./extension-answers.ts";

const LINES_MAX = 8;
/** Oversells that know of the order, and are looked at. */
const INCIDENTS_MAX = 10;

type Dependencies = Pick<DashboardDependencies, "database" | "clock">;

/** Null when nothing was ever received about the order in this install. `orderId`: decimal. */
export async function readOrderStock(dependencies: Dependencies, install: ActiveInstall, orderId: string): Promise<OrderStockAnswer | null> {
  const receipt = await readOrderReceipt(dependencies.database, install.installId, orderId);
  if (receipt === null) return null;
  const [holds, shortages] = await Promise.all([loadHoldsOfOrder(dependencies, install, orderId), readShortages(dependencies, install, orderId)]);
  const record = tellOrder(receipt);
  const nowMs = dependencies.clock.now().getTime();
  return {
    verdict: { ...record.verdict, tone: blockTone(record.verdict.tone) },
    lines: record.lines.slice(0, LINES_MAX).map((line) => ({ key: line.key, item: line.item, location: line.location, effect: effectText(line) })),
    moreLines: Math.max(0, record.lines.length - LINES_MAX),
    shortages,
    holds: holds.map((hold) => toBlockHold(hold, nowMs)),
    mayHold: mayHold(install.scopes),
    consequences: { hold: HOLD_CONSEQUENCES.join(" "), release: RELEASE_CONSEQUENCES.join(" ") },
    page: `/app/history/orders/${orderId}`,
  };
}

/** The order in the oversells that it is short in, or was held for; the newest first. */
async function readShortages({ database }: Dependencies, { installId }: ActiveInstall, orderId: string): Promise<BlockShortage[]> {
  const { items } = await listOversellCards(database, { installId, filter: { view: "all", search: orderId }, page: { direction: "newest", limit: INCIDENTS_MAX } });
  const found = await Promise.all(items.map((card) => readShortage(database, installId, orderId, card)));
  return found.filter((one) => one !== null);
}

async function readShortage(database: Dependencies["database"], installId: bigint, orderId: string, card: OversellCardRow): Promise<BlockShortage | null> {
  const incident = await findOversell(database, installId, card.id);
  const order = incident === null ? undefined : ordersOf(incident.orders).find((one) => one.orderId === orderId);
  const [holds, [now]] = await Promise.all([readHoldsOf(database, installId, card.id), readOrdersNow(database, installId, card.inventoryItemId, [orderId])]);
  const ofOrder = holds.filter((hold) => hold.orderId === orderId);
  const hold = holdStanding(ofOrder);
  const canRelease = hold === "held" || hold === "asked";
  const short = order !== undefined && order.verdict === "short" && card.state === "open";
  if (!short && !canRelease) return null;
  const location = card.locationName ?? `Location ${card.locationId}`;
  const term = hold === "none" ? null : termFor(FULFILMENT_HOLD_TERMS, hold);
  const refusal = hold === "failed" ? holdRefusalText(ofOrder.findLast(({ state }) => state === "failed")?.reason ?? null) : null;
  return {
    oversellId: String(card.id),
    heading: oversellHeading({ ...card, item: itemName(card), location }),
    text: order === undefined || order.unitsShort === 0 ? "This order is not short any more." : `${plural(order.unitsShort, "unit")} short${order.units > order.unitsShort ? ` of ${order.units}` : ""}`,
    hold: term === null ? null : { state: term.label, tone: blockTone(term.tone), text: refusal },
    // The same as on the oversell's own page.
    canHold: short && hold !== "held" && now?.unitsOpen !== 0,
    canRelease,
    page: `/app/oversells/${card.id}`,
  };
}

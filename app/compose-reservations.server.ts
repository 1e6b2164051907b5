// The reservations' part of the composition: the books, the batches, and what is known before units are asked for.

import { randomUUID } from "node:crypto";

import { type BriefFacts, rememberPlaces } from "#app/compose-brief-facts.server.ts";
import { createBlockBook } from "#app/adapters/prisma/block-book.server.ts";
import { createOrderMakingBook } from "#app/adapters/prisma/order-makings.server.ts";
import { createReservationBook } from "#app/adapters/prisma/reservation-book.server.ts";
import { createSettlementBook } from "#app/adapters/prisma/settlement-book.server.ts";
import { createStockView } from "#app/adapters/prisma/stock-view.server.ts";
import { createOrderMaker } from "#app/adapters/shopify/order-maker.server.ts";
import { readAnew } from "#app/pipeline/read-anew.server.ts";
import type { TurnPorts } from "#app/pipeline/turn-context.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";
import type { Database } from "#app/ports/database.ts";
import type { BlockBook, SettlementBook } from "#app/ports/reservation-book.ts";
import type { StockPlace } from "#app/ports/shopify-inventory.ts";
import type { Waker } from "#app/ports/waker.ts";
import { createVariantKnowledge } from "#app/reservations/know-variants.server.ts";
import { createObserveOnce } from "#app/reservations/observe-once.server.ts";
import { rememberBriefly } from "#app/reservations/remember-briefly.ts";
import type { ReservingInstall } from "#app/reservations/reservation-ports.ts";
import { createReservationBatcher } from "#app/reservations/reservation-batcher.server.ts";
import type { ReservePorts } from "#app/reservations/reserve-stock.server.ts";
import { createBlockWatch } from "#app/reservations/watch-blocks.server.ts";
import type { DecoratePort } from "#app/steps.ts";

export interface ReservationParts {
  readonly database: Database;
  readonly adminApi: AdminApi;
  readonly turnPorts: TurnPorts;
  readonly waker: Waker;
  readonly briefFacts: BriefFacts;
  readonly decorate: DecoratePort;
}

export function composeReservations({ database, adminApi, turnPorts, waker, briefFacts, decorate }: ReservationParts) {
  const { orders, locations, shopifyOrders, shopifyInventory, budget, clock, logger, metrics } = turnPorts;
  const book = decorate("reservations", createReservationBook(database));
  const view = rememberPlaces(decorate("stockView", createStockView(database)), clock);
  const known = { view, orders, shopifyOrders, budget, clock, logger, metrics };
  return {
    ...known,
    book,
    ...briefFacts,
    locations,
    shopifyInventory,
    waker,
    uuid: randomUUID,
    orderMaker: decorate("orderMaker", createOrderMaker(adminApi)),
    blocks: decorate("blocks", createBlockBook(database)),
    settlements: decorate("settlements", createSettlementBook(database)),
    orderMakings: decorate("orderMakings", createOrderMakingBook(database)),
    // A wake that is lost is repaired by the sweeper.
    batcher: createReservationBatcher(book, { clock, logger, wake: (shops) => void waker.wakeMany(shops) }),
    watch: createBlockWatch({ view, clock, logger }),
    observe: createObserveOnce((install, places) => readLevels(turnPorts, install, places), clock),
    knowVariants: rememberBriefly(createVariantKnowledge(known), { clock, keyOf: ({ installId }, wanted) => JSON.stringify([String(installId), wanted]), isKept: ({ complete }) => complete }),
  } satisfies ReservePorts & { settlements: SettlementBook; blocks: BlockBook };
}

async function readLevels(ports: TurnPorts, install: ReservingInstall, places: readonly StockPlace[]): Promise<boolean> {
  const { idsMax } = ports.shopifyInventory.limits.levels;
  for (let from = 0; from < places.length; from += idsMax) {
    const read = await readAnew({ install, ports }, places.slice(from, from + idsMax), ports.uuid());
    if (read.kind === "later") return false;
  }
  return true;
}

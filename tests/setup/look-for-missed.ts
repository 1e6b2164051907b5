// The back-fill taken by hand: rounds of one shop until everything was looked through.
import { backfillOrders, type BackfillPorts } from "#app/pipeline/backfill-orders.server.ts";
import type { House, HouseShop } from "./house.ts";

/** Ahead of the simulated world's clock by more than the grace, so that what just happened is old enough to be looked for. */
const AHEAD_MS = 10 * 60_000;
const ROUNDS_MAX = 200;

export interface Looked {
  readonly unseenCount: number;
  readonly changedCount: number;
  readonly examinedCount: number;
  readonly roundCount: number;
}

export async function lookForMissed(house: House, shop: Pick<HouseShop, "shop">, options: { readonly aheadMs?: number; readonly ports?: Partial<BackfillPorts> } = {}): Promise<Looked> {
  const { backfill } = house.composed;
  const clock = { now: () => new Date(Date.parse(house.simulator.control.clock().now) + (options.aheadMs ?? AHEAD_MS)) };
  const ports: BackfillPorts = { ...backfill, clock, ...options.ports };
  const looked = { unseenCount: 0, changedCount: 0, examinedCount: 0, roundCount: 0 };
  for (let count = 0; count < ROUNDS_MAX; count += 1) {
    const scan = await ports.scans.find(shop.shop);
    if (!scan) throw new Error(`the app is not installed in ${shop.shop}`);
    const round = await backfillOrders(ports, { scan, signal: new AbortController().signal, actor: "holdfast", keepPosition: true, dryRun: null });
    looked.unseenCount += round.missed.unseen.length;
    looked.changedCount += round.missed.changed.length;
    looked.examinedCount += round.examinedCount;
    looked.roundCount += 1;
    if (round.complete) return looked;
    // The shop's points are spent for now; the world's clock brings new ones.
    if (round.dueInMs > 0) house.simulator.control.setClock({ advanceMs: round.dueInMs });
  }
  throw new Error(`${shop.shop} was not looked through after ${ROUNDS_MAX} rounds`);
}

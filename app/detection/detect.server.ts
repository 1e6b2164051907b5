// One round of detection over all shops: what orders mean, then what became of stock. Bounded; whoever runs it asks again while there is more.

import { holdAutomatically, type OversellActPorts } from "./act-on-oversell.server.ts";
import { type JudgedStocks, judgeStocks, type JudgeStocksPorts, tellConflicts } from "./judge-stocks.server.ts";
import { observeOrders, type ObserveOrdersPorts } from "./observe-orders.server.ts";

export interface DetectionPorts extends ObserveOrdersPorts, JudgeStocksPorts, OversellActPorts {
  readonly shopifyOrders: ObserveOrdersPorts["shopifyOrders"] & JudgeStocksPorts["shopifyOrders"];
}

export interface Detected extends JudgedStocks {
  readonly orderCount: number;
  /** Overwrites that people were told of. */
  readonly toldCount: number;
  /** Orders whose fulfilment was held because the merchant switched that on. */
  readonly heldCount: number;
}

/** Orders first: an order that is known explains what was seen of its stock. */
export async function detect(ports: DetectionPorts, signal: AbortSignal): Promise<Detected> {
  await ports.rush.giveWay(signal);
  const orderCount = await observeOrders(ports, signal);
  const judged = await judgeStocks(ports, signal);
  const toldCount = await tellConflicts(ports);
  const heldCount = await holdAutomatically(ports, signal);
  return { ...judged, orderCount, toldCount, heldCount };
}

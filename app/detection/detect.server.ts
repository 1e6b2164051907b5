// One round of detection over all shops: what orders mean, then what became of stock. Bounded; whoever runs it asks again while there is more.

import { type JudgedStocks, judgeStocks, type JudgeStocksPorts } from "./judge-stocks.server.ts";
import { observeOrders, type ObserveOrdersPorts } from "./observe-orders.server.ts";

export interface DetectionPorts extends ObserveOrdersPorts, JudgeStocksPorts {}

export interface Detected extends JudgedStocks {
  readonly orderCount: number;
}

/** Orders first: an order that is known explains what was seen of its stock. */
export async function detect(ports: DetectionPorts, signal: AbortSignal): Promise<Detected> {
  const orderCount = await observeOrders(ports, signal);
  const judged = await judgeStocks(ports, signal);
  return { ...judged, orderCount };
}

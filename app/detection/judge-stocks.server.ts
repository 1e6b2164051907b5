// One step of detection: stocks with news are judged (who changed them, what was overwritten), then each item's oversells are opened, changed or closed.

import pMap from "p-map";

import { judgeHistory } from "#app/domain/detection/judge-history.ts";
import type { Settings } from "#app/domain/settings.ts";
import { sourceKeyOf } from "#app/domain/settings.ts";
import { callWithinBudget } from "#app/pipeline/call-within-budget.server.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { Rush } from "#app/ports/rush.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";
import type { ShopifyInventory, StockLevel, StockPlace } from "#app/ports/shopify-inventory.ts";
import type { ShopifyOrders } from "#app/ports/shopify-orders.ts";
import type { OpenOrderUnits, OversellBook, SettledOversell, StockHistory, StockToJudge, StockWatch } from "#app/ports/stock-watch.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";
import { type Asked, askForPreorders } from "./ask-for-preorders.server.ts";
import { decideOversells } from "./decide-oversells.ts";

export interface JudgeStocksPorts {
  readonly stockWatch: StockWatch;
  readonly oversells: OversellBook;
  readonly settings: Pick<SettingsStore, "current">;
  readonly shopifyInventory: Pick<ShopifyInventory, "readLevels" | "limits">;
  readonly shopifyOrders: Pick<ShopifyOrders, "readSoldByPlan" | "readPreorders" | "limits">;
  readonly budget: CostBudget;
  readonly rush: Pick<Rush, "giveWay">;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface JudgeStocksLimits {
  readonly stocksMax: number;
  readonly leaseMs: number;
}

export const JUDGE_STOCKS_LIMITS: JudgeStocksLimits = { stocksMax: 100, leaseMs: 60_000 };
/** Items judged at once; each is a few short statements, and the turns need connections, too. */
const ITEMS_AT_ONCE = 2;

export interface JudgedStocks {
  readonly stockCount: number;
  readonly conflictCount: number;
  readonly settled: readonly (SettledOversell & { readonly installId: bigint; readonly shop: string })[];
}

export async function judgeStocks(ports: JudgeStocksPorts, signal: AbortSignal, limits: JudgeStocksLimits = JUDGE_STOCKS_LIMITS): Promise<JudgedStocks> {
  const stocks = await ports.stockWatch.take(limits.stocksMax, limits.leaseMs);
  const items = [...Map.groupBy(stocks, ({ installId, inventoryItemId }) => `${installId}/${inventoryItemId}`).values()];
  const judged = await pMap(items, (ofItem) => judgeItem(ports, ofItem, signal), { concurrency: ITEMS_AT_ONCE });
  return {
    stockCount: stocks.length,
    conflictCount: judged.reduce((sum, { conflictCount }) => sum + conflictCount, 0),
    settled: judged.flatMap(({ settled }) => settled),
  };
}

/** Many overwrites are none once a late notification came: people are told of those that stand. */
const CONFLICT_GRACE_MS = 60_000;
const CONFLICTS_TOLD_MAX = 100;

/** One step: people are told of overwrites that have stood. Answers how many. */
export async function tellConflicts({ stockWatch, metrics }: Pick<JudgeStocksPorts, "stockWatch" | "metrics">): Promise<number> {
  const toldCount = await stockWatch.tellConflicts(CONFLICTS_TOLD_MAX, CONFLICT_GRACE_MS);
  if (toldCount > 0) metrics.conflict(toldCount);
  return toldCount;
}

/** An item that fails stops no other: its lease runs out and it comes again. */
async function judgeItem(ports: JudgeStocksPorts, stocks: readonly StockToJudge[], signal: AbortSignal): Promise<Omit<JudgedStocks, "stockCount">> {
  const [first] = stocks;
  // A step's items keep PostgreSQL busy for a second and more: a rush that begins meanwhile is not made to wait for the last of them.
  await ports.rush.giveWay(signal);
  if (!first || signal.aborted) return { conflictCount: 0, settled: [] };
  try {
    let conflictCount = 0;
    const standings: Asked[] = [];
    for (const stock of stocks) {
      const judged = await judgeStock(ports, stock, signal);
      conflictCount += judged.conflictCount;
      standings.push(judged.asked);
    }
    const { settled, asked } = await settleItem(ports, first, signal);
    for (const { kind, what } of settled) if (what !== "changed") ports.metrics.oversell(kind, what);
    // What could not be asked is asked again when the lease has run out.
    if (asked === "asked" && !standings.includes("wait")) await ports.stockWatch.finish(stocks);
    return { conflictCount, settled: settled.map((one) => ({ ...one, installId: first.installId, shop: first.shop })) };
  } catch (cause) {
    ports.logger.error({ shop: first.shop, inventoryItemId: first.inventoryItemId, cause }, "a stock could not be judged; it is tried again");
    return { conflictCount: 0, settled: [] };
  }
}

async function judgeStock(ports: JudgeStocksPorts, stock: StockToJudge, signal: AbortSignal): Promise<{ readonly conflictCount: number; readonly asked: Asked }> {
  const history = await ports.stockWatch.history(stock);
  // A number that is known to be an older one, and for whose successor there were no points, would stand until somebody buys again.
  const asked = isUndecided(history) || isOvertaken(history) ? await readAgain(ports, stock, [stock], signal) : "asked";
  const judgement = judgeHistory(history);
  const isNew = judgement.overwrites.some(({ observationId }) => !history.knownOverwrites.has(observationId));
  if (!isNew) return { conflictCount: await ports.stockWatch.recordJudgement(stock, history, judgement), asked };
  // A draft order's reservation that lapses looks the same in `available`: only `reserved` tells them apart, and only a read shows it.
  const withReservations = await readReservation(ports, stock, history, signal);
  return { conflictCount: await ports.stockWatch.recordJudgement(stock, withReservations, judgeHistory(withReservations)), asked };
}

/** Two numbers of one moment are the last that was heard: the mirror holds one of them, and nothing says that it is the later. */
function isUndecided({ observations }: StockHistory): boolean {
  const last = observations.at(-1);
  return last !== undefined && observations.some(({ atMs, available }) => atMs === last.atMs && available !== last.available);
}

/** What surely moved the stock since the last number was told of it without a notification of its own: the number is an older one. */
function isOvertaken({ observations, effects }: StockHistory): boolean {
  const last = observations.at(-1);
  return last !== undefined && effects.some(({ expected, after, atMs }) => expected && after === null && atMs > last.atMs);
}

async function readReservation(ports: JudgeStocksPorts, stock: StockToJudge, history: StockHistory, signal: AbortSignal): Promise<StockHistory> {
  const levels = await readLevels(ports, stock, [stock], signal);
  const level = levels === "wait" ? undefined : levels[0];
  if (!level?.reservedUpdatedAt) return history;
  const secondMs = Math.floor(Date.parse(level.reservedUpdatedAt) / 1_000) * 1_000;
  return { ...history, reservationsMs: [...history.reservationsMs, secondMs + 500] };
}

interface ItemSettled {
  readonly settled: readonly SettledOversell[];
  readonly asked: Asked;
}

/** Before an incident opens, what Shopify has now is read: the notification of what put it right may be lost or on its way. Before one is told of, which of its lines are preorders. */
async function settleItem(ports: JudgeStocksPorts, stock: StockToJudge, signal: AbortSignal): Promise<ItemSettled> {
  const settings = await ports.settings.current(stock.installId);
  const item = { installId: stock.installId, shop: stock.shop, inventoryItemId: stock.inventoryItemId, confirmedSources: confirmedSources(settings) };
  const options = { policy: settings.oversell.shortPolicy, ignoreContinuePolicy: settings.oversell.ignoreContinuePolicy };
  let toVerify: readonly StockPlace[] = [];
  let toAsk: readonly OpenOrderUnits[] = [];
  const settled = await ports.oversells.settle(item, (facts) => {
    const decision = decideOversells(facts, options);
    const known = new Set(facts.open.map(({ locationId }) => locationId));
    toVerify = decision.report.some(({ locationId }) => !known.has(locationId)) ? facts.locations.map(({ locationId }) => ({ inventoryItemId: stock.inventoryItemId, locationId })) : [];
    toAsk = decision.report.length > 0 ? facts.orders.filter((order) => order.toAsk !== null) : [];
    return toVerify.length + toAsk.length > 0 ? null : decision;
  });
  if (toVerify.length + toAsk.length === 0) return { settled, asked: "asked" };
  const verified = toVerify.length > 0 ? await readAgain(ports, stock, toVerify, signal) : "asked";
  const asked = toAsk.length > 0 ? await askForPreorders(ports, stock, toAsk, signal) : "asked";
  if (asked === "wait") return { settled, asked };
  // What was told is told of at once; what could not be verified is looked at again.
  return { settled: await ports.oversells.settle(item, (facts) => decideOversells(facts, options)), asked: verified === "wait" ? verified : asked };
}

async function readAgain(ports: JudgeStocksPorts, stock: StockToJudge, places: readonly StockPlace[], signal: AbortSignal): Promise<Asked> {
  const levels = await readLevels(ports, stock, places, signal);
  if (levels === "wait") return "wait";
  if (levels.length > 0) await ports.stockWatch.recordReads(stock.installId, levels);
  return "asked";
}

/** `wait`: they cannot be read now. Empty when Shopify refuses them: what was told stands, because it would refuse again. */
async function readLevels(ports: JudgeStocksPorts, { shop }: StockToJudge, places: readonly StockPlace[], signal: AbortSignal): Promise<readonly StockLevel[] | "wait"> {
  const { shopifyInventory } = ports;
  const asked = places.slice(0, shopifyInventory.limits.levels.idsMax);
  const called = await callWithinBudget(ports, shop, shopifyInventory.limits.levels.estimateCost(asked.length), () => shopifyInventory.readLevels({ shop, signal }, asked));
  if (called.kind === "later") return "wait";
  if (called.result.kind === "ok") return called.result.found;
  ports.logger.warn({ shop, failure: called.result }, "detection could not read levels");
  return called.result.kind === "refused" ? [] : "wait";
}

function confirmedSources(settings: Settings): readonly string[] {
  return settings.deduct.sources.filter(({ confirmedBypass }) => confirmedBypass).map((source) => sourceKeyOf(source));
}

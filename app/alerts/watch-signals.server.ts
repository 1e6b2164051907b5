// Beside the incidents of stock: the operation's own figures, shop by shop, held against the thresholds of those who want to know.

import { thresholdOf } from "#app/domain/alert-thresholds.ts";
import { judgeSignal } from "#app/domain/judge-signal.ts";
import { SIGNAL_KINDS, type WatchedShop } from "#app/ports/alert-signals.ts";
import type { AlertPorts } from "./alert-ports.ts";

/** One step over at most `shopsPerStepMax` shops after `afterId`; answers where the next one begins, null when all were looked at. */
export async function watchSignals(ports: Pick<AlertPorts, "signals" | "limits" | "logger">, afterId: bigint, signal: AbortSignal): Promise<bigint | null> {
  const shops = await ports.signals.shops(afterId, ports.limits.shopsPerStepMax);
  for (const shop of shops) {
    if (signal.aborted) return null;
    try {
      await watchShop(ports, shop);
    } catch (cause) {
      ports.logger.error({ shop: shop.shop, cause }, "a shop's figures could not be judged; it is repeated");
    }
  }
  const last = shops.at(-1);
  if (last === undefined || shops.length < ports.limits.shopsPerStepMax) {
    await ports.signals.forget();
    return null;
  }
  return last.installId;
}

async function watchShop({ signals, logger }: Pick<AlertPorts, "signals" | "logger">, shop: WatchedShop): Promise<void> {
  const figures = await signals.figures(shop.installId);
  for (const kind of SIGNAL_KINDS) {
    const figure = figures[kind];
    const thresholds = shop.alerts.filter((alert) => alert.on.includes(kind)).map((alert) => thresholdOf(alert, kind));
    // Most shops are calm most of the time: nothing is written for them.
    if (!shop.openKinds.includes(kind) && !thresholds.some((threshold) => figure > 0 && figure >= threshold)) continue;
    const stage = await signals.judge(shop, kind, figure, (state, nowMs) => judgeSignal(state, figure, thresholds, nowMs));
    if (stage !== null) logger.info({ shop: shop.shop, kind, stage, figure }, "a figure of the operation crossed its threshold");
  }
}

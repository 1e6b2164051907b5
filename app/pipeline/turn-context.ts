// What every stage of a turn is given: the shop's install, its settings, and the ports.

import type { Settings } from "#app/domain/settings.ts";
import type { Activity, TurnTally } from "#app/ports/activity.ts";
import type { BundleStockBook } from "#app/ports/bundle-stock-book.ts";
import type { ChangeLedger } from "#app/ports/change-ledger.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { ActiveInstall, InstallStore } from "#app/ports/install-store.ts";
import type { LocationBook } from "#app/ports/location-book.ts";
import type { Lock } from "#app/ports/lock.ts";
import type { OrderBook } from "#app/ports/order-book.ts";
import type { Rush } from "#app/ports/rush.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";
import type { ShopifyInventory } from "#app/ports/shopify-inventory.ts";
import type { ShopifyOrders } from "#app/ports/shopify-orders.ts";
import type { SourceBook } from "#app/ports/source-book.ts";
import type { StockWatch } from "#app/ports/stock-watch.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";
import type { Timings } from "#app/ports/timings.ts";

export interface TurnPorts {
  readonly installs: Pick<InstallStore, "active">;
  readonly settings: Pick<SettingsStore, "current" | "at" | "save">;
  readonly orders: OrderBook;
  readonly ledger: ChangeLedger;
  readonly bundleStock: BundleStockBook;
  readonly sources: SourceBook;
  readonly activity: Activity;
  readonly locations: LocationBook;
  /** Where levels that were read are kept. */
  readonly levels: Pick<StockWatch, "recordReads">;
  readonly lock: Pick<Lock, "acquire" | "tryAcquireFree">;
  readonly budget: CostBudget;
  /** Asked before each piece of work that keeps PostgreSQL busy: taking notifications comes first. */
  readonly rush: Pick<Rush, "giveWay">;
  readonly shopifyOrders: ShopifyOrders;
  readonly shopifyInventory: ShopifyInventory;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** A fresh UUID. */
  readonly uuid: () => string;
  /** Names this process in mutations and locks' listings. */
  readonly ownerId: string;
}

export interface Turn {
  readonly install: ActiveInstall;
  readonly ports: TurnPorts;
  /** Aborts when the process stops: no new step is begun, what is in flight is finished. */
  readonly signal: AbortSignal;
  /** Counted up by the stages, written once at the end. */
  readonly tally: TurnTally;
}

/** How a stage ended: there may be more at once, there is nothing, or it is to be tried again after a while. */
export type StageResult = { readonly kind: "done"; readonly worked: boolean } | { readonly kind: "later"; readonly afterMs: number };

export function settingsOf(turn: Turn): Promise<Settings> {
  return turn.ports.settings.current(turn.install.installId);
}

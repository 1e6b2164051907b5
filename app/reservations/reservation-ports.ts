// What the use cases of reservations are given.

import type { Clock } from "#app/ports/clock.ts";
import type { CostBudget } from "#app/ports/cost-budget.ts";
import type { ActiveInstall } from "#app/ports/install-store.ts";
import type { LocationBook } from "#app/ports/location-book.ts";
import type { OrderBook } from "#app/ports/order-book.ts";
import type { PromiseFrom, ReservationBook } from "#app/ports/reservation-book.ts";
import type { SettingsStore } from "#app/ports/settings-store.ts";
import type { ShopifyInventory, StockPlace } from "#app/ports/shopify-inventory.ts";
import type { ShopifyOrders } from "#app/ports/shopify-orders.ts";
import type { StockView } from "#app/ports/stock-view.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";
import type { Waker } from "#app/ports/waker.ts";
import type { Settings } from "#app/domain/settings.ts";
import { WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";
import type { CreateOrderPorts } from "./create-order.server.ts";
import type { ReservationBatcher } from "./reservation-batcher.server.ts";
import type { BlockWatch } from "./watch-blocks.server.ts";

/** The install whose units are asked for. */
export type ReservingInstall = Pick<ActiveInstall, "installId" | "shop" | "scopes">;

/** Reads what Shopify has of stocks that were never observed; once for all who ask at the same time. */
export type ObserveStocks = (install: ReservingInstall, places: readonly StockPlace[]) => Promise<{ readonly kind: "observed" | "unavailable" }>;

export interface ReservationPorts extends Omit<CreateOrderPorts, "metrics" | "logger" | "budget"> {
  readonly book: ReservationBook;
  readonly batcher: ReservationBatcher;
  readonly watch: BlockWatch;
  readonly view: StockView;
  readonly observe: ObserveStocks;
  readonly settings: Pick<SettingsStore, "current">;
  readonly orders: Pick<OrderBook, "storeVariants">;
  readonly locations: Pick<LocationBook, "store">;
  readonly shopifyOrders: Pick<ShopifyOrders, "readVariants" | "readVariantsOfItems" | "readVariantsBySku" | "limits">;
  readonly shopifyInventory: Pick<ShopifyInventory, "readLocations" | "limits">;
  readonly budget: CostBudget;
  readonly waker: Pick<Waker, "wakeMany">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly uuid: () => string;
}

/** Units are confirmed by Shopify first where the merchant wants it and the app may write; otherwise there is only what was observed. */
export function promiseFromOf(settings: Pick<Settings, "mode" | "reservations">, install: Pick<ActiveInstall, "scopes">): PromiseFrom {
  return settings.reservations.mirrorInShopify && settings.mode === "enforce" && install.scopes.includes(WRITE_SCOPE) ? "block" : "local";
}

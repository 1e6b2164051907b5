// Port of stages 1 and 2: deliveries become order state, order state becomes changes; each step is one transaction.

import type { ChangeCause, Derivation, ExistingChange } from "#app/domain/derive-changes.ts";
import type { ItemName, LinePlan, VariantFacts } from "#app/domain/line-plan.ts";
import type { OrderMode, OrderModeReason, SourceEvidence } from "#app/domain/order-mode.ts";
import type { OrderState, OrderVersion, Routing } from "#app/domain/order-state.ts";

/** An order that is due to be derived, as the database has it. */
export interface DueOrder {
  readonly rowId: bigint;
  readonly orderId: string;
  readonly name: string | null;
  readonly state: OrderState;
  readonly pins: Readonly<Record<string, LinePlan>>;
  readonly mode: OrderMode | null;
  readonly settingsVersion: number | null;
  readonly firstSeenAt: Date;
  /** An earlier life of the app in this shop booked an effect of it, or may have. Known only where the order is locked. */
  readonly bookedBefore: boolean;
  /** Holdfast created it, for a reservation: Shopify was told to take its stock. Known only where the order is locked. */
  readonly madeByUs: boolean;
}

export interface AbsorbResult {
  readonly deliveryCount: number;
  /** An uninstall notice of this life of the app was among them: it is over. */
  readonly ended: boolean;
}

export interface OrderDecision {
  readonly mode: OrderMode | null;
  readonly modeReason: OrderModeReason | null;
  readonly settingsVersion: number | null;
  readonly sourceKey: string;
  readonly derivation: Derivation;
  /** `settled`, `blocked` by an open change, or `due` again at `dueAt` for what is missing. */
  readonly next:
    | { readonly kind: "settled" }
    | { readonly kind: "blocked" }
    | { readonly kind: "due"; readonly dueAt: Date; readonly reason: "waiting_variant" | "waiting_location" | "waiting_read" };
}

export interface DeriveResult {
  readonly orderCount: number;
  readonly created: readonly { readonly state: "shadow" | "waiting" | "parked"; readonly cause: ChangeCause }[];
  readonly cancelledCount: number;
}

export interface OrderBook {
  /** Merges up to `limit` pending deliveries into order state and levels, and marks them processed, in one transaction. */
  absorb(installId: bigint, limit: number): Promise<AbsorbResult>;
  /** Orders whose blocking change found its outcome become due again. */
  unblock(installId: bigint): Promise<number>;
  /** Orders due now, oldest first, not locked: what is decided on them is checked again under the lock. */
  due(installId: bigint, limit: number): Promise<readonly DueOrder[]>;
  variants(installId: bigint, variantIds: readonly string[]): Promise<ReadonlyMap<string, VariantFacts>>;
  /** Names of stock items, as far as a variant that sells them was read. */
  itemNames(installId: bigint, itemIds: readonly string[]): Promise<ReadonlyMap<string, ItemName>>;
  storeVariants(installId: bigint, variants: readonly VariantFacts[]): Promise<void>;
  /** Merges what was read from Shopify, under the orders' locks. `null`: Shopify does not know the order. */
  storeReads(installId: bigint, reads: readonly { orderId: string; readUpTo: number; version: OrderVersion | null }[]): Promise<void>;
  /** An empty list says that Shopify has not routed the order yet; `askedAt` counts when it is the first such answer. */
  storeRoutings(
    installId: bigint,
    routings: readonly { orderId: string; fulfilmentOrders: Routing["fulfilmentOrders"] }[],
    askedAt: Date,
  ): Promise<void>;
  sources(installId: bigint): Promise<ReadonlyMap<string, SourceEvidence>>;
  /**
   * Locks the orders, their changes and the install's sources (a pause must not pass between the look and the write), lets `decide` (pure) say what follows, and writes it, in one transaction. Orders that are no
   * longer due are passed over.
   */
  derive(installId: bigint, rowIds: readonly bigint[], decide: (order: DueOrder, existing: readonly ExistingChange[], sources: ReadonlyMap<string, SourceEvidence>) => OrderDecision): Promise<DeriveResult>;
  /** True when deliveries are pending, orders are due, or a blocked order has nothing left to wait for. */
  hasWork(installId: bigint): Promise<boolean>;
  /** When the next order becomes due by itself, if any waits. */
  nextDueAt(installId: bigint): Promise<Date | null>;
}

// Port of detection's look at orders: those with news, what is known of them, and where what follows from it is kept.

import type { EffectKind } from "#app/domain/detection/stock-history.ts";
import type { LinePlan } from "#app/domain/line-plan.ts";
import type { OrderMode } from "#app/domain/order-mode.ts";
import type { OrderState } from "#app/domain/order-state.ts";

/** Why units of it can never be short. */
export type Exempt = "pos" | "test" | "gift_card" | "untracked" | "continue";

/** What one line wants of one item. */
export interface OrderItem {
  readonly lineId: string;
  readonly inventoryItemId: string;
  readonly variantId: string | null;
  /** Null where it is not known from where it will be fulfilled. */
  readonly locationId: string | null;
  readonly units: number;
  /** Neither fulfilled nor cancelled. */
  readonly unitsOpen: number;
  /** ISO 8601: when it was sold. */
  readonly committedAt: string;
  readonly paid: boolean;
  readonly sourceKey: string;
  /** Taken as a component of the merchant's own bundle. */
  readonly component: boolean;
  readonly exempt: Exempt | null;
}

export interface ExpectedEffect {
  readonly key: string;
  readonly kind: Exclude<EffectKind, "ours">;
  readonly lineId: string;
  readonly inventoryItemId: string;
  readonly locationId: string | null;
  readonly delta: number;
  /** ISO 8601. */
  readonly at: string;
  readonly eventId: string | null;
  readonly expected: boolean;
}

/** An effect of the order that is on record, so that an edit is told from what was known before it. */
export type KnownEffect = Pick<ExpectedEffect, "key" | "kind" | "lineId" | "inventoryItemId" | "delta">;

/** A notification that told of the order: whose event id an effect of it shares. */
export interface TellingDelivery {
  readonly topic: string;
  readonly eventId: string | null;
  /** Of `refunds/create`. */
  readonly refundId: string | null;
}

/** An order whose state was merged since it was last looked at. */
export interface OrderToLookAt {
  readonly rowId: bigint;
  readonly installId: bigint;
  readonly shop: string;
  readonly orderId: string;
  readonly name: string | null;
  readonly state: OrderState;
  readonly pins: Readonly<Record<string, LinePlan>>;
  readonly mode: OrderMode | null;
  /** When it was first told of, or found. */
  readonly heardAt: Date;
  /** Of the take: what is recorded under an older one is dropped, because the order was merged or taken again meanwhile. */
  readonly stamp: string;
  /** The newest of each topic and refund that names its event. */
  readonly told: readonly TellingDelivery[];
  readonly known: readonly KnownEffect[];
}

export interface LookedAt {
  readonly rowId: bigint;
  readonly stamp: string;
  readonly orderId: string;
  readonly name: string | null;
  readonly heardAt: Date;
  readonly items: readonly OrderItem[];
  readonly effects: readonly ExpectedEffect[];
}

export interface DetectionOrders {
  /** Orders with news of active installs, shops in turn; nobody else gets them for `leaseMs`, after which they are due again. */
  take(limit: number, leaseMs: number): Promise<readonly OrderToLookAt[]>;
  /** Locations at which each item is stocked, as far as a level of it was seen. */
  places(installId: bigint, itemIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Writes items and effects and marks the stocks to be judged, in one transaction; answers how many orders were still as they were taken. */
  record(installId: bigint, looked: readonly LookedAt[]): Promise<number>;
}

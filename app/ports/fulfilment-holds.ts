// Ports of holding an order's fulfilment for an oversell: what Shopify is asked, and the book of what was asked and came of it.

import type { AdminFailure, RequestCost } from "./admin-api.ts";
import type { ReadContext } from "./shopify-orders.ts";

export interface HoldContext extends ReadContext {
  /** Token of the person who acts, whose permissions then count; null: the app's own. */
  readonly accessToken: string | null;
}

export interface HoldableLine {
  /** Of the fulfilment order's line. */
  readonly id: string;
  readonly lineId: string;
  readonly remaining: number;
}

export interface HoldablePlace {
  readonly fulfilmentOrderId: string;
  /** Lower case. */
  readonly status: string;
  readonly locationId: string | null;
  readonly canHold: boolean;
  readonly canSplit: boolean;
  readonly lines: readonly HoldableLine[];
  /** Holds that this app made. */
  readonly holds: readonly { readonly holdId: string; readonly handle: string }[];
}

export interface HoldRequest {
  readonly fulfilmentOrderId: string;
  /** The same for every repetition: Shopify takes it once. */
  readonly handle: string;
  readonly notes: string;
  /** Null: the whole fulfilment order. */
  readonly lines: readonly { readonly id: string; readonly quantity: number }[] | null;
}

export type HoldResult =
  | { readonly kind: "held"; readonly holdId: string; readonly cost: RequestCost | null }
  /** Shopify knows the handle: an earlier attempt made the hold. */
  | { readonly kind: "held_before"; readonly cost: RequestCost | null }
  /** Only as a whole. */
  | { readonly kind: "not_splittable"; readonly cost: RequestCost | null }
  /** Shopify will not, and says why. */
  | { readonly kind: "rejected"; readonly code: string; readonly cost: RequestCost | null }
  | AdminFailure;

export type ReleaseResult =
  | { readonly kind: "released"; readonly cost: RequestCost | null }
  | { readonly kind: "rejected"; readonly code: string; readonly cost: RequestCost | null }
  | AdminFailure;

export type PlacesResult = { readonly kind: "ok"; readonly places: readonly HoldablePlace[]; readonly cost: RequestCost | null } | AdminFailure;

export interface FulfilmentHolds {
  /** Fulfilment orders of one order, at most 10 with 40 lines each. */
  readPlaces(context: HoldContext, orderId: string): Promise<PlacesResult>;
  hold(context: HoldContext, request: HoldRequest): Promise<HoldResult>;
  release(context: HoldContext, request: { readonly fulfilmentOrderId: string; readonly holdId: string }): Promise<ReleaseResult>;
  /** Points to reserve for each. */
  readonly cost: { readonly readPlaces: number; readonly hold: number; readonly release: number };
}

export interface HoldTarget {
  readonly oversellId: bigint;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly orderId: string;
  /** Units short, by line of the order. */
  readonly short: readonly { readonly lineId: string; readonly units: number }[];
}

export type HoldState = "asked" | "held" | "release_asked" | "released" | "failed";

export interface KnownHold {
  readonly fulfilmentOrderId: string;
  readonly handle: string;
  readonly holdId: string | null;
  readonly state: HoldState;
}

export interface HoldBook {
  /** What there is to hold: null when the install has no such incident, or the order is not short in it. */
  target(installId: bigint, oversellId: bigint, orderId: string): Promise<HoldTarget | null>;
  known(installId: bigint, oversellId: bigint, orderId: string): Promise<readonly KnownHold[]>;
  /** Durable before Shopify is asked, so that whoever comes after a death knows the handle to look for. */
  ask(installId: bigint, target: HoldTarget, hold: { readonly fulfilmentOrderId: string; readonly handle: string; readonly by: string }): Promise<void>;
  /** What came of it, with its audit entry; the same again changes nothing. */
  settle(
    installId: bigint,
    target: Pick<HoldTarget, "oversellId" | "orderId">,
    outcome: { readonly fulfilmentOrderId: string; readonly handle: string; readonly holdId: string | null; readonly state: Exclude<HoldState, "asked">; readonly reason: string | null; readonly by: string },
  ): Promise<void>;
  /** `handled` false takes it back. Answers false when the install has no such incident. */
  markHandled(installId: bigint, oversellId: bigint, mark: { readonly by: string; readonly note: string | null; readonly handled: boolean }): Promise<boolean>;
  /**
   * Short orders of open incidents that no hold was asked for, or whose asker is gone, of installs that switched automatic holds on and have one of the
   * scopes; shops in turn. Taking one puts its next try off, longer each time: whatever comes of it, it does not come back at once.
   */
  takeAutomatic(limit: number, scopes: readonly string[]): Promise<readonly { readonly installId: bigint; readonly shop: string; readonly oversellId: bigint; readonly orderId: string }[]>;
}

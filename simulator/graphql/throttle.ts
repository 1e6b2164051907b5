// The leaky bucket of one app in one shop: it fills with time, and a call that asks for more than is in it is turned away.
import type { Plan, ShopState } from "../world/state.ts";

const RESTORE_RATES: Readonly<Record<Plan, number>> = { standard: 100, advanced: 200, plus: 1_000, enterprise: 2_000 };
/** Not published; twenty seconds' worth is what apps see in practice. */
const BUCKET_SECONDS = 20;

export interface ThrottleStatus {
  maximumAvailable: number;
  currentlyAvailable: number;
  restoreRate: number;
}

export function throttleStatus(shop: ShopState, nowMs: number): ThrottleStatus {
  const restoreRate = RESTORE_RATES[shop.plan];
  const maximumAvailable = restoreRate * BUCKET_SECONDS;
  const bucket = shop.bucket ?? { available: maximumAvailable, atMs: nowMs };
  const filled = bucket.available + ((nowMs - bucket.atMs) / 1_000) * restoreRate;
  shop.bucket = { available: Math.min(maximumAvailable, filled), atMs: nowMs };
  return { maximumAvailable, currentlyAvailable: Math.floor(shop.bucket.available), restoreRate };
}

export function takePoints(shop: ShopState, points: number, nowMs: number): boolean {
  throttleStatus(shop, nowMs);
  if (!shop.bucket || shop.bucket.available < points) return false;
  shop.bucket.available -= points;
  return true;
}

/** The part that was asked for and not used comes back. */
export function refundPoints(shop: ShopState, points: number, nowMs: number): void {
  throttleStatus(shop, nowMs);
  if (shop.bucket) shop.bucket.available += Math.max(0, points);
}

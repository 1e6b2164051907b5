// Comparisons with Shopify taken by hand: round after round of one shop's scan, what would wait being due at once.
import type { ScanSchedule } from "#app/ports/stock-scan.ts";
import { type ReconcilePorts, SCAN_LIMITS } from "#app/reconcile/reconcile-ports.ts";
import { type RoundEnd, scanRound } from "#app/reconcile/scan-shop.server.ts";
import type { House, HouseShop } from "./house.ts";

export interface ScanRow {
  readonly state: string;
  readonly kind: string;
  readonly reason: string;
  readonly failure: string | null;
  readonly level_count: number;
  readonly order_count: number;
  readonly drift_count: number;
  readonly unsettled_count: number;
  readonly operation_count: number;
}

const ROUNDS_MAX = 60;
const LOOKS_MAX = 2_000;
/** No scan begins by itself but those of day one. */
const ONLY_WHAT_WAS_ASKED: ScanSchedule = { stockEveryMs: 1e12, failedAfterMs: 1e12 };

export function scanPorts(house: House, over: Partial<ReconcilePorts> = {}): ReconcilePorts {
  return { ...house.composed.reconcile, limits: { ...SCAN_LIMITS, settleMs: 0, pollMsMin: 0 }, ...over };
}

export function scansOf(house: House, { installId }: Pick<HouseShop, "installId">): Promise<ScanRow[]> {
  return house.composed.database.query<ScanRow>(`SELECT * FROM stock_scans WHERE install_id = $1 ORDER BY id`, installId);
}

/** Asks for a scan, or joins the one under way, and takes it to its end. */
export async function scanByHand(house: House, shop: HouseShop, over: Partial<ReconcilePorts> = {}): Promise<ScanRow> {
  await house.composed.reconcile.scans.ask({ installId: shop.installId, requestedBy: "test" });
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const [row] = (await scansOf(house, shop)).toReversed();
    if (row?.state === "done" || row?.state === "failed") return row;
    await takeScanRound(house, shop, over);
  }
  throw new Error(`the scan does not end: ${JSON.stringify(await scansOf(house, shop), (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value))}`);
}

export async function takeScanRound(house: House, shop: HouseShop, over: Partial<ReconcilePorts> = {}): Promise<RoundEnd | null> {
  const given = scanPorts(house, over);
  const { database } = house.composed;
  await database.execute(`UPDATE stock_scans SET due_at = now() + CASE WHEN install_id = $1 THEN interval '-1 second' ELSE interval '1 hour' END WHERE finished_at IS NULL`, shop.installId);
  await database.execute(`UPDATE stock_scan_candidates SET due_at = now() - interval '1 second' WHERE install_id = $1`, shop.installId);
  const [taken] = await given.scans.takeDue({ ownerId: given.ownerId, limit: 1, leaseMs: 60_000, schedule: ONLY_WHAT_WAS_ASKED });
  const end = taken?.installId === shop.installId ? await scanRound(given, taken, new AbortController().signal) : null;
  await bulkAtRest(house, shop);
  return end;
}

/** Until Shopify has nothing more to do; an operation that stands still for ever counts as at rest. */
async function bulkAtRest({ simulator: { control } }: House, { shop }: HouseShop): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const moving = control.bulkOperations(shop).some(({ status, objectCount }) => status === "CREATED" || status === "CANCELING" || (status === "RUNNING" && objectCount === 0));
    if (!moving) return control.settleBulk().then(() => undefined);
    await new Promise((resume) => setTimeout(resume, 5));
  }
  throw new Error("a bulk operation does not come to rest");
}

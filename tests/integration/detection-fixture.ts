// What the tests of detection share: a shop with one thing to sell, selling it, and detection run to its end.
import { detect, type DetectionPorts } from "#app/detection/detect.server.ts";
import type { House, HouseShop } from "#tests/setup/house.ts";

export const idOf = (gid: string) => gid.slice(gid.lastIndexOf("/") + 1);

type ProductOptions = Parameters<House["simulator"]["control"]["createProduct"]>[1];
type MugOptions = Omit<ProductOptions["variants"][number], "levels" | "sku">;

interface OversellRow {
  kind: string;
  state: string;
  depth: number;
  short: number;
  cause: string;
  close_reason: string | null;
  orders: { orderId: string; unitsShort: number; verdict: string }[];
}

function failing(facts: object): never {
  throw new Error("detection reported a failure", { cause: facts });
}

/** `house`: asked for with each call, because tests open it after their module was read. */
export function detectionStage(house: () => House) {
  async function shopWithMug(available: readonly number[] = [5], scopes: readonly string[] = ["write_inventory"], variant: MugOptions = {}, sellingPlans: ProductOptions["sellingPlans"] = []) {
    const shop = await house().openShop({ locations: available.length, scopes });
    const product = house().simulator.control.createProduct(shop.shop, {
      title: "Mug",
      sellingPlans,
      variants: [{ sku: "MUG", ...variant, levels: shop.locationIds.map((locationId, index) => ({ locationId, available: available[index] ?? 0 })) }],
    });
    const [mug] = product.variants;
    if (!mug) throw new Error("the product has a variant");
    return { shop, mug, planIds: product.sellingPlanIds };
  }

  /** Trigger times of the simulator have milliseconds: what happens within one cannot be put in order. */
  const moment = () => house().simulator.control.setClock({ advanceMs: 20 });

  function sell(shop: HouseShop, variantId: string, quantity = 1, options: { sourceName?: string; inventoryBehaviour?: "DECREMENT_IGNORING_POLICY" | "BYPASS"; paid?: boolean; sellingPlanId?: string | undefined } = {}) {
    moment();
    const { sellingPlanId, ...how } = options;
    const placed = house().simulator.control.placeOrder(shop.shop, {
      channel: "api",
      sourceName: "web",
      inventoryBehaviour: "DECREMENT_IGNORING_POLICY",
      lines: [{ variantId, quantity, sellingPlanId }],
      ...how,
    });
    if ("refused" in placed) throw new Error("the order was refused");
    return placed;
  }

  /** As if what is told to wait had waited. */
  async function judged({ shop, installId }: HouseShop, over: Partial<DetectionPorts> = {}) {
    await house().settle(shop);
    const { database, detection } = house().composed;
    const ports = { ...detection, ...over, logger: { ...detection.logger, error: failing } };
    for (let round = 0; round < 20; round += 1) {
      await database.execute(`UPDATE stock_judgements SET due_at = now() WHERE install_id = $1 AND due_at < 'infinity'`, installId);
      const { orderCount, stockCount } = await detect(ports, new AbortController().signal);
      if (orderCount + stockCount === 0) return;
    }
    throw new Error("detection finds no end");
  }

  const observations = ({ installId }: HouseShop) =>
    house().composed.database.query<{ available: number | null; verdict: string | null; foreign_delta: number | null; seen_by: string }>(
      `SELECT available, verdict, foreign_delta, seen_by FROM stock_observations WHERE install_id = $1 ORDER BY at, id`,
      installId,
    );
  const oversells = ({ installId }: HouseShop) =>
    house().composed.database.query<OversellRow>(`SELECT kind, state, depth, short, cause, close_reason, orders FROM oversells WHERE install_id = $1 ORDER BY id`, installId);
  const alerts = ({ installId }: HouseShop) =>
    house().composed.database.query<{ kind: string; stage: string; facts: { orders: { orderId: string; units: number }[]; depth: number } }>(
      `SELECT kind, stage, facts FROM alert_events WHERE install_id = $1 ORDER BY id`,
      installId,
    );

  return { shopWithMug, moment, sell, judged, observations, oversells, alerts };
}

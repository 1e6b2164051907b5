// Differences of every kind, put into a whole Holdfast's shop behind its back, and what a comparison with Shopify makes of them.
import { representOversell } from "#app/api/incident-representations.ts";
import { representDrift } from "#app/api/drift-endpoint.server.ts";
import { decodeCursor, type KeysetPage, type PageRequest } from "#app/dashboard/queries/keyset-page.ts";
import { type DriftRow, listDrifts } from "#app/dashboard/queries/list-drifts.server.ts";
import { listOversells } from "#app/dashboard/queries/list-oversells.server.ts";
import { detect } from "#app/detection/detect.server.ts";
import { actOnChanges } from "#app/review/act-on-changes.server.ts";
import { compareDifferences, type DifferenceFigures, type FoundDifference, type InjectedDifference, type InjectedKind } from "#simulator/verdict/reconcile/compare-differences.ts";
import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";
import { lookForMissed } from "#tests/setup/look-for-missed.ts";
import { scanByHand } from "#tests/setup/scan-by-hand.ts";

export interface TruthRun {
  readonly seed: number;
  readonly levels: number;
  readonly figures: DifferenceFigures;
  /** Stock below zero of which the app says nothing. */
  readonly negativeUnseen: readonly string[];
  /** A location that was closed behind the app's back still counts as one that ships. */
  readonly closedLocationUnseen: boolean;
}

export interface TruthOptions {
  readonly seed: number;
  readonly levels: number;
  /** Whether Shopify's operations fail half-way and their files break off meanwhile. */
  readonly faults: boolean;
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
}

interface Place {
  readonly variantId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
}

const VARIANTS_PER_PRODUCT = 100;
const START = 40;
const KINDS: readonly InjectedKind[] = ["owed", "doubled", "count_after_doubled", "foreign", "native", "negative", "not_stocked", "count", "told_count"];
/** Of each kind: two, or one level in a hundred, and never so many that calls are sent for minutes. */
const PER_KIND_MAX = 20;
const DETECT_ROUNDS_MAX = 200;
const PAGE = 250;

export async function runReconcileTruth({ seed, levels, faults, ...servers }: TruthOptions): Promise<TruthRun> {
  const house = await openHouse({ seed, ...servers });
  try {
    const { control } = house.simulator;
    control.setBulk({ startAfterMs: 0, cancelAfterMs: 0 });
    const shop = await house.openShop({ locations: 3 });
    const places = await stock(house, shop, levels);
    await house.protect(shop);
    await house.settle(shop.shop);
    await scanByHand(house, shop);
    await restForAnHour(house, shop);
    const injected = await inject(house, shop, chooseFor(places, seed));
    if (faults) {
      control.addFault({ boundary: "bulk", kind: "bulk_fails", times: 1, shop: shop.shop });
      control.addFault({ boundary: "bulk_file", kind: "half_body", times: 1 });
    }
    const scan = await scanByHand(house, shop);
    control.clearFaults();
    if (scan.state !== "done") throw new Error(`the scan ended as ${scan.state}: ${scan.failure ?? ""}`);
    await detectAll(house, shop);
    return { seed, levels: places.length, ...(await judge(house, shop, injected)) };
  } finally {
    await house.close();
  }
}

/** Two locations with stock, a third without. Nobody is told: the first scan takes it in. */
async function stock(house: House, shop: HouseShop, levels: number): Promise<Place[]> {
  const { control } = house.simulator;
  const [first = "", second = ""] = shop.locationIds;
  const places: Place[] = [];
  await untold(house, () => {
    for (let item = 0; item < Math.ceil(levels / 2); item += VARIANTS_PER_PRODUCT) {
      const count = Math.min(VARIANTS_PER_PRODUCT, Math.ceil(levels / 2) - item);
      const { variants } = control.createProduct(shop.shop, {
        title: `Product ${item}`,
        variants: Array.from({ length: count }, (_, index) => ({ sku: `P-${item + index}`, levels: [first, second].map((locationId) => ({ locationId, available: START })) })),
      });
      for (const { variantId, inventoryItemId } of variants) for (const locationId of [first, second]) places.push({ variantId, inventoryItemId, locationId });
    }
  });
  return places;
}

/** What was seen so far was seen long ago: nothing of it can be mixed up with what comes. */
async function restForAnHour({ composed: { database } }: House, { installId }: HouseShop): Promise<void> {
  await database.execute(`UPDATE stock_levels SET observed_at = observed_at - interval '1 hour' WHERE install_id = $1`, installId);
  await database.execute(`UPDATE stock_observations SET at = at - interval '1 hour' WHERE install_id = $1`, installId);
  await database.execute(`UPDATE locations SET read_at = read_at - interval '1 hour' WHERE install_id = $1`, installId);
}

/** Every kind gets items of its own, spread over the shop; an order is served from the first location. */
function chooseFor(places: readonly Place[], seed: number): ReadonlyMap<InjectedKind, readonly Place[]> {
  const items = [...Map.groupBy(places, ({ inventoryItemId }) => inventoryItemId).values()];
  const perKind = Math.min(PER_KIND_MAX, Math.max(2, Math.floor(places.length / 100)));
  const stride = Math.max(1, Math.floor(items.length / (KINDS.length * perKind)));
  return new Map(
    KINDS.map((kind, index) => {
      const served = kind === "native" || kind === "doubled" || kind === "owed" || kind === "count_after_doubled";
      const chosen = Array.from({ length: perKind }, (_, turn) => items[((turn * KINDS.length + index) * stride + seed) % items.length]?.[served ? 0 : (turn + seed) % 2]);
      return [kind, chosen.filter((place) => place !== undefined)];
    }),
  );
}

async function inject(house: House, shop: HouseShop, chosen: ReadonlyMap<InjectedKind, readonly Place[]>): Promise<InjectedDifference[]> {
  const { control } = house.simulator;
  const injected: InjectedDifference[] = [];
  const each = async (kind: InjectedKind, owedDelta: number | null, act: (place: Place, turn: number) => unknown) => {
    for (const [turn, place] of (chosen.get(kind) ?? []).entries()) {
      await act(place, turn);
      injected.push({ kind, inventoryItemId: place.inventoryItemId, locationId: place.locationId, owedDelta });
    }
  };
  const adjust = ({ inventoryItemId, locationId }: Place, delta: number) => control.adjustLevel(shop.shop, { inventoryItemId, locationId, delta, writer: "another app" });
  const count = ({ inventoryItemId, locationId }: Place, available: number) => control.setLevel(shop.shop, { inventoryItemId, locationId, available, writer: "stock-take" });
  const order = ({ variantId }: Place, channel: "web" | "api") => {
    const placed = control.placeOrder(shop.shop, { channel, sourceName: channel === "web" ? "web" : "my-channel", lines: [{ variantId, quantity: 2 }] });
    if ("refused" in placed) throw new Error(`an order was refused: ${JSON.stringify(placed)}`);
  };
  await each("owed", -2, async (place) => await bookedButAbsent(house, shop, () => order(place, "api")));
  await each("doubled", 2, async (place) => await sentTwice(house, shop, () => order(place, "api")));
  await each("count_after_doubled", null, async (place) => await sentTwice(house, shop, () => order(place, "api")));
  await settleClock(house, shop);
  await untold(house, async () => {
    await each("foreign", null, (place, turn) => adjust(place, turn % 2 === 0 ? -7 : 9));
    await each("native", null, (place) => order(place, "web"));
    await each("negative", null, (place) => count(place, -3));
    await each("not_stocked", null, ({ inventoryItemId, locationId }) => control.disconnectLevel(shop.shop, { inventoryItemId, locationId }));
    await each("count", null, (place, turn) => count(place, 13 + turn));
    // Shopify had forgotten the key, and took the second sending for a new call.
    for (const place of [...(chosen.get("doubled") ?? []), ...(chosen.get("count_after_doubled") ?? [])]) adjust(place, -2);
    control.deactivateLocation(shop.shop, { locationId: shop.locationIds[2] ?? "" });
  });
  for (const kind of ["told_count", "count_after_doubled"] as const) for (const [turn, place] of (chosen.get(kind) ?? []).entries()) count(place, 60 + turn);
  injected.push(...(chosen.get("told_count") ?? []).map(({ inventoryItemId, locationId }) => ({ kind: "told_count" as const, inventoryItemId, locationId, owedDelta: null })));
  await house.settle(shop.shop);
  // The orders are found again without a notification; their stock is not.
  await lookForMissed(house, shop);
  await house.settle(shop.shop);
  await detectAll(house, shop);
  return injected;
}

/** One call that was answered only when it was sent again. */
async function sentTwice(house: House, { shop }: HouseShop, order: () => void): Promise<void> {
  house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "after_commit", times: 1, shop });
  order();
  await house.settle(shop);
}

/** One call that never arrived, and that a person said had. */
async function bookedButAbsent(house: House, shop: HouseShop, order: () => void): Promise<void> {
  const { database, review } = house.composed;
  house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "before_commit", times: 1, shop: shop.shop });
  order();
  await house.delivered();
  await house.turn(shop.shop);
  await database.execute(`UPDATE mutations SET first_sent_at = now() - interval '23 hours 1 second', resend_at = now() WHERE install_id = $1 AND state = 'open'`, shop.installId);
  await house.settle(shop.shop);
  const parked = await database.query<{ id: bigint }>(`SELECT id FROM changes WHERE install_id = $1 AND state = 'parked'`, shop.installId);
  await actOnChanges(review, { install: shop, act: "resolve_applied", changeIds: parked.map(({ id }) => id), actor: "staff:7", note: "it looks applied" });
}

/** The simulator's own times stand: the stock lay still for some seconds before each call that was in doubt. */
async function settleClock({ composed: { database } }: House, { installId }: HouseShop): Promise<void> {
  await database.execute(`UPDATE mutations SET first_sent_at = now() + interval '4 seconds' WHERE install_id = $1 AND reason = 'resolved_applied'`, installId);
}

/** Notifications of what happens inside are lost. */
async function untold({ simulator: { control }, delivered }: House, act: () => unknown): Promise<void> {
  control.planWebhooks({ loss: { rate: 1 } });
  await act();
  await delivered();
  control.planWebhooks({ loss: { rate: 0 } });
}

async function detectAll({ composed: { database, detection } }: House, { installId }: HouseShop): Promise<void> {
  for (let round = 0; round < DETECT_ROUNDS_MAX; round += 1) {
    await database.execute(`UPDATE stock_judgements SET due_at = now() WHERE install_id = $1 AND due_at < 'infinity'`, installId);
    const { orderCount, stockCount } = await detect(detection, new AbortController().signal);
    if (orderCount + stockCount === 0) return;
  }
  throw new Error("detection finds no end");
}

async function judge(house: House, shop: HouseShop, injected: readonly InjectedDifference[]): Promise<Omit<TruthRun, "seed" | "levels">> {
  const { database } = house.composed;
  const levels = new Map(house.simulator.control.levels(shop.shop).map((level) => [`${level.inventoryItemId}@${level.locationId}`, level]));
  const closed = new Set(injected.filter(({ kind }) => kind === "not_stocked").map(({ inventoryItemId, locationId }) => `${inventoryItemId}@${locationId}`));
  const available = ({ inventoryItemId, locationId }: { inventoryItemId: string; locationId: string }) => {
    const level = levels.get(`${inventoryItemId}@${locationId}`);
    return typeof level?.available === "number" && !closed.has(`${inventoryItemId}@${locationId}`) ? level.available : null;
  };
  const found = await allDrifts(house, shop);
  const oversells = (await listOversells(database, { installId: shop.installId, filter: { state: "open" }, page: { direction: "newest", limit: PAGE } })).items.map(representOversell);
  const short = new Set(oversells.map(({ inventoryItemId, locationId }) => `${inventoryItemId}@${locationId}`));
  const [location] = await database.query<{ active: boolean }>(`SELECT active FROM locations WHERE install_id = $1 AND location_id = $2`, shop.installId, shop.locationIds[2]?.split("/").at(-1) ?? "");
  return {
    figures: compareDifferences(injected, found, available),
    negativeUnseen: injected.filter((place) => (available(place) ?? 0) < 0 && !short.has(`${place.inventoryItemId}@${place.locationId}`)).map(({ inventoryItemId, locationId }) => `${inventoryItemId} at ${locationId}`),
    closedLocationUnseen: location?.active !== false,
  };
}

/** As a program reads them over the API, page after page. */
async function allDrifts({ composed: { database } }: House, { installId }: HouseShop): Promise<FoundDifference[]> {
  const found: FoundDifference[] = [];
  for (let page: PageRequest | null = { direction: "newest", limit: PAGE }; page !== null; ) {
    const read: KeysetPage<DriftRow> = await listDrifts(database, { installId, filter: { state: "all" }, page });
    found.push(...read.items.map(representDrift));
    const cursor = read.olderCursor === null ? null : decodeCursor(read.olderCursor);
    page = cursor === null ? null : { direction: "older", cursor, limit: PAGE };
  }
  return found;
}

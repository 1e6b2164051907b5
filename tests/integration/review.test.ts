// Goal: whatever stopped, a person can end it, and no act of a person takes a unit twice, whoever and whatever comes in between.
// Method: real orders through the whole house until they park, then acts against a running turn, news, a second person, late answers,
// an uninstall; the ledger is compared with what the simulator saw.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ReviewAct } from "#app/domain/review.ts";
import { actOnChanges, type ChangesAnswer } from "#app/review/act-on-changes.server.ts";
import { replayDeliveries } from "#app/review/replay-deliveries.server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";
import { ledgerDifferences, unitsMoved } from "#tests/setup/ledger-and-truth.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const STAFF = "staff:7";

async function openStore(items = 1) {
  const shop = await house.openShop();
  const { variants } = house.simulator.control.createProduct(shop.shop, {
    title: "Kettle",
    variants: Array.from({ length: items }, (_, index) => ({ sku: `K-${index}`, levels: [{ locationId: shop.locationIds[0] ?? "", available: 100 }] })),
  });
  await house.protect(shop);
  const [first] = variants;
  return { shop, variants, variantId: first?.variantId ?? "", itemId: first?.inventoryItemId ?? "" };
}

function buy(shop: HouseShop, variantId: string, quantity = 1) {
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId, quantity }] });
  if ("refused" in placed) throw new Error("the order was refused");
  return placed;
}

interface Row {
  readonly id: bigint;
  readonly state: string;
  readonly reason: string | null;
  readonly delta: number;
}
const rows = (shop: HouseShop) => house.composed.database.query<Row>(`SELECT id, state, reason, delta FROM changes WHERE install_id = $1 ORDER BY id`, shop.installId);
const states = async (shop: HouseShop) => (await rows(shop)).map(({ state, reason }) => (reason === null ? state : `${state}:${reason}`));
const parkedIds = async (shop: HouseShop) => (await rows(shop)).filter((row) => row.state === "parked").map((row) => row.id);
const audit = (shop: HouseShop) =>
  house.composed.database.query<{ kind: string; actor: string; note: string | null }>(`SELECT kind, actor, detail->>'note' AS note FROM audit_entries WHERE install_id = $1 AND actor <> 'holdfast' AND kind LIKE 'change_%' ORDER BY id`, shop.installId);

async function act(shop: HouseShop, what: ReviewAct, over: { ids?: readonly bigint[]; note?: string; dryRun?: boolean; actor?: string } = {}): Promise<ChangesAnswer> {
  const changeIds = over.ids ?? (await parkedIds(shop));
  return actOnChanges(house.composed.review, { install: shop, act: what, changeIds, actor: over.actor ?? STAFF, note: over.note ?? (what === "retry" ? "" : "looked at by hand"), dryRun: over.dryRun ?? false });
}
const done = (answer: ChangesAnswer) => (answer.kind === "acted" ? { done: answer.doneIds.length, refused: answer.refused.map(({ refusal, ids }) => [refusal, ids.length]) } : answer);

/** One change, parked because Shopify refused it. */
async function refusedOrder(quantity = 1) {
  const store = await openStore();
  house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "user_error", code: "INVALID_INVENTORY_ITEM", index: 0, times: 1, shop: store.shop.shop });
  const placed = buy(store.shop, store.variantId, quantity);
  await house.settle(store.shop.shop);
  expect(await states(store.shop)).toEqual(["parked:refused:INVALID_INVENTORY_ITEM"]);
  return { ...store, placed };
}

/** Changes of one call whose answer was lost for so long that nobody may send it again; `tookEffect`: Shopify has carried it out. */
async function unknownOutcome(tookEffect: boolean, orders = 1) {
  const store = await openStore(orders);
  house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: tookEffect ? "after_commit" : "before_commit", times: 1, shop: store.shop.shop });
  const placed = store.variants.map((variant) => buy(store.shop, variant.variantId));
  await house.delivered();
  await house.turn(store.shop.shop);
  await house.composed.database.execute(`UPDATE mutations SET first_sent_at = now() - interval '23 hours 1 second', resend_at = now() WHERE install_id = $1`, store.shop.installId);
  await house.settle(store.shop.shop);
  expect(new Set(await states(store.shop))).toEqual(new Set(["parked:outcome_unknown"]));
  return { ...store, placed };
}
/** As if the attempts had been made long ago. */
const nothingTravels = (shop: HouseShop) => house.composed.database.execute(`UPDATE attempts SET sent_at = now() - interval '11 minutes' WHERE install_id = $1`, shop.installId);

describe("a retry", () => {
  it("sends what was refused once more, under a new key, and counts once", async () => {
    const { shop, itemId } = await refusedOrder(2);
    expect(done(await act(shop, "retry"))).toEqual({ done: 1, refused: [] });
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["applied"]);
    expect(unitsMoved(house, shop, itemId)).toBe(-2);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
    expect(await audit(shop)).toEqual([{ kind: "change_retried", actor: STAFF, note: null }]);
  });

  it("is refused while its outcome is unknown, and changes nothing", async () => {
    const { shop } = await unknownOutcome(true);
    await nothingTravels(shop);
    expect(done(await act(shop, "retry"))).toEqual({ done: 0, refused: [["outcome_unknown", 1]] });
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["parked:outcome_unknown"]);
    expect(await audit(shop)).toEqual([]);
    // The database holds it, too, whatever the code did.
    await expect(house.composed.database.execute(`UPDATE changes SET state = 'waiting', outcome_unknown = false, mutation_id = NULL WHERE install_id = $1`, shop.installId)).rejects.toThrow(/changes_unknown_outcome_settled/);
  });

  it("of two people at once happens once", async () => {
    const { shop, itemId } = await refusedOrder();
    const ids = await parkedIds(shop);
    const answers = await Promise.all([act(shop, "retry", { ids }), act(shop, "retry", { ids, actor: "staff:8" })]);
    expect(answers.map(done).toSorted((a, b) => ("done" in a && "done" in b ? a.done - b.done : 0))).toEqual([{ done: 0, refused: [["not_parked", 1]] }, { done: 1, refused: [] }]);
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, itemId)).toBe(-1);
    expect(await audit(shop)).toHaveLength(1);
  });

  it("after news of the order withdrew it finds nothing to do; before the news it is withdrawn by them", async () => {
    const late = await refusedOrder();
    const ids = await parkedIds(late.shop);
    house.simulator.control.cancelOrder(late.shop.shop, late.placed.orderId, { restock: true });
    await house.settle(late.shop.shop);
    expect(done(await act(late.shop, "retry", { ids }))).toEqual({ done: 0, refused: [["not_parked", 1]] });

    const early = await refusedOrder();
    await act(early.shop, "retry");
    house.simulator.control.cancelOrder(early.shop.shop, early.placed.orderId, { restock: true });
    await house.settle(early.shop.shop);
    expect(unitsMoved(house, early.shop, early.itemId)).toBe(0);
    expect(await ledgerDifferences(house, early.shop)).toEqual([]);
  });

  it("while a turn runs is taken up by the next, and waits as long as protection is off", async () => {
    const { shop, itemId } = await refusedOrder();
    await house.settings(shop, (settings) => ({ ...settings, mode: "observe" }));
    await Promise.all([act(shop, "retry"), house.turn(shop.shop)]);
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["waiting"]);
    await house.settings(shop, (settings) => ({ ...settings, mode: "enforce" }));
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, itemId)).toBe(-1);
  });

  it("of a paused source is refused until the pause is ended", async () => {
    const { shop } = await refusedOrder();
    await house.composed.turnPorts.sources.record(shop.installId, { sourceKey: "name:my-channel", orderId: "1", verdict: "took_stock", evidence: {} });
    expect(done(await act(shop, "retry"))).toEqual({ done: 0, refused: [["source_paused", 1]] });
    await house.composed.settingsStore.resumeSource({ installId: shop.installId, sourceKey: "name:my-channel", actor: STAFF });
    expect(done(await act(shop, "retry"))).toEqual({ done: 1, refused: [] });
  });

  it("is found by the sweeper when its wake was lost", async () => {
    const { shop } = await refusedOrder();
    const lost = { ...house.composed.review, waker: { wake: () => Promise.resolve({ kind: "unavailable" as const }) } };
    await actOnChanges(lost, { install: shop, act: "retry", changeIds: await parkedIds(shop), actor: "operator", note: "" });
    expect((await house.composed.installStore.withWork(1_000, null)).map((found) => found.shop)).toContain(shop.shop);
  });
});

describe("a retry of a question", () => {
  it("asks Shopify again instead of its own memory, and what is known by then is taken", async () => {
    const { shop, variantId, itemId } = await openStore();
    await house.settings(shop, (settings) => ({ ...settings, deduct: { ...settings.deduct, location: shop.locationIds[0] ?? "" } }));
    const unknown = { ...house.composed.shopify.orders, readVariants: async (_: unknown, ids: readonly string[]) => ({ kind: "ok" as const, found: [], missing: [...ids], cost: null }) };
    buy(shop, variantId);
    await house.delivered();
    await house.turn(shop.shop, { shopifyOrders: { ...house.composed.shopify.orders, ...unknown } });
    expect(await states(shop)).toEqual(["parked:unknown_variant"]);
    expect(done(await act(shop, "retry"))).toEqual({ done: 1, refused: [] });
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["cancelled:overtaken", "applied"]);
    expect(unitsMoved(house, shop, itemId)).toBe(-1);
  });

  it("whose answer is still the same leaves it where it was, once", async () => {
    const { shop } = await openStore();
    const { variants } = house.simulator.control.createProduct(shop.shop, { title: "Gone", variants: [{ sku: "GONE", levels: [{ locationId: shop.locationIds[0] ?? "", available: 5 }] }] });
    const unknown = { ...house.composed.shopify.orders, readVariants: async (_: unknown, ids: readonly string[]) => ({ kind: "ok" as const, found: [], missing: [...ids], cost: null }) };
    buy(shop, variants[0]?.variantId ?? "");
    await house.delivered();
    await house.turn(shop.shop, { shopifyOrders: unknown });
    await act(shop, "retry");
    for (let turns = 0; turns < 3; turns += 1) await house.turn(shop.shop, { shopifyOrders: unknown });
    expect(await states(shop)).toEqual(["parked:unknown_variant"]);
  });
});

describe("an order that could not be derived at all", () => {
  const derive = (shop: HouseShop) => house.turn(shop.shop);
  const spoil = (shop: HouseShop, spoilt: boolean) =>
    // A rule of the database that this order breaks, as a fault of ours would.
    house.composed.database.execute(spoilt ? `ALTER TABLE changes ADD CONSTRAINT spoilt CHECK (install_id <> ${shop.installId} OR inventory_item_id IS NULL) NOT VALID` : `ALTER TABLE changes DROP CONSTRAINT spoilt`);

  it("is asked about once, goes on when a retry finds it mended, and is asked about anew when it fails later", async () => {
    const { shop, variantId, itemId } = await openStore();
    await spoil(shop, true);
    buy(shop, variantId);
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["parked:underivable"]);
    await act(shop, "retry");
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["parked:underivable"]);
    await spoil(shop, false);
    await act(shop, "retry");
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["cancelled:overtaken", "applied"]);
    expect(unitsMoved(house, shop, itemId)).toBe(-1);

    await spoil(shop, true);
    const [order] = await house.composed.database.query<{ order_id: string }>(`SELECT order_id FROM orders WHERE install_id = $1`, shop.installId);
    house.simulator.control.cancelOrder(shop.shop, `gid://shopify/Order/${order?.order_id}`, { restock: true });
    await house.settle(shop.shop);
    await derive(shop);
    await spoil(shop, false);
    expect(await states(shop)).toEqual(["cancelled:overtaken", "applied", "parked:underivable"]);
  });
});

describe("a discard", () => {
  it("ends it for good with its reason: neither more news nor a cancellation touch stock", async () => {
    const { shop, itemId, placed } = await refusedOrder(3);
    expect(await act(shop, "discard", { note: "  " })).toEqual({ kind: "note_missing" });
    expect(done(await act(shop, "discard", { note: "counted by hand" }))).toEqual({ done: 1, refused: [] });
    house.simulator.control.cancelOrder(shop.shop, placed.orderId, { restock: true });
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["rejected:refused:INVALID_INVENTORY_ITEM"]);
    expect(unitsMoved(house, shop, itemId)).toBe(0);
    expect(await audit(shop)).toEqual([{ kind: "change_discarded", actor: STAFF, note: "counted by hand" }]);
    expect(done(await act(shop, "retry", { ids: (await rows(shop)).map((row) => row.id) }))).toEqual({ done: 0, refused: [["not_parked", 1]] });
  });

  it("of an unknown outcome is refused, and a reason that is too long is, too", async () => {
    const { shop } = await unknownOutcome(false);
    expect(done(await act(shop, "discard"))).toEqual({ done: 0, refused: [["outcome_unknown", 1]] });
    expect(await act(shop, "discard", { note: "x".repeat(501) })).toEqual({ kind: "note_too_long" });
  });

  it("only tried changes nothing", async () => {
    const { shop } = await refusedOrder();
    expect(done(await act(shop, "discard", { dryRun: true }))).toEqual({ done: 1, refused: [] });
    expect(await states(shop)).toEqual(["parked:refused:INVALID_INVENTORY_ITEM"]);
    expect(await audit(shop)).toEqual([]);
  });
});

describe("a resolution", () => {
  it("as applied settles the whole call, books no quantities, and lets the order go on", async () => {
    const { shop, variants, placed } = await unknownOutcome(true, 3);
    house.simulator.control.cancelOrder(shop.shop, placed[0]?.orderId ?? "", { restock: true });
    await house.settle(shop.shop);
    const [first] = await parkedIds(shop);
    const facts = await house.composed.review.desk.facts(shop.installId, [first ?? 0n]);
    expect(facts.get(first ?? 0n)).toMatchObject({ sharedCount: 3, outcomeUnknown: true });
    expect(await act(shop, "resolve_applied", { ids: [first ?? 0n] })).toMatchObject({ kind: "acted", changedCount: 3, refused: [] });
    await house.settle(shop.shop);
    expect((await states(shop)).toSorted()).toEqual(["applied", "applied:resolved_applied", "applied:resolved_applied", "applied:resolved_applied"]);
    expect(variants.map((variant) => unitsMoved(house, shop, variant.inventoryItemId)).toSorted((a, b) => a - b)).toEqual([-1, -1, 0]);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
    expect((await audit(shop)).map(({ kind, note }) => [kind, note])).toEqual(Array.from({ length: 3 }, () => ["change_resolved_applied", "looked at by hand"]));
  });

  it("as not applied waits until no attempt can arrive any more, and is then sent under another key", async () => {
    const { shop, itemId } = await unknownOutcome(false);
    expect(done(await act(shop, "resolve_not_applied"))).toEqual({ done: 0, refused: [["may_still_arrive", 1]] });
    await nothingTravels(shop);
    expect(done(await act(shop, "resolve_not_applied"))).toEqual({ done: 1, refused: [] });
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual(["applied"]);
    expect(unitsMoved(house, shop, itemId)).toBe(-1);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
    const mutations = await house.composed.database.query(`SELECT state, reason FROM mutations WHERE install_id = $1 ORDER BY claimed_at`, shop.installId);
    expect(mutations).toEqual([{ state: "refused", reason: "resolved_not_applied" }, { state: "applied", reason: null }]);
  });

  it.each(["resolve_applied", "resolve_not_applied"] as const)("as %s, followed by the late proof that it had been applied, is harmless or said aloud", async (resolution) => {
    const { shop } = await unknownOutcome(true);
    await nothingTravels(shop);
    const [mutation] = await house.composed.database.query<{ id: string; key: string; item: string; location: string }>(
      `SELECT m.id::text, m.key::text, e.inventory_item_id AS item, e.location_id AS location FROM mutations m JOIN mutation_entries e ON e.mutation_id = m.id WHERE m.install_id = $1`,
      shop.installId,
    );
    await act(shop, resolution);
    const stock = { inventoryItemId: mutation?.item ?? "", locationId: mutation?.location ?? "" };
    const claimed = { mutationId: mutation?.id ?? "", operation: "adjust" as const, key: mutation?.key ?? "", traceId: "t", entries: [{ ...stock, position: 0, delta: -1, changeFrom: null, token: 1n }], attemptNumber: 1, firstSentAt: new Date(0), firstAttempt: false, unsettledSince: null, unsettledCount: 0 };
    const proof = { groupId: "gid://shopify/InventoryAdjustmentGroup/1", createdAt: "2026-11-01T10:00:00Z", entries: [{ ...stock, after: 99 }] };
    const record = await house.composed.turnPorts.ledger.recordApplied(claimed, proof);
    expect(record.kind).toBe(resolution === "resolve_applied" ? "already_applied" : "applied_after_retirement");
    const said = await house.composed.database.query(`SELECT kind FROM audit_entries WHERE install_id = $1 AND kind IN ('applied_after_retirement', 'resolution_confirmed')`, shop.installId);
    expect(said).toEqual([{ kind: resolution === "resolve_applied" ? "resolution_confirmed" : "applied_after_retirement" }]);
  });

  it("that comes after the proof finds it settled, and one of what was never in doubt is refused", async () => {
    const { shop } = await refusedOrder();
    expect(done(await act(shop, "resolve_applied"))).toEqual({ done: 0, refused: [["outcome_known", 1]] });
    await act(shop, "retry");
    await house.settle(shop.shop);
    expect(done(await act(shop, "resolve_not_applied", { ids: (await rows(shop)).map((row) => row.id) }))).toEqual({ done: 0, refused: [["not_parked", 1]] });
  });

  it("of a call of a paused source leaves its changes parked for the pause", async () => {
    const { shop } = await unknownOutcome(false);
    await nothingTravels(shop);
    await house.composed.turnPorts.sources.record(shop.installId, { sourceKey: "name:my-channel", orderId: "1", verdict: "took_stock", evidence: {} });
    expect(done(await act(shop, "resolve_not_applied"))).toEqual({ done: 1, refused: [] });
    expect(await states(shop)).toEqual(["parked:source_paused"]);
  });
});

describe("another shop, another life of the app", () => {
  it("cannot be reached by its ids", async () => {
    const mine = await refusedOrder();
    const theirs = await refusedOrder();
    const ids = await parkedIds(theirs.shop);
    for (const what of ["retry", "discard", "resolve_applied", "resolve_not_applied"] as const) {
      expect(done(await act(mine.shop, what, { ids }))).toEqual({ done: 0, refused: [["not_found", 1]] });
    }
    expect((await house.composed.review.desk.facts(mine.shop.installId, ids)).size).toBe(0);
    expect(await states(theirs.shop)).toEqual(["parked:refused:INVALID_INVENTORY_ITEM"]);
  });

  it("is not touched after an uninstall, and the next life has nothing to decide", async () => {
    const { shop } = await refusedOrder();
    const ids = await parkedIds(shop);
    house.simulator.control.uninstall(shop.shop);
    await house.settle(shop.shop);
    const installId = await house.install(shop.shop);
    expect(await act(shop, "retry", { ids })).toEqual({ kind: "not_installed" });
    expect(done(await act({ ...shop, installId }, "discard", { ids }))).toEqual({ done: 0, refused: [["not_found", 1]] });
    expect(await replayDeliveries(house.composed.review, { install: shop, deliveryIds: [1n], actor: STAFF })).toEqual({ kind: "not_installed" });
  });
});

describe("a notification that is worked on once more", () => {
  it("changes nothing when it was worked on before, brings what was missing, and says why it cannot be done", async () => {
    const { shop, variantId, itemId } = await openStore();
    buy(shop, variantId);
    await house.settle(shop.shop);
    const before = await rows(shop);
    const deliveries = await house.composed.database.query<{ id: bigint; topic: string }>(`SELECT id, topic FROM deliveries WHERE install_id = $1 ORDER BY id`, shop.installId);
    await house.composed.database.execute(`INSERT INTO deliveries (install_id, shop, webhook_id, topic, state, reason, trace_id) VALUES ($1, $2, $3, 'orders/create', 'rejected', 'unstorable:22P05', 't')`, shop.installId, shop.shop, `bare-${shop.shop}`);
    const [bare] = await house.composed.database.query<{ id: bigint }>(`SELECT id FROM deliveries WHERE webhook_id = $1`, `bare-${shop.shop}`);
    const ids = [...deliveries.map((delivery) => delivery.id), bare?.id ?? 0n, 999_999_999n];
    const answer = await replayDeliveries(house.composed.review, { install: shop, deliveryIds: ids, actor: "operator" });
    if (answer.kind !== "replayed") throw new Error("not replayed");
    const refused = Object.fromEntries(answer.refused.map((entry) => [entry.refusal, entry.ids]));
    expect(refused).toMatchObject({ without_content: [bare?.id], not_found: [999_999_999n] });
    expect(answer.doneIds.length).toBeGreaterThan(0);
    await house.settle(shop.shop);
    expect(await rows(shop)).toEqual(before);
    expect(unitsMoved(house, shop, itemId)).toBe(-1);
    expect(await ledgerDifferences(house, shop)).toEqual([]);
    const entries = await house.composed.database.query(`SELECT DISTINCT actor FROM audit_entries WHERE install_id = $1 AND kind = 'delivery_replayed'`, shop.installId);
    expect(entries).toEqual([{ actor: "operator" }]);
  });

  it("after what it said was lost brings it back", async () => {
    const { shop, variantId, itemId } = await openStore();
    buy(shop, variantId);
    await house.delivered();
    // As a fault of ours would leave it: marked as unreadable, its order unknown.
    await house.composed.database.execute(`UPDATE deliveries SET state = 'rejected', reason = 'unabsorbable:22003', processed_at = now() WHERE install_id = $1 AND order_id IS NOT NULL`, shop.installId);
    await house.settle(shop.shop);
    expect(await states(shop)).toEqual([]);
    const rejected = await house.composed.database.query<{ id: bigint }>(`SELECT id FROM deliveries WHERE install_id = $1 AND state = 'rejected'`, shop.installId);
    await replayDeliveries(house.composed.review, { install: shop, deliveryIds: rejected.map((row) => row.id), actor: STAFF });
    await house.settle(shop.shop);
    expect(unitsMoved(house, shop, itemId)).toBe(-1);
  });
});

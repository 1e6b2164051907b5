// Goal: what the ledger proves that we owe, or did twice, can be set right by a person and taken back once, through the pipeline; nothing else is
// ever proposed, and a count by somebody is never undone. Method: calls whose answers were lost, and what they leave in Shopify, by hand.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { actOnChanges } from "#app/review/act-on-changes.server.ts";
import type { CorrectionAct } from "#app/ports/corrections.ts";
import { correctStock } from "#app/reconcile/correct-stock.server.ts";
import { SCAN_LIMITS } from "#app/reconcile/reconcile-ports.ts";
import { checkLedger } from "#app/reconcile/confirm-differences.server.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const tail = (gid: string) => gid.split("/").at(-1) ?? "";

async function openStore() {
  const shop = await house.openShop();
  const { control } = house.simulator;
  const locationId = shop.locationIds[0] ?? "";
  const { variants } = control.createProduct(shop.shop, { title: "Kettle", variants: [{ sku: "K", levels: [{ locationId, available: 10 }] }] });
  await house.protect(shop);
  await house.settle(shop.shop);
  // What is seen within two seconds of a call cannot be ordered against it.
  await house.composed.database.execute(`UPDATE stock_observations SET at = at - interval '1 minute' WHERE install_id = $1`, shop.installId);
  const itemId = variants[0]?.inventoryItemId ?? "";
  const buy = () => control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: variants[0]?.variantId ?? "", quantity: 1 }] });
  const write = async (input: { delta: number } | { available: number }) => {
    if ("delta" in input) control.adjustLevel(shop.shop, { inventoryItemId: itemId, locationId, writer: "other", ...input });
    else control.setLevel(shop.shop, { inventoryItemId: itemId, locationId, writer: "stock-take", ...input });
    await house.settle(shop.shop);
  };
  const available = () => (control.levels(shop.shop).find((level) => level.inventoryItemId === itemId)?.quantities as { available: number } | undefined)?.available;
  return { shop, itemId, locationId, buy, write, available };
}

const scanLedger = (shop: HouseShop) =>
  checkLedger({ ...house.composed.reconcile, limits: { ...SCAN_LIMITS, settleMs: 0 } }, { installId: shop.installId, shop: shop.shop, id: null }, new AbortController().signal);
const driftsOf = (shop: HouseShop) =>
  house.composed.database.query<{ id: bigint; explanation: string; state: string; proposed_delta: number | null }>(`SELECT id, explanation, state, proposed_delta FROM drifts WHERE install_id = $1 ORDER BY id`, shop.installId);
const decide = (shop: HouseShop, id: bigint, act: CorrectionAct, over: { dryRun?: boolean; note?: string; kind?: "drift" | "conflict" } = {}) =>
  correctStock(house.composed.reconcile, { install: shop, subject: { kind: over.kind ?? "drift", id }, act, actor: "staff:7", note: over.note ?? "counted by hand", dryRun: over.dryRun ?? false });

/** One order whose call was answered only the second time; `arrivals`: how often it counted. */
async function sentTwice(arrivals: 1 | 2) {
  const store = await openStore();
  house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "after_commit", times: 1, shop: store.shop.shop });
  store.buy();
  await house.settle(store.shop.shop);
  if (arrivals === 2) await store.write({ delta: -1 });
  return store;
}

/** One order whose call a person called applied although it never was. */
async function calledApplied() {
  const store = await openStore();
  const { database, review } = house.composed;
  house.simulator.control.addFault({ boundary: "inventoryAdjustQuantities", kind: "before_commit", times: 1, shop: store.shop.shop });
  store.buy();
  await house.delivered();
  await house.turn(store.shop.shop);
  await database.execute(`UPDATE mutations SET first_sent_at = now() - interval '23 hours 1 second', resend_at = now() WHERE install_id = $1`, store.shop.installId);
  await house.settle(store.shop.shop);
  const parked = await database.query<{ id: bigint }>(`SELECT id FROM changes WHERE install_id = $1 AND state = 'parked'`, store.shop.installId);
  await actOnChanges(review, { install: store.shop, act: "resolve_applied", changeIds: parked.map(({ id }) => id), actor: "staff:7", note: "it looks applied" });
  // The number last changed before the call was sent.
  await database.execute(`UPDATE mutations SET first_sent_at = now() + interval '4 seconds' WHERE install_id = $1`, store.shop.installId);
  return store;
}

describe("a call that counted twice", () => {
  it("is found though every notification came, corrected once, and the correction undone once", async () => {
    const { shop, available } = await sentTwice(2);
    expect(available()).toBe(8);
    await scanLedger(shop);
    await scanLedger(shop);
    const [drift, another] = await driftsOf(shop);
    expect([drift, another]).toEqual([expect.objectContaining({ explanation: "doubled", state: "open", proposed_delta: 1 }), undefined]);
    const id = drift?.id ?? 0n;
    expect(await decide(shop, id, "correct", { dryRun: true, note: "" })).toMatchObject({ kind: "done", changeId: null, correction: { delta: 1, standing: 8, expected: 9 } });
    expect(await decide(shop, id, "correct", { note: " " })).toEqual({ kind: "note_missing" });
    expect(available()).toBe(8);
    // Two people at once: one of them is told that it was done.
    const both = await Promise.all([decide(shop, id, "correct"), decide(shop, id, "correct")]);
    expect(both.map((answer) => (answer.kind === "refused" ? answer.refusal : answer.kind)).toSorted()).toEqual(["already_corrected", "done"]);
    expect(await decide(shop, id, "undo")).toEqual({ kind: "refused", refusal: "not_applied" });
    await house.settle(shop.shop);
    expect(available()).toBe(9);
    const [change] = await house.composed.database.query(`SELECT effect_key, cause, state, delta FROM changes WHERE install_id = $1 AND cause = 'correction'`, shop.installId);
    expect(change).toEqual({ effect_key: `correction:drift:${id}`, cause: "correction", state: "applied", delta: 1 });
    expect(await decide(shop, id, "undo")).toMatchObject({ kind: "done", correction: { delta: -1, expected: 8 } });
    await house.settle(shop.shop);
    expect(available()).toBe(8);
    expect(await decide(shop, id, "undo")).toEqual({ kind: "refused", refusal: "already_undone" });
    const told = await house.composed.database.query(`SELECT kind, actor, detail->>'note' AS note FROM audit_entries WHERE install_id = $1 AND kind LIKE 'correction_%' ORDER BY id`, shop.installId);
    expect(told).toEqual([{ kind: "correction_asked", actor: "staff:7", note: "counted by hand" }, { kind: "correction_undone", actor: "staff:7", note: "counted by hand" }]);
    // Corrections have effects of their own: nothing new is in doubt.
    await scanLedger(shop);
    expect(await driftsOf(shop)).toHaveLength(1);
  });

  it("is not taken for one that was sent twice and counted once", async () => {
    const { shop, available } = await sentTwice(1);
    expect(available()).toBe(9);
    await scanLedger(shop);
    expect(await driftsOf(shop)).toEqual([]);
  });

  it("is not corrected when somebody counted the stock since, nor where Holdfast only watches, nor in another shop", async () => {
    const { shop, write } = await sentTwice(2);
    await scanLedger(shop);
    const id = (await driftsOf(shop))[0]?.id ?? 0n;
    const other = await openStore();
    expect(await decide(other.shop, id, "correct")).toEqual({ kind: "refused", refusal: "not_found" });
    await house.settings(shop, (settings) => ({ ...settings, mode: "observe" }));
    expect(await decide(shop, id, "correct")).toEqual({ kind: "refused", refusal: "not_protecting" });
    await house.protect(shop);
    await write({ available: 9 });
    await house.composed.database.execute(
      `UPDATE stock_observations SET verdict = 'another_writer', foreign_delta = 1, judged_at = now(), at = now() + interval '1 second' WHERE id = (SELECT max(id) FROM stock_observations WHERE install_id = $1)`,
      shop.installId,
    );
    expect(await decide(shop, id, "correct")).toEqual({ kind: "refused", refusal: "recounted" });
    expect(await decide(shop, id, "dismiss")).toMatchObject({ kind: "done", changeId: null });
    expect(await decide(shop, id, "dismiss")).toEqual({ kind: "refused", refusal: "not_open" });
    expect(await house.composed.database.query(`SELECT 1 FROM changes WHERE install_id = $1 AND cause = 'correction'`, shop.installId)).toEqual([]);
  });
});

describe("a call that was booked and never counted", () => {
  it("is owed: its change is proposed again and takes effect", async () => {
    const { shop, available } = await calledApplied();
    expect(available()).toBe(10);
    await scanLedger(shop);
    const [drift] = await driftsOf(shop);
    expect(drift).toMatchObject({ explanation: "owed", proposed_delta: -1 });
    expect(await decide(shop, drift?.id ?? 0n, "correct")).toMatchObject({ kind: "done", correction: { standing: 10, expected: 9 } });
    await house.settle(shop.shop);
    expect(available()).toBe(9);
  });
});

describe("an overwritten stock", () => {
  it("is repaired only when a person says so, with both numbers, and not twice", async () => {
    const { shop, itemId, locationId, available } = await openStore();
    const [row] = await house.composed.database.query<{ id: bigint }>(
      `INSERT INTO conflicts (install_id, shop, observation_id, inventory_item_id, location_id, at, value_before, value_written, same_as_at, units_at_risk, unseen, confidence)
       VALUES ($1, $2, 1, $3, $4, now(), 7, 10, now() - interval '1 minute', 3, '[]', 'certain') RETURNING id`,
      shop.installId,
      shop.shop,
      tail(itemId),
      tail(locationId),
    );
    const id = row?.id ?? 0n;
    expect(await decide(shop, id, "correct", { kind: "conflict", dryRun: true })).toMatchObject({ correction: { delta: -3, standing: 10, expected: 7, effectKey: `correction:conflict:${id}` } });
    expect(await decide(shop, id, "correct", { kind: "conflict" })).toMatchObject({ kind: "done" });
    await house.settle(shop.shop);
    expect(available()).toBe(7);
    expect(await decide(shop, id, "correct", { kind: "conflict" })).toEqual({ kind: "refused", refusal: "already_corrected" });
  });
});

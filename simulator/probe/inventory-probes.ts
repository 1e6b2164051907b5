// Probes of stock: what a key remembers, what a bad entry does to its neighbours, and what may be written where.
import type { Bench, InventoryAnswer, Item } from "./bench.ts";
import { messages } from "./bench.ts";
import type { Probe } from "./probe.ts";
import { seen, unclear } from "./probe.ts";

const scopes = ["write_products", "write_inventory"];
const NOBODY = "gid://shopify/InventoryItem/1";

const REASONS = [
  "correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created", "movement_received", "movement_updated", "other", "promotion", "quality_control",
  "received", "reservation_created", "reservation_deleted", "reservation_updated", "restock", "safety_stock", "shrinkage",
];

const SET = `mutation ($input: InventorySetQuantitiesInput!, $key: String!) { inventorySetQuantities(input: $input) @idempotent(key: $key) { inventoryAdjustmentGroup { id } userErrors { code message } } }`;
const MOVE = `mutation ($input: InventoryMoveQuantitiesInput!, $key: String!) { inventoryMoveQuantities(input: $input) @idempotent(key: $key) { inventoryAdjustmentGroup { id } userErrors { code message } } }`;

const one = ({ inventoryItemId, locationId }: Item, delta: number, changeFromQuantity: number | null = null) => [{ inventoryItemId, locationId, delta, changeFromQuantity }];
const available = (bench: Bench, item: Item) => bench.quantity(item, "available", item.locationId);
const codes = ({ userErrors }: Pick<InventoryAnswer, "userErrors">) => userErrors.map(({ code }) => code ?? "no code").join(", ") || "no error";
const afterOf = ({ inventoryAdjustmentGroup }: InventoryAnswer) => inventoryAdjustmentGroup?.changes.find(({ name }) => name === "available")?.quantityAfterChange ?? null;

const keyHonoured: Probe = {
  rule: "key-honoured",
  does: "takes 1 of 10 units twice under one key and counts what is left",
  scopes,
  async ask(bench) {
    const item = await bench.item();
    const key = bench.key();
    await bench.adjust(key, one(item, -1));
    await bench.adjust(key, one(item, -1));
    const left = await available(bench, item);
    return left === 9 || left === 8 ? seen(left === 9, `${left} of 10 are left`) : unclear(`${left} of 10 are left`);
  },
};

const keyBeforeContent: Probe = {
  rule: "key-before-content",
  does: "changes nothing (a delta of 0) under a key, then sends another change under it",
  scopes,
  async ask(bench) {
    const item = await bench.item();
    const key = bench.key();
    const idle = await bench.adjust(key, one(item, 0));
    if (idle.userErrors.length > 0) return unclear(`a delta of 0 is refused: ${codes(idle)}`);
    const other = await bench.adjust(key, one(item, -1));
    if (other.userErrors.some(({ code }) => code === "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")) return seen(true, "the second change was a parameter mismatch");
    return other.inventoryAdjustmentGroup ? seen(false, "the second change was applied") : unclear(codes(other));
  },
};

const replayQuantities: Probe = {
  rule: "replay-quantities",
  does: "takes 1 unit under a key, 3 under another, and sends the first once more",
  scopes,
  async ask(bench) {
    const item = await bench.item();
    const key = bench.key();
    await bench.adjust(key, one(item, -1));
    await bench.adjust(bench.key(), one(item, -3));
    const after = afterOf(await bench.adjust(key, one(item, -1)));
    if ((await available(bench, item)) !== 6) return unclear("the repeated request had an effect of its own");
    if (after === 9) return seen(false, "the repeated answer shows 9, as the first did");
    return after === 6 ? seen(true, "the repeated answer shows 6, the present number") : unclear(`the repeated answer shows ${after}`);
  },
};

const keyUserErrors: Probe = {
  rule: "key-user-errors",
  does: "has a change refused as stale, makes it fresh by another one, and sends it again under its key",
  scopes,
  async ask(bench) {
    const item = await bench.item();
    const key = bench.key();
    const stale = await bench.adjust(key, one(item, -1, 9));
    if (stale.userErrors.length === 0) return unclear("a stale change was not refused");
    await bench.adjust(bench.key(), one(item, -1));
    const again = await bench.adjust(key, one(item, -1, 9));
    if (again.inventoryAdjustmentGroup) return seen("forgotten", "the same request was applied when it was no longer stale");
    if (again.userErrors.some(({ code }) => code === "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")) return seen("previous_attempt_failed", codes(again));
    return again.userErrors.some(({ code }) => code === "CHANGE_FROM_QUANTITY_STALE") ? seen("replayed", "the refusal was answered once more") : unclear(codes(again));
  },
};

const batchAllOrNothing: Probe = {
  rule: "batch-all-or-nothing",
  does: "sends a good entry beside one of an item that does not exist",
  scopes,
  async ask(bench) {
    const item = await bench.item();
    const answer = await bench.adjust(bench.key(), [...one(item, -1), { inventoryItemId: NOBODY, locationId: item.locationId, delta: -1 }]);
    if (answer.userErrors.length === 0) return unclear("no entry was refused");
    const left = await available(bench, item);
    return seen(left === 10, `${codes(answer)}; ${left} of 10 are left`);
  },
};

const unstockedLocation: Probe = {
  rule: "unstocked-location",
  does: "adds a unit at a location that does not stock the item",
  scopes,
  async ask(bench) {
    const item = await bench.item();
    const elsewhere = bench.locationIds.find((locationId) => locationId !== item.locationId);
    if (elsewhere === undefined) return unclear("the shop has one location only");
    if ((await bench.quantity(item, "available", elsewhere)) !== null) return unclear("a new item is stocked everywhere in this shop");
    const answer = await bench.adjust(bench.key(), [{ inventoryItemId: item.inventoryItemId, locationId: elsewhere, delta: 1 }]);
    return seen(answer.inventoryAdjustmentGroup ? "activate" : "refuse", answer.inventoryAdjustmentGroup ? "the level was made" : codes(answer));
  },
};

const reasons: Probe = {
  rule: "reasons",
  does: "adds a unit for each of seventeen reasons, and one for a reason that nobody knows",
  scopes,
  async ask(bench) {
    const item = await bench.item();
    const refused: string[] = [];
    for (const reason of REASONS) if ((await bench.adjust(bench.key(), one(item, 1), reason)).userErrors.length > 0) refused.push(reason);
    const unknown = await bench.adjust(bench.key(), one(item, 1), "nobody_knows");
    const holds = refused.length === 0 && unknown.userErrors.some(({ code }) => code === "INVALID_REASON");
    return seen(holds, holds ? "all seventeen were taken, the unknown one was INVALID_REASON" : `refused: ${refused.join(", ") || "none"}; the unknown one: ${codes(unknown)}`);
  },
};

const moveBelowZero: Probe = {
  rule: "move-below-zero",
  does: "moves 11 of 10 available units to reserved",
  scopes,
  async ask(bench) {
    const item = await bench.item();
    const terminal = { locationId: item.locationId, changeFromQuantity: null };
    const change = { inventoryItemId: item.inventoryItemId, quantity: 11, from: { ...terminal, name: "available" }, to: { ...terminal, name: "reserved", ledgerDocumentUri: "holdfast-probe://ledger/1" } };
    const input = { reason: "reservation_created", referenceDocumentUri: "holdfast-probe://move/1", changes: [change] };
    const { inventoryMoveQuantities: answer } = await bench.client.ask<{ inventoryMoveQuantities: { inventoryAdjustmentGroup: object | null; userErrors: { code: string | null; message: string }[] } }>(MOVE, { input, key: bench.key() });
    return seen(answer.inventoryAdjustmentGroup !== null, answer.inventoryAdjustmentGroup ? "it was moved" : messages(answer.userErrors));
  },
};

const setNegative: Probe = {
  rule: "set-negative",
  does: "sets available, then on_hand, to -1",
  scopes,
  async ask(bench) {
    const set = async (name: string) => {
      const item = await bench.item();
      const input = { name, reason: "correction", quantities: [{ inventoryItemId: item.inventoryItemId, locationId: item.locationId, quantity: -1, changeFromQuantity: null }] };
      return (await bench.client.ask<{ inventorySetQuantities: Pick<InventoryAnswer, "userErrors"> }>(SET, { input, key: bench.key() })).inventorySetQuantities;
    };
    const [ofAvailable, ofOnHand] = [await set("available"), await set("on_hand")];
    const holds = ofAvailable.userErrors.length === 0 && ofOnHand.userErrors.some(({ code }) => code === "INVALID_QUANTITY_NEGATIVE");
    return seen(holds, `available: ${codes(ofAvailable)}; on_hand: ${codes(ofOnHand)}`);
  },
};

const groupOnHand: Probe = {
  rule: "group-on-hand",
  does: "takes a unit and looks which names the answer lists; then changes nothing",
  scopes,
  async ask(bench) {
    const item = await bench.item();
    const names = ((await bench.adjust(bench.key(), one(item, -1))).inventoryAdjustmentGroup?.changes ?? []).map(({ name }) => name).toSorted();
    const idle = await bench.adjust(bench.key(), one(item, 0));
    return seen(names.join() === "available,on_hand" && idle.inventoryAdjustmentGroup === null, `names: ${names.join(", ")}; a delta of 0 made ${idle.inventoryAdjustmentGroup ? "a group" : "no group"}`);
  },
};

export const inventoryProbes: readonly Probe[] = [keyHonoured, keyBeforeContent, replayQuantities, keyUserErrors, batchAllOrNothing, unstockedLocation, reasons, moveBelowZero, setNegative, groupOnHand];

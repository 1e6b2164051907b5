// Compares, effect by effect, what should have happened with what Shopify's truth log says the app did and what its ledger claims.
import { effectKey } from "./effects.ts";
import type { Effect, EffectKey } from "./effects.ts";

/** The fields of a truth log entry that a verdict rests on; ids are gids. */
export type TruthEntry = {
  seq: number;
  at: string;
  inventoryItemId: string;
  locationId: string;
  name: string;
  delta: number;
  after: number;
  cause: { kind: string; idempotencyKey?: string; referenceDocumentUri?: string };
};

/** One change as the app's ledger has it, read from its public API. */
export type LedgerChange = {
  orderId: string | null;
  lineId: string | null;
  inventoryItemId: string | null;
  locationId: string | null;
  delta: number;
  state: string;
  mutationKey: string | null;
};

export type Finding = {
  kind: "lost" | "doubly_applied" | "ledger_differs";
  /** The stock, and the order and line where they are known. */
  where: string;
  expected: number;
  found: number;
};

export type Judgement = {
  /** Units that should be out of stock and are not, or were given back and should not have been. */
  lost: number;
  /** Units that were taken beyond what the orders wanted. */
  doublyApplied: number;
  /**
   * Units by which `available` stood below zero after a write of the app, as far as the app took too much there. An item
   * that the buyers themselves sold out is not counted: scenarios keep stock high enough that it cannot happen.
   */
  oversoldUnits: number;
  /** Every call in the truth log is in the ledger with the same units, and every applied change has its call. */
  ledgerEqualsTruth: boolean;
  mutations: number;
  /** Items and locations written, summed over all calls. */
  entries: number;
  findings: Finding[];
};

const findingsKept = 200;

export function judge(expected: ReadonlyMap<EffectKey, Effect>, truth: readonly TruthEntry[], ledger: readonly LedgerChange[]): Judgement {
  const written = truth.filter((entry) => entry.cause.kind === "app" && entry.name === "available");
  const findings: Finding[] = [];
  const actual = new Map<EffectKey, Effect>();
  const add = (effect: Effect) => {
    const key = effectKey(effect);
    actual.set(key, { ...effect, units: effect.units + (actual.get(key)?.units ?? 0) });
  };
  for (const change of ledger) {
    if (change.state !== "applied" || change.delta === 0) continue;
    add({ ...placeOf(change), orderId: change.orderId ?? "no order", lineItemId: change.lineId ?? "no line", units: change.delta });
  }
  // What a call moved beyond what the ledger says of it belongs to no order: it is nobody's expected effect.
  const differences = compareByCall(written, ledger);
  for (const { inventoryItemId, locationId, claimed, found, key } of differences) {
    add({ orderId: "unexplained", lineItemId: key, inventoryItemId, locationId, units: found - claimed });
    findings.push({ kind: "ledger_differs", where: `call ${key}, ${inventoryItemId} at ${locationId}`, expected: claimed, found });
  }
  const sums = compareEffects(expected, actual, findings);
  const calls = new Set(written.map(callOf));
  return {
    lost: sums.lost,
    doublyApplied: sums.doublyApplied,
    oversoldUnits: oversold(written, sums.excessByStock),
    ledgerEqualsTruth: differences.length === 0,
    mutations: calls.size,
    entries: new Set(written.map((entry) => `${callOf(entry)}|${stockOf(entry)}`)).size,
    findings: findings.slice(0, findingsKept),
  };
}

function compareEffects(expected: ReadonlyMap<EffectKey, Effect>, actual: ReadonlyMap<EffectKey, Effect>, findings: Finding[]) {
  let lost = 0;
  let doublyApplied = 0;
  const excessByStock = new Map<string, number>();
  for (const key of new Set([...expected.keys(), ...actual.keys()])) {
    const effect = expected.get(key) ?? actual.get(key);
    const [wanted, found] = [expected.get(key)?.units ?? 0, actual.get(key)?.units ?? 0];
    if (effect === undefined || wanted === found) continue;
    const where = `${effect.orderId}, ${effect.lineItemId}, ${effect.inventoryItemId} at ${effect.locationId}`;
    if (found > wanted) {
      lost += found - wanted;
      findings.push({ kind: "lost", where, expected: wanted, found });
    } else {
      doublyApplied += wanted - found;
      const stock = stockOf(effect);
      excessByStock.set(stock, (excessByStock.get(stock) ?? 0) + wanted - found);
      findings.push({ kind: "doubly_applied", where, expected: wanted, found });
    }
  }
  return { lost, doublyApplied, excessByStock };
}

type Difference = { key: string; inventoryItemId: string; locationId: string; claimed: number; found: number };

/** Per call, item and location: the units the ledger booked under it against the units it moved. */
function compareByCall(written: readonly TruthEntry[], ledger: readonly LedgerChange[]): Difference[] {
  const rows = new Map<string, Difference>();
  const rowOf = (key: string, place: { inventoryItemId: string; locationId: string }) => {
    const id = `${key}|${stockOf(place)}`;
    const row = rows.get(id) ?? { key, ...place, claimed: 0, found: 0 };
    rows.set(id, row);
    return row;
  };
  for (const change of ledger) {
    if (change.state !== "applied") continue;
    // Changes that cancel each other out need no call: together they must move nothing.
    rowOf(change.mutationKey ?? "no call", placeOf(change)).claimed += change.delta;
  }
  for (const { inventoryItemId, locationId, ...entry } of written) rowOf(callOf(entry), { inventoryItemId, locationId }).found += entry.delta;
  return [...rows.values()].filter((row) => row.claimed !== row.found);
}

function oversold(written: readonly TruthEntry[], excessByStock: ReadonlyMap<string, number>): number {
  const depth = new Map<string, number>();
  for (const entry of written) {
    if (entry.delta < 0 && entry.after < 0) depth.set(stockOf(entry), Math.max(depth.get(stockOf(entry)) ?? 0, -entry.after));
  }
  let units = 0;
  for (const [stock, below] of depth) units += Math.min(below, excessByStock.get(stock) ?? 0);
  return units;
}

function callOf(entry: Pick<TruthEntry, "cause">): string {
  return entry.cause.idempotencyKey ?? entry.cause.referenceDocumentUri ?? "a call without a key";
}

function stockOf(place: { inventoryItemId: string; locationId: string }): string {
  return `${place.inventoryItemId}@${place.locationId}`;
}

function placeOf(change: LedgerChange): { inventoryItemId: string; locationId: string } {
  return { inventoryItemId: change.inventoryItemId ?? "no item", locationId: change.locationId ?? "no location" };
}

// What a perfect judge would find: which items are oversold, by how much, whose orders are short, and which writes were overwrites.
import type { TruthEntry } from "../../world/state.ts";
import { demands, stockKey, trueStock } from "./true-stock.ts";
import type { WhatHappened } from "./what-happened.ts";

export interface TrueOversell {
  readonly inventoryItemId: string;
  /** Missing over all locations, > 0. */
  readonly short: number;
  /** Units by order, latest orders first until the missing ones are covered. */
  readonly orders: ReadonlyMap<string, number>;
  /** By the rule of docs/reference/detection.md, "What can be decided". */
  readonly decidable: boolean;
}

export interface TrueOverwrite {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly atMs: number;
  readonly written: number;
  readonly unitsAtRisk: number;
}

/** A number may be this old to be told from a count. */
const NUMBER_AGE_MS = 3_600_000;
/** A count or a delivery this near to a sale cannot be told from it. */
const QUIET_MS = 2_000;

export function trueOversells(happened: WhatHappened): TrueOversell[] {
  const stock = trueStock(happened);
  const items = new Set([...stock.keys()].map((key) => key.split("@")[0] ?? ""));
  return [...items].flatMap((inventoryItemId) => {
    if (happened.apart.has(inventoryItemId)) return [];
    const levels = [...stock].filter(([key]) => key.startsWith(`${inventoryItemId}@`)).map(([key, units]) => ({ locationId: key.split("@")[1] ?? "", units }));
    const lacking = levels.reduce((sum, { units }) => sum + Math.max(0, -units), 0);
    const spare = levels.filter(({ locationId }) => happened.shipping.has(locationId)).reduce((sum, { units }) => sum + Math.max(0, units), 0);
    const short = Math.max(0, lacking - spare);
    return short === 0 ? [] : [{ inventoryItemId, short, orders: whoIsShort(happened, inventoryItemId, short), decidable: isDecidable(happened, inventoryItemId) }];
  });
}

/** Items of which one location is short and others can cover all of it. */
export function trueMoves(happened: WhatHappened): Set<string> {
  const short = new Set(trueOversells(happened).map(({ inventoryItemId }) => inventoryItemId));
  const below = [...trueStock(happened)].filter(([, units]) => units < 0).map(([key]) => key.split("@")[0] ?? "");
  return new Set(below.filter((item) => !short.has(item) && !happened.apart.has(item)));
}

function whoIsShort(happened: WhatHappened, inventoryItemId: string, units: number): Map<string, number> {
  const open = demands(happened)
    .filter((demand) => demand.inventoryItemId === inventoryItemId && demand.unitsOpen > 0 && demand.line.channel !== "pos" && !demand.line.test)
    .toSorted((a, b) => b.line.soldMs - a.line.soldMs || Number(BigInt(idOf(b.line.orderId)) - BigInt(idOf(a.line.orderId))));
  const short = new Map<string, number>();
  let left = units;
  for (const { line, unitsOpen } of open) {
    const taken = Math.min(left, unitsOpen);
    if (taken > 0) short.set(line.orderId, (short.get(line.orderId) ?? 0) + taken);
    left -= taken;
  }
  return short;
}

function idOf(orderId: string): string {
  return orderId.slice(orderId.lastIndexOf("/") + 1);
}

function isDecidable(happened: WhatHappened, inventoryItemId: string): boolean {
  const byLevel = Map.groupBy(availableOf(happened).filter((entry) => entry.inventoryItemId === inventoryItemId), ({ locationId }) => locationId);
  return [...byLevel.values()].every((entries) => {
    const counted = entries.findLastIndex(({ cause }) => cause.writeKind === "stock_take");
    return entries.every((entry, index) => index < counted || entry.cause.kind !== "writer" || isTellable(entries, index));
  });
}

function isTellable(entries: readonly TruthEntry[], index: number): boolean {
  const entry = entries[index];
  if (!entry) return false;
  const atMs = Date.parse(entry.at);
  const isOldNumber = entries.slice(0, index).some(({ after, at }) => after === entry.after && atMs - Date.parse(at) <= NUMBER_AGE_MS);
  if (entry.cause.writeKind === "overwrite") return isOldNumber;
  return !isOldNumber && entries.every((other) => other === entry || other.cause.kind === "seed" || Math.abs(Date.parse(other.at) - atMs) > QUIET_MS);
}

function availableOf({ truth }: WhatHappened): TruthEntry[] {
  return truth.filter(({ name }) => name === "available");
}

/** A writer set a number that it had read before at least one order, and units came back by it. */
export function trueOverwrites(happened: WhatHappened): TrueOverwrite[] {
  const byLevel = Map.groupBy(availableOf(happened), ({ inventoryItemId, locationId }) => stockKey(inventoryItemId, locationId));
  return [...byLevel.values()].flatMap((entries) =>
    entries.flatMap(({ inventoryItemId, locationId, seq, at, after, delta, cause }) => {
      if (cause.writeKind !== "overwrite" || cause.seenSeq === undefined || delta <= 0) return [];
      const seen = cause.seenSeq;
      const unseen = entries.filter((other) => other.seq > seen && other.seq < seq && other.delta < 0 && other.cause.kind !== "writer");
      return unseen.length === 0 ? [] : [{ inventoryItemId, locationId, atMs: Date.parse(at), written: after, unitsAtRisk: delta }];
    }),
  );
}

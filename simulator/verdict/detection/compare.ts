// Holds what an app found against what happened, and counts.
import { type TrueOversell, type TrueOverwrite, trueMoves, trueOversells, trueOverwrites } from "./true-incidents.ts";
import type { WhatHappened } from "./what-happened.ts";

/** What the app answers over its API; more fields do no harm. */
export interface FoundOversell {
  readonly kind: "oversold" | "move_stock" | "likely_oversold";
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly short: number;
  readonly orders: readonly { readonly orderId: string; readonly unitsShort: number }[];
}

export interface FoundConflict {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly at: string;
  readonly valueWritten: number;
}

export interface DetectionFigures {
  readonly incidents: number;
  readonly decidable: number;
  /** Of the decidable ones, those whose missing units and short orders are right. */
  readonly right: number;
  /** What is wrong, in words. */
  readonly wrong: readonly string[];
  /** Incidents that were reported as certain and do not exist. */
  readonly invented: readonly string[];
  /** Reported as likely only, and none: a count that leaves a number that was there before looks like an overwrite, whoever looks. */
  readonly suspected: readonly string[];
  readonly overwrites: { readonly true: number; readonly found: number; readonly right: number; readonly caught: number; readonly wrong: readonly string[] };
}

/** The notification of a write may be lost: it is found at the next one. */
const SAME_WRITE_MS = 60_000;

export function compareDetection(happened: WhatHappened, found: { oversells: readonly FoundOversell[]; conflicts: readonly FoundConflict[] }): DetectionFigures {
  const truth = trueOversells(happened);
  const moves = trueMoves(happened);
  const byItem = Map.groupBy(found.oversells.filter(({ kind }) => kind !== "move_stock"), ({ inventoryItemId }) => inventoryItemId);
  const decidable = truth.filter((incident) => incident.decidable);
  const faults = decidable.flatMap((incident) => faultOf(incident, byItem.get(incident.inventoryItemId) ?? []) ?? []);
  const known = new Set(truth.map(({ inventoryItemId }) => inventoryItemId));
  const baseless = [...byItem].filter(([item]) => !known.has(item));
  const isSuspicion = (incidents: readonly FoundOversell[]) => incidents.every(({ kind }) => kind === "likely_oversold");
  const inWords = ([item, incidents]: [string, readonly FoundOversell[]]) => `${item}: ${incidents.map(({ kind, short }) => `${kind} by ${short}`).join(", ")}, yet there is enough`;
  const suspected = baseless.filter(([, incidents]) => isSuspicion(incidents)).map(inWords);
  const invented = [
    ...baseless.filter(([, incidents]) => !isSuspicion(incidents)).map(inWords),
    ...found.oversells.filter(({ kind, inventoryItemId }) => kind === "move_stock" && !moves.has(inventoryItemId) && !known.has(inventoryItemId)).map(({ inventoryItemId }) => `${inventoryItemId}: stock to move, yet no location is short`),
  ];
  const unmoved = [...moves].filter((item) => !found.oversells.some(({ inventoryItemId }) => inventoryItemId === item)).map((item) => `${item}: a location is short of what another has, not found`);
  return { incidents: truth.length, decidable: decidable.length, right: decidable.length - faults.length, wrong: [...faults, ...unmoved], invented, suspected, overwrites: compareOverwrites(trueOverwrites(happened), found.conflicts) };
}

function faultOf({ inventoryItemId, short, orders }: TrueOversell, found: readonly FoundOversell[]): string | null {
  if (found.length === 0) return `${inventoryItemId}: oversold by ${short}, not found`;
  const shortFound = found.reduce((sum, incident) => sum + incident.short, 0);
  if (shortFound !== short) return `${inventoryItemId}: oversold by ${short}, found ${shortFound}`;
  const named = new Map<string, number>();
  for (const { orderId, units } of found.flatMap(ordersOf)) named.set(orderId, Math.max(units, named.get(orderId) ?? 0));
  return told(named) === told(orders) ? null : `${inventoryItemId}: short are ${told(orders)}; named were ${told(named)}`;
}

function told(units: ReadonlyMap<string, number>): string {
  return [...units].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([order, of]) => `${order} ${of}`).join(", ");
}

/** An order may have several lines of the item. */
function ordersOf({ orders }: FoundOversell): { orderId: string; units: number }[] {
  const units = new Map<string, number>();
  for (const { orderId, unitsShort } of orders) if (unitsShort > 0) units.set(orderId, (units.get(orderId) ?? 0) + unitsShort);
  return [...units].map(([orderId, of]) => ({ orderId, units: of }));
}

function compareOverwrites(truth: readonly TrueOverwrite[], found: readonly FoundConflict[]): DetectionFigures["overwrites"] {
  const same = (conflict: FoundConflict, overwrite: TrueOverwrite) =>
    conflict.inventoryItemId === overwrite.inventoryItemId && conflict.locationId === overwrite.locationId && conflict.valueWritten === overwrite.written && Math.abs(Date.parse(conflict.at) - overwrite.atMs) <= SAME_WRITE_MS;
  const wrong = found.filter((conflict) => !truth.some((overwrite) => same(conflict, overwrite)));
  const missed = truth.filter((overwrite) => !found.some((conflict) => same(conflict, overwrite)));
  return {
    true: truth.length,
    found: found.length,
    right: found.length - wrong.length,
    caught: truth.length - missed.length,
    wrong: [
      ...wrong.map(({ inventoryItemId, at, valueWritten }) => `${inventoryItemId} at ${at}: ${valueWritten} was no overwrite`),
      ...missed.map(({ inventoryItemId, atMs, written }) => `${inventoryItemId} at ${new Date(atMs).toISOString()}: the overwrite with ${written} was not found`),
    ],
  };
}

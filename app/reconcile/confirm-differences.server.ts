// The second look: what differed is read from Shopify directly, explained by what is known, and written; then the ledger's own doubts.
//
// A difference counts only when nothing stands in its way: no call of ours and no notification under way into the mirror, no change of the
// last moments, and a mirror that did not move between the look at it, the read and the write. So no order in flight is ever called a mismatch.

import { endOfSecond } from "#app/domain/end-of-second.ts";
import type { StockLevel, StockPlace } from "#app/ports/shopify-inventory.ts";
import type { CallInDoubt, Difference, KnownLevel } from "#app/ports/stock-scan.ts";
import { explainCall, explainDifference } from "./explain-drift.ts";
import type { ReconcilePorts } from "./reconcile-ports.ts";
import { delayAfter, spendPoints } from "./spend-points.server.ts";

export type Confirmation = { readonly kind: "done"; readonly driftCount: number } | { readonly kind: "later"; readonly afterMs: number };

interface Subject {
  readonly installId: bigint;
  readonly shop: string;
  /** The scan; null when one item was asked for. */
  readonly id: bigint | null;
}

export async function confirmCandidates(ports: ReconcilePorts, scan: { readonly id: bigint; readonly installId: bigint; readonly shop: string }, signal: AbortSignal): Promise<Confirmation> {
  let driftCount = 0;
  while (!signal.aborted) {
    const places = await ports.drifts.candidates(scan.id, ports.limits.confirmMax);
    if (places.length === 0) {
      const nextInMs = await ports.drifts.nextCandidateInMs(scan.id);
      return nextInMs === null ? { kind: "done", driftCount } : { kind: "later", afterMs: nextInMs };
    }
    const looked = await lookAgain(ports, scan, places, { seenBy: "scan", actor: "holdfast", looksMax: ports.limits.looksMax, write: true }, signal);
    if (looked.kind === "later") return looked;
    driftCount += looked.differences.length;
  }
  return { kind: "later", afterMs: 0 };
}

export type SecondLook =
  | { readonly kind: "looked"; readonly differences: readonly Difference[]; readonly unsettled: readonly StockPlace[]; readonly equal: readonly StockPlace[] }
  | { readonly kind: "later"; readonly afterMs: number };

export interface LookOptions {
  readonly seenBy: "scan" | "read";
  readonly actor: string;
  readonly looksMax: number;
  /** False: a dry run. */
  readonly write: boolean;
}

/** At most as many places as one read takes. */
export async function lookAgain(ports: ReconcilePorts, subject: Subject, places: readonly StockPlace[], options: LookOptions, signal: AbortSignal): Promise<SecondLook> {
  const { drifts, shopifyInventory, limits } = ports;
  // The mirror first: what it says after the read may be newer than the read.
  const known = await drifts.known(subject.installId, places, limits.settleMs);
  const called = await spendPoints(ports, subject.shop, shopifyInventory.limits.levels.estimateCost(places.length), () => shopifyInventory.readLevels({ shop: subject.shop, signal }, places));
  if (called.kind === "later") return called;
  if (called.result.kind !== "ok") return { kind: "later", afterMs: delayAfter(ports, subject.shop, called.result) };
  const levels = new Map<string, ReadLevel>(called.result.found.map((level) => [keyOf(level), level]));
  const differences: Difference[] = [];
  const unsettled: StockPlace[] = [];
  const equal: StockPlace[] = [];
  for (const before of known) {
    const level = levels.get(keyOf(before)) ?? GONE;
    if (level.available === before.available) equal.push(before);
    else if (before.busy || isYoung(ports, level)) unsettled.push(before);
    else differences.push(await explain(ports, subject, before, level));
  }
  if (options.write) {
    const { seenBy, actor, looksMax } = options;
    await drifts.record({ installId: subject.installId, scanId: subject.id, seenBy, actor, settled: equal, later: unsettled, laterMs: limits.settleMs, looksMax, differences });
  }
  return { kind: "looked", differences, unsettled, equal };
}

type ReadLevel = Pick<StockLevel, "available" | "updatedAt">;
/** Of an item that Shopify does not know any more nothing is said. */
const GONE: ReadLevel = { available: null, updatedAt: null };

function isYoung({ clock, limits }: ReconcilePorts, { updatedAt }: ReadLevel): boolean {
  return updatedAt !== null && Date.parse(updatedAt) + limits.settleMs > clock.now().getTime();
}

async function explain(ports: ReconcilePorts, { installId }: Subject, before: KnownLevel, level: ReadLevel): Promise<Difference> {
  const shopifyAt = level.updatedAt === null ? null : endOfSecond(level.updatedAt);
  const at = shopifyAt ?? ports.clock.now();
  const place = { inventoryItemId: before.inventoryItemId, locationId: before.locationId };
  const found = { ...place, shopify: level.available, known: before.available, at, mark: before.mark, observedAt: before.observedAt };
  // What was never known cannot have been known wrongly.
  if (before.available === null || before.observedAt === null) return { ...found, explanation: { kind: "unknown", evidence: {}, proposal: null } };
  if (level.available === null) return { ...found, explanation: { kind: "not_stocked", evidence: { itemGone: level === GONE }, proposal: null } };
  const { effects, calls } = await ports.drifts.history(installId, place, before.observedAt);
  const explanation = explainDifference({
    shopify: level.available,
    known: before.available,
    knownAt: before.observedAt,
    shopifyAt,
    effects,
    calls,
    travelLimitMs: ports.timings.travelLimitMs,
  });
  return { ...found, explanation };
}

/** Calls whose effect is in doubt, against everything that was seen of their stock: a doubled one is told by notifications, and so differs in no scan. */
export async function checkLedger(ports: ReconcilePorts, scan: Subject, signal: AbortSignal): Promise<Confirmation> {
  const { drifts, shopifyInventory, timings, limits } = ports;
  const calls = (await drifts.callsInDoubt(scan.installId, limits.callsMax)).filter(({ lastSentAt }) => lastSentAt.getTime() + limits.settleMs <= ports.clock.now().getTime());
  if (calls.length === 0 || signal.aborted) return { kind: "done", driftCount: 0 };
  const places = [...new Map(calls.map((call) => [keyOf(call), { inventoryItemId: call.inventoryItemId, locationId: call.locationId }])).values()];
  const called = await spendPoints(ports, scan.shop, shopifyInventory.limits.levels.estimateCost(places.length), () => shopifyInventory.readLevels({ shop: scan.shop, signal }, places));
  if (called.kind === "later") return called;
  if (called.result.kind !== "ok") return { kind: "later", afterMs: delayAfter(ports, scan.shop, called.result) };
  const levels = new Map(called.result.found.map((level) => [keyOf(level), level]));
  let driftCount = 0;
  for (const call of calls) driftCount += (await judgeCall(ports, scan, call, levels.get(keyOf(call)), timings.travelLimitMs)) ? 1 : 0;
  return { kind: "done", driftCount };
}

async function judgeCall(ports: ReconcilePorts, scan: Subject, call: CallInDoubt, level: StockLevel | undefined, travelLimitMs: number): Promise<boolean> {
  if (!level || level.available === null) return false;
  const history = await ports.drifts.callHistory(scan.installId, call, new Date(call.lastSentAt.getTime() + travelLimitMs));
  const explanation = explainCall(call, history, level.updatedAt === null ? null : new Date(level.updatedAt));
  if (!explanation?.proposal) return false;
  const { inventoryItemId, locationId } = call;
  const known = level.available + explanation.proposal.delta;
  return ports.drifts.recordCall({ installId: scan.installId, scanId: scan.id, drift: { inventoryItemId, locationId, shopify: level.available, known, at: ports.clock.now(), explanation } });
}

function keyOf({ inventoryItemId, locationId }: StockPlace): string {
  return `${inventoryItemId}@${locationId}`;
}

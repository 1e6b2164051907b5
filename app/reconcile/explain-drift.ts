// Why Shopify's number is another than the known one, and whether the ledger proves a debt of ours. Pure: facts in, explanation out.
//
// Shopify's number is right. A correction is proposed in two cases only: a call of ours that certainly counted twice, or one that was booked
// and certainly counted not at all. Where another reading of the same facts is possible, nothing is proposed.

import type { CallHistory, CallInDoubt, Explanation, KnownEffect } from "#app/ports/stock-scan.ts";

/** Shopify's times have whole seconds, and its clock is not ours: what lies this close to a moment may be on either side of it. */
const BLUR_MS = 2_000;
/** Effects on a boundary, and uncertain ones, that are tried both ways; with more, nothing is certain. */
const BLURRED_MAX = 10;
/** Effects that an explanation names. */
const NAMED_MAX = 20;

export interface DifferenceFacts {
  readonly shopify: number;
  readonly known: number;
  readonly knownAt: Date;
  /** When the number last changed, as Shopify says; null where it did not. */
  readonly shopifyAt: Date | null;
  readonly effects: readonly KnownEffect[];
  readonly calls: readonly CallInDoubt[];
  /** After its last sending a call may still arrive for this long. */
  readonly travelLimitMs: number;
}

export function explainDifference(facts: DifferenceFacts): Explanation {
  const { shopify, known, knownAt, shopifyAt, effects } = facts;
  const difference = shopify - known;
  const until = shopifyAt ?? new Date(8.64e15);
  const sums = possibleSums(effects, knownAt, until);
  const named = effects.slice(0, NAMED_MAX).map(({ effectKey, delta, orderName }) => ({ effectKey, delta, orderName }));
  if (effects.length > 0 && sums?.has(difference)) return { kind: "missed_notification", evidence: { effects: named }, proposal: null };
  const doubled = shopifyAt && sums && !sums.has(difference) ? facts.calls.find((call) => isDoubledIn(call, difference, shopifyAt, facts.travelLimitMs)) : undefined;
  if (doubled) return doubledExplanation(doubled);
  const expected = effects.reduce((sum, effect) => sum + (effect.certain ? effect.delta : 0), 0);
  const evidence = { expected, foreign: difference - expected, lastChangedAt: shopifyAt?.toISOString() ?? null, effects: named };
  // A number that has not changed since another one was known there contradicts what was known; it is nobody's write.
  if (shopifyAt === null || shopifyAt.getTime() + BLUR_MS < knownAt.getTime()) return { kind: "unknown", evidence, proposal: null };
  return { kind: "another_writer", evidence, proposal: null };
}

function isDoubledIn(call: CallInDoubt, difference: number, shopifyAt: Date, travelLimitMs: number): boolean {
  if (call.doubt !== "may_be_doubled" || call.delta !== difference) return false;
  return shopifyAt.getTime() >= call.firstSentAt.getTime() - BLUR_MS && shopifyAt.getTime() <= call.lastSentAt.getTime() + travelLimitMs;
}

/** Null: nothing is proven. `lastChangedAt`: when Shopify's number last changed, from a read just made. */
export function explainCall(call: CallInDoubt, history: CallHistory, lastChangedAt: Date | null): Explanation | null {
  if (history.recounted) return null;
  // What has not changed since before the call was first sent was not changed by it.
  if (call.doubt === "may_be_absent" && lastChangedAt !== null && lastChangedAt.getTime() + BLUR_MS < call.firstSentAt.getTime()) {
    return owedExplanation(call, { lastChangedAt: lastChangedAt.toISOString() });
  }
  const { before, after } = history;
  if (!before || !after) return null;
  const sums = possibleSums(history.effects, before.at, after.at);
  if (!sums) return null;
  const moved = after.available - before.available;
  const seen = { before: before.available, beforeAt: before.at.toISOString(), after: after.available, afterAt: after.at.toISOString() };
  const times = [0, 1, 2].filter((count) => sums.has(moved - count * call.delta));
  if (times.length !== 1) return null;
  if (times[0] === 2 && call.doubt === "may_be_doubled") return doubledExplanation(call, seen);
  if (times[0] === 0 && call.doubt === "may_be_absent") return owedExplanation(call, seen);
  return null;
}

function doubledExplanation(call: CallInDoubt, seen: Readonly<Record<string, unknown>> = {}): Explanation {
  return { kind: "doubled", evidence: { ...callEvidence(call), ...seen }, proposal: { delta: -call.delta, because: "doubled" } };
}

function owedExplanation(call: CallInDoubt, seen: Readonly<Record<string, unknown>>): Explanation {
  return { kind: "owed", evidence: { ...callEvidence(call), ...seen }, proposal: { delta: call.delta, because: "owed" } };
}

function callEvidence({ mutationId, delta, firstSentAt, lastSentAt }: CallInDoubt): Readonly<Record<string, unknown>> {
  return { mutationId, delta, firstSentAt: firstSentAt.toISOString(), lastSentAt: lastSentAt.toISOString() };
}

/** What the effects between two moments may add up to, those on a boundary and uncertain ones counted or not. Null: too many ways. */
function possibleSums(effects: readonly KnownEffect[], from: Date, until: Date): ReadonlySet<number> | null {
  let inside = 0;
  const blurred: number[] = [];
  for (const { at, delta, certain } of effects) {
    const time = at.getTime();
    if (time < from.getTime() - BLUR_MS || time > until.getTime() + BLUR_MS) continue;
    if (!certain || time <= from.getTime() + BLUR_MS || time >= until.getTime() - BLUR_MS) blurred.push(delta);
    else inside += delta;
  }
  if (blurred.length > BLURRED_MAX) return null;
  let sums = new Set([inside]);
  for (const delta of blurred) sums = new Set([...sums, ...[...sums].map((sum) => sum + delta)]);
  return sums;
}

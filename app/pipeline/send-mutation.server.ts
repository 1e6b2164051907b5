// Stages 6 and 7: sends a frozen mutation, records what came back as a fact, then decides on it, if its tokens are still the newest.

import { assertNever, invariant } from "#app/domain/invariant.ts";
import { decideRefusal, reasonOf } from "#app/domain/refusal.ts";
import { isStale } from "#app/domain/reservations/stale-move.ts";
import type { Settings } from "#app/domain/settings.ts";
import type { AppliedAnswer, AttemptOutcome, ClaimedMutation, DoubledStock, RefusalPlan } from "#app/ports/change-ledger.ts";
import type { AdjustResult, StockPlace } from "#app/ports/shopify-inventory.ts";
import type { MutationMetricOutcome } from "#app/ports/telemetry.ts";
import { bindKey } from "./key-memory.server.ts";
import { readAnew } from "./read-anew.server.ts";
import { sendCall } from "./send-call.server.ts";
import { stopProtecting } from "./stop-protecting.server.ts";
import type { Turn } from "./turn-context.ts";
import type { HeldBack } from "./weigh-resend.server.ts";

/** `settled`: the mutation is closed. `later`: it stays open and is sent again, or the shop must be left alone for a while. */
export type SendResult = { readonly kind: "settled" } | { readonly kind: "later"; readonly afterMs: number };

const SETTLED: SendResult = { kind: "settled" };

export interface Sending {
  /** Asked at the last moment before the request is written. */
  readonly mayStillSend: () => boolean;
  /** Asked when the call was applied, before that is booked: did it take effect a second time? */
  readonly lookBack?: () => Promise<DoubledStock | null>;
  /** Read before it leaves. A refusal says nothing about settings that were saved after these. */
  readonly sentUnder: Settings;
}

/** Sends the call. Its answer is awaited even when the lock is lost meanwhile: what Shopify did is a fact whoever hears it. */
export async function sendMutation(turn: Turn, mutation: ClaimedMutation, sending: Sending): Promise<{ result: AdjustResult; sendResult: SendResult }> {
  const { ledger, metrics } = turn.ports;
  const result = await sendCall(turn, mutation, sending.mayStillSend);
  await ledger.finishAttempt(mutation.mutationId, mutation.attemptNumber, attemptOutcome(result), attemptDetail(result));
  metrics.mutation(metricOutcome(result), mutation.entries.length);
  return { result, sendResult: await decide(turn, mutation, result, sending) };
}

async function decide(turn: Turn, mutation: ClaimedMutation, result: AdjustResult, sent: Sending): Promise<SendResult> {
  switch (result.kind) {
    case "applied":
      if (result.errors.length > 0 || result.faults.length > 0) {
        turn.ports.logger.warn({ ...idsOf(turn, mutation), errors: result.errors, faults: result.faults }, "applied, with errors beside the result");
      }
      await readStale(turn, mutation, result.refused.filter(isStale));
      return bookApplied(turn, mutation, answerOf(result), (await sent.lookBack?.()) ?? undefined);
    case "rejected":
      return rejected(turn, mutation, result);
    case "concurrent":
      return postpone(turn, mutation, backOff(turn, mutation));
    case "previous_attempt_failed":
      return refuse(turn, mutation, { kind: "rekey", reason: "previous_attempt_failed" });
    case "key_mismatch":
      return mismatched(turn, mutation);
    case "throttled":
      turn.tally.throttled += 1;
      return postpone(turn, mutation, result.waitMs);
    case "unknown":
      return postpone(turn, mutation, backOff(turn, mutation));
    case "refused":
      return refusedCall(turn, mutation, result, sent.sentUnder);
    default:
      return assertNever(result);
  }
}

function answerOf({ groupId, createdAt, entries, refused }: Extract<AdjustResult, { kind: "applied" }>): AppliedAnswer {
  return { groupId, createdAt, entries, refused: refused.map((entry) => ({ inventoryItemId: entry.inventoryItemId, locationId: entry.locationId, reason: reasonOf(entry) })) };
}

/** Books what Shopify answered, now or to somebody who did not live to book it. */
export async function bookApplied(turn: Turn, mutation: ClaimedMutation, answer: AppliedAnswer, doubled?: DoubledStock): Promise<SendResult> {
  const { ledger, logger, metrics } = turn.ports;
  const record = await ledger.recordApplied(mutation, answer, doubled);
  if (doubled) {
    logger.error({ ...idsOf(turn, mutation), evidence: doubled.evidence }, "Shopify forgot a key: a call probably took effect twice");
    metrics.mutation("applied_twice", doubled.places.length);
  }
  if (record.kind === "applied_after_retirement") {
    logger.error(idsOf(turn, mutation), "a mutation that had been given up took effect: stock moved twice");
    metrics.mutation("applied_after_retirement", mutation.entries.length);
    return SETTLED;
  }
  if (record.kind === "already_applied") return SETTLED;
  if (answer.refused !== undefined && answer.refused.length > 0) metrics.change("parked", answer.refused.length);
  metrics.change("applied", record.changes.length);
  for (const change of record.changes) {
    if (change.acceptedAt) metrics.changeLatency((change.appliedAt.getTime() - change.acceptedAt.getTime()) / 1000);
    logger.info(
      {
        shop: turn.install.shop,
        traceId: change.traceId,
        changeId: String(change.changeId),
        orderId: change.orderId,
        webhookId: change.webhookId,
        inventoryItemId: change.inventoryItemId,
        locationId: change.locationId,
        delta: change.delta,
        before: change.before,
        after: change.after,
        mutationKey: mutation.key,
        mutationTraceId: mutation.traceId,
        attempt: mutation.attemptNumber,
      },
      "change applied",
    );
  }
  return SETTLED;
}

async function rejected(turn: Turn, mutation: ClaimedMutation, result: Extract<AdjustResult, { kind: "rejected" }>): Promise<SendResult> {
  const decision = decideRefusal(result.errors, mutation.entries.length);
  turn.ports.logger.warn({ ...idsOf(turn, mutation), errors: result.errors, decision: decision.kind }, "Shopify refused a mutation");
  if (decision.kind === "retry") return postpone(turn, mutation, backOff(turn, mutation));
  const stale = result.errors.filter(isStale).flatMap(({ index }) => (index === null ? mutation.entries : (mutation.entries[index] ?? [])));
  // Read before the refusal is booked: whoever waited for the units asks again as soon as it is, and is told by what is known then.
  await readStale(turn, mutation, stale);
  return refuse(turn, mutation, decision);
}

/** Where `available` was not what it was thought to be it is looked up, so that who asks next for units is told the truth. */
async function readStale(turn: Turn, mutation: ClaimedMutation, stale: readonly StockPlace[]): Promise<void> {
  if (stale.length > 0) await readAnew(turn, stale, mutation.traceId);
}

async function refusedCall(turn: Turn, mutation: ClaimedMutation, result: Extract<AdjustResult, { kind: "refused" }>, sentUnder: Settings): Promise<SendResult> {
  turn.ports.logger.warn({ ...idsOf(turn, mutation), reason: result.reason, detail: result.message }, "Shopify refused the call");
  switch (result.reason) {
    case "access_denied":
      // What a shop that only watches gives back waits for the permission, its call as it is.
      if (mutation.operation === "move" && sentUnder.mode === "observe") return postpone(turn, mutation, turn.ports.timings.shopUnavailableDelayMs);
      // The write scope was withdrawn: the changes wait, and nothing more is sent until protection is switched on again.
      await stopProtecting(turn, sentUnder, "scope_withdrawn");
      return turnedAway(turn, mutation, { kind: "rekey", reason: "access_denied" });
    case "max_cost":
      return turnedAway(turn, mutation, { kind: "split", reason: "max_cost" });
    case "unauthorized":
      // The token was refused: the next one is often a refresh away.
      return postpone(turn, mutation, mutation.attemptNumber === 1 ? turn.ports.timings.resendDelayMsMin : turn.ports.timings.shopUnavailableDelayMs);
    case "shop_inactive":
    case "invalid_query":
      return postpone(turn, mutation, turn.ports.timings.shopUnavailableDelayMs);
    default:
      return assertNever(result.reason);
  }
}

/** Only we know the key, so the other content is the change by 0 with which it was used up, by somebody who died before he retired it. */
async function mismatched(turn: Turn, mutation: ClaimedMutation): Promise<SendResult> {
  const binding = await bindKey(turn, mutation, firstPlace(mutation), mutation.traceId);
  if (binding.kind === "bound") return recordRefusal(turn, mutation, { kind: "rekey", reason: "key_used_up" }, true);
  if (binding.kind === "unclear") return postpone(turn, mutation, binding.waitMs);
  turn.ports.logger.error({ ...idsOf(turn, mutation) }, "Shopify knows this key with other content");
  return refuse(turn, mutation, { kind: "park_unknown", reason: "key_mismatch" });
}

/**
 * A refusal retires the key. An earlier attempt under it may still be on its way, so the key is used up first: what arrives under it later
 * has no effect then. Where Shopify does not let us, the key is kept until no attempt can arrive any more.
 */
async function refuse(turn: Turn, mutation: ClaimedMutation, plan: RefusalPlan): Promise<SendResult> {
  if (mutation.unsettledSince === null || plan.kind === "park_unknown") return recordRefusal(turn, mutation, plan, false);
  // Shopify knew the key before this attempt: the refusal is what it remembers, and what it will tell whoever arrives later.
  if (mutation.keyStands) return recordRefusal(turn, mutation, plan, true);
  const binding = await bindKey(turn, mutation, firstPlace(mutation), mutation.traceId);
  // Something had arrived already, an earlier attempt or this refused one: the same call again brings the remembered answer.
  if (binding.kind === "bound_before") return postpone(turn, mutation, turn.ports.timings.resendDelayMsMin, true);
  return recordRefusal(turn, mutation, plan, binding.kind === "bound");
}

/**
 * Refused before Shopify looked at the key: unlike a refusal of the content it says nothing about an earlier attempt, which may have been
 * applied. However old that is, the key goes only once it is used up.
 */
async function turnedAway(turn: Turn, mutation: ClaimedMutation, plan: RefusalPlan): Promise<SendResult> {
  if (mutation.unsettledSince === null) return recordRefusal(turn, mutation, plan, false);
  const binding = await bindKey(turn, mutation, firstPlace(mutation), mutation.traceId);
  if (binding.kind === "bound") return recordRefusal(turn, mutation, plan, true);
  return postpone(turn, mutation, turn.ports.timings.shopUnavailableDelayMs);
}

/** Always the same one: the question about a key must be the same whoever asks it. */
function firstPlace(mutation: ClaimedMutation): StockPlace {
  const [first] = mutation.entries;
  invariant(first !== undefined, "a mutation has an entry");
  return first;
}

async function recordRefusal(turn: Turn, mutation: ClaimedMutation, plan: RefusalPlan, keyBound: boolean): Promise<SendResult> {
  const { ledger, metrics, logger } = turn.ports;
  const recorded = await ledger.recordRefused(mutation, plan, keyBound);
  switch (recorded.kind) {
    case "recorded":
      if (recorded.parkedCount > 0) metrics.change("parked", recorded.parkedCount);
      return SETTLED;
    case "not_yet":
      return { kind: "later", afterMs: Math.max(0, recorded.resendAt.getTime() - turn.ports.clock.now().getTime()) };
    case "lost":
      logger.warn(idsOf(turn, mutation), "tokens are no longer the newest: nothing was decided");
      metrics.mutation("lost", mutation.entries.length);
      return SETTLED;
    default:
      return assertNever(recorded);
  }
}

/** Not sent after all: a fact of this attempt, then the decision. */
export async function holdBack(turn: Turn, mutation: ClaimedMutation, verdict: HeldBack): Promise<SendResult> {
  const { ledger } = turn.ports;
  await ledger.finishAttempt(mutation.mutationId, mutation.attemptNumber, "not_sent", { cause: verdict.cause, stage: "not_sent", evidence: verdict.evidence });
  if (verdict.kind === "later") return postpone(turn, mutation, verdict.afterMs);
  turn.ports.logger.error({ ...idsOf(turn, mutation), cause: verdict.cause, evidence: verdict.evidence }, "not sent again: Shopify may have forgotten its key");
  return recordRefusal(turn, mutation, { kind: "park_unknown", reason: "key_forgotten", evidence: verdict.evidence }, false);
}

async function postpone(turn: Turn, mutation: ClaimedMutation, delayMs: number, keyStands = false): Promise<SendResult> {
  const outcome = await turn.ports.ledger.postpone(mutation, delayMs, keyStands);
  if (outcome === "lost") turn.ports.metrics.mutation("lost", mutation.entries.length);
  return { kind: "later", afterMs: delayMs };
}

/** Doubles per attempt, so that a Shopify in trouble is not asked ever faster by ever more shops. */
function backOff(turn: Turn, mutation: ClaimedMutation): number {
  const { resendDelayMsMin, resendDelayMsMax } = turn.ports.timings;
  return Math.min(resendDelayMsMax, resendDelayMsMin * 2 ** Math.min(10, mutation.attemptNumber - 1));
}

function idsOf(turn: Turn, mutation: ClaimedMutation) {
  return { shop: turn.install.shop, traceId: mutation.traceId, mutationId: mutation.mutationId, mutationKey: mutation.key, attempt: mutation.attemptNumber };
}

function attemptOutcome(result: AdjustResult): AttemptOutcome {
  // A limit met on the way says nothing about what was done before it.
  if (result.kind === "throttled" && result.ran === "unclear") return "unknown";
  if (result.kind === "unknown") return result.stage === "not_sent" ? "not_sent" : "unknown";
  return result.kind;
}

function metricOutcome(result: AdjustResult): MutationMetricOutcome {
  switch (result.kind) {
    case "previous_attempt_failed":
      return "rekeyed";
    case "key_mismatch":
      return "refused";
    case "unknown":
      return result.stage === "not_sent" ? "not_sent" : "unknown";
    default:
      return result.kind;
  }
}

/** What is kept of an answer: codes and ids, no bodies. */
function attemptDetail(result: AdjustResult): unknown {
  switch (result.kind) {
    case "applied": {
      const { groupId: adjustmentGroupId, createdAt, entries, refused } = answerOf(result);
      return { adjustmentGroupId, createdAt, entries, refused, errors: result.errors, faults: result.faults };
    }
    case "rejected":
      return { errors: result.errors };
    case "refused":
      return { reason: result.reason, message: result.message };
    case "unknown":
      return { cause: result.cause, stage: result.stage };
    case "throttled":
      return { waitMs: result.waitMs, ran: result.ran };
    default:
      return null;
  }
}

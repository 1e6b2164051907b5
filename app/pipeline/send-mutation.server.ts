// Stages 6 and 7: sends a frozen mutation, records what came back as a fact, then decides on it, if its tokens are still the newest.

import { assertNever } from "#app/domain/invariant.ts";
import { decideRefusal } from "#app/domain/refusal.ts";
import type { AttemptOutcome, ClaimedMutation, RefusalPlan } from "#app/ports/change-ledger.ts";
import type { AdjustResult } from "#app/ports/shopify-inventory.ts";
import type { MutationMetricOutcome } from "#app/ports/telemetry.ts";
import { stopProtecting } from "./stop-protecting.server.ts";
import type { Turn } from "./turn-context.ts";

/** Shopify's reason for a correction made on behalf of an order; shown in the merchant's stock history. */
const ADJUSTMENT_REASON = "correction";

/** `settled`: the mutation is closed. `later`: it stays open and is sent again, or the shop must be left alone for a while. */
export type SendResult = { readonly kind: "settled" } | { readonly kind: "later"; readonly afterMs: number };

const SETTLED: SendResult = { kind: "settled" };

/** Sends the call. Its answer is awaited even when the lock is lost meanwhile: what Shopify did is a fact whoever hears it. */
export async function sendMutation(turn: Turn, mutation: ClaimedMutation): Promise<{ result: AdjustResult; sendResult: SendResult }> {
  const { shopifyInventory, ledger, metrics } = turn.ports;
  const result = await shopifyInventory.adjustQuantities(
    { shop: turn.install.shop, traceId: mutation.traceId },
    {
      key: mutation.key,
      name: "available",
      reason: ADJUSTMENT_REASON,
      referenceDocumentUri: `gid://holdfast/Mutation/${mutation.mutationId}`,
      changes: mutation.entries,
    },
  );
  await ledger.finishAttempt(mutation.mutationId, mutation.attemptNumber, attemptOutcome(result), attemptDetail(result));
  metrics.mutation(metricOutcome(result), mutation.entries.length);
  return { result, sendResult: await decide(turn, mutation, result) };
}

async function decide(turn: Turn, mutation: ClaimedMutation, result: AdjustResult): Promise<SendResult> {
  switch (result.kind) {
    case "applied":
      return applied(turn, mutation, result);
    case "rejected":
      return rejected(turn, mutation, result);
    case "concurrent":
      return postpone(turn, mutation, backOff(turn, mutation));
    case "previous_attempt_failed":
      return refuse(turn, mutation, { kind: "rekey", reason: "previous_attempt_failed" });
    case "key_mismatch":
      turn.ports.logger.error({ ...idsOf(turn, mutation) }, "Shopify knows this key with other content");
      return refuse(turn, mutation, { kind: "park_unknown", reason: "key_mismatch" });
    case "throttled":
      turn.tally.throttled += 1;
      return postpone(turn, mutation, result.waitMs);
    case "unknown":
      return postpone(turn, mutation, backOff(turn, mutation));
    case "refused":
      return refusedCall(turn, mutation, result);
    default:
      return assertNever(result);
  }
}

async function applied(turn: Turn, mutation: ClaimedMutation, result: Extract<AdjustResult, { kind: "applied" }>): Promise<SendResult> {
  const { ledger, logger, metrics } = turn.ports;
  const record = await ledger.recordApplied(mutation, { groupId: result.groupId, createdAt: result.createdAt, entries: result.entries });
  if (result.errors.length > 0 || result.faults.length > 0) {
    logger.warn({ ...idsOf(turn, mutation), errors: result.errors, faults: result.faults }, "applied, with errors beside the result");
  }
  if (record.kind === "applied_after_retirement") {
    logger.error(idsOf(turn, mutation), "a mutation that had been given up took effect: stock moved twice");
    metrics.mutation("applied_after_retirement", mutation.entries.length);
    return SETTLED;
  }
  if (record.kind === "already_applied") return SETTLED;
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
  return refuse(turn, mutation, decision);
}

async function refusedCall(turn: Turn, mutation: ClaimedMutation, result: Extract<AdjustResult, { kind: "refused" }>): Promise<SendResult> {
  turn.ports.logger.warn({ ...idsOf(turn, mutation), reason: result.reason, detail: result.message }, "Shopify refused the call");
  switch (result.reason) {
    case "access_denied":
      // The write scope was withdrawn: the changes wait, and nothing more is sent until protection is switched on again.
      await stopProtecting(turn, "scope_withdrawn");
      return refuse(turn, mutation, { kind: "rekey", reason: "access_denied" });
    case "max_cost":
      return refuse(turn, mutation, { kind: "split", reason: "max_cost" });
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

async function refuse(turn: Turn, mutation: ClaimedMutation, plan: RefusalPlan): Promise<SendResult> {
  const { ledger, metrics, logger } = turn.ports;
  const record = await ledger.recordRefused(mutation, plan);
  switch (record.kind) {
    case "recorded":
      if (record.parkedCount > 0) metrics.change("parked", record.parkedCount);
      return SETTLED;
    case "not_yet":
      return { kind: "later", afterMs: Math.max(0, record.resendAt.getTime() - turn.ports.clock.now().getTime()) };
    case "lost":
      logger.warn(idsOf(turn, mutation), "tokens are no longer the newest: nothing was decided");
      metrics.mutation("lost", mutation.entries.length);
      return SETTLED;
    default:
      return assertNever(record);
  }
}

async function postpone(turn: Turn, mutation: ClaimedMutation, delayMs: number): Promise<SendResult> {
  const outcome = await turn.ports.ledger.postpone(mutation, delayMs);
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
    case "applied":
      return { adjustmentGroupId: result.groupId, createdAt: result.createdAt, entries: result.entries, errors: result.errors, faults: result.faults };
    case "rejected":
      return { errors: result.errors };
    case "refused":
      return { reason: result.reason, message: result.message };
    case "unknown":
      return { cause: result.cause, stage: result.stage };
    case "throttled":
      return { waitMs: result.waitMs };
    default:
      return null;
  }
}

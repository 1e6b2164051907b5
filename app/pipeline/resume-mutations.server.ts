// Stage 0: mutations whose sender is gone are sent again, same content and same key, before anything new is claimed.

import type { ClaimedMutation, OpenMutation } from "#app/ports/change-ledger.ts";
import type { Hold, Lock } from "#app/ports/lock.ts";
import { reservePoints, returnPoints, settleBudget } from "./call-within-budget.server.ts";
import { RESUME_PER_TURN_MAX } from "./limits.ts";
import { mayStillSend } from "./may-still-send.ts";
import { bookApplied, holdBack, sendMutation, type Sending, type SendResult } from "./send-mutation.server.ts";
import { stockKey } from "./stock-key.ts";
import { settingsOf, type StageResult, type Turn } from "./turn-context.ts";
import { weighResend, type HeldBack } from "./weigh-resend.server.ts";

export async function resumeMutations(turn: Turn): Promise<StageResult> {
  const { ledger } = turn.ports;
  const abandoned = await ledger.abandoned(turn.install.installId, RESUME_PER_TURN_MAX);
  let later: number | null = null;
  for (const mutation of abandoned) {
    if (turn.signal.aborted) break;
    const result = await resume(turn, mutation);
    if (result.kind === "later") later = Math.min(later ?? result.afterMs, result.afterMs);
  }
  return later === null ? { kind: "done", worked: abandoned.length > 0 } : { kind: "later", afterMs: later };
}

async function resume(turn: Turn, open: OpenMutation): Promise<StageResult> {
  const { lock } = turn.ports;
  // All of its items at once, without waiting: who holds one of them is at work on it.
  const acquired = await acquireAll(lock, turn, open);
  if (acquired.kind !== "acquired") return { kind: "later", afterMs: turn.ports.timings.stockLeaseMs };
  const run = await acquired.hold.run(() => takeOverAndSend(turn, acquired.hold, open));
  if (run.kind === "lost") turn.tally.lockLost += 1;
  return run.value ?? { kind: "later", afterMs: turn.ports.timings.stockLeaseMs };
}

async function takeOverAndSend(turn: Turn, hold: Hold, open: OpenMutation): Promise<StageResult> {
  const { ledger, shopifyInventory, ownerId, metrics } = turn.ports;
  const reserved = await reservePoints(turn.ports, turn.install.shop, shopifyInventory.limits.adjust.estimateCost(open.entries.length));
  if (reserved.kind === "later") return reserved;
  const may = mayStillSend(turn, hold);
  const taken = await ledger.takeOver(turn.install.installId, open.mutationId, ownerId);
  if (taken.kind !== "taken") {
    await returnPoints(turn.ports, reserved.grant);
    if (taken.kind === "parked") metrics.change("parked", taken.changeCount);
    if (taken.kind === "answered") await bookApplied(turn, taken.mutation, taken.answer);
    return { kind: "done", worked: true };
  }
  const weighed = await weigh(turn, hold, taken.mutation, may);
  if (weighed.kind !== "send") {
    await returnPoints(turn.ports, reserved.grant);
    return stageResult(await holdBack(turn, taken.mutation, weighed));
  }
  const { result, sendResult } = await sendMutation(turn, taken.mutation, weighed.sending);
  await settleBudget(turn.ports, reserved.grant, result);
  return stageResult(sendResult);
}

/** @param may made before the takeover; good for a call that needs no weighing. */
async function weigh(turn: Turn, hold: Hold, mutation: ClaimedMutation, may: () => boolean): Promise<{ readonly kind: "send"; readonly sending: Sending } | HeldBack> {
  const verdict = await weighResend(turn, mutation);
  if (verdict.kind !== "send") return verdict;
  const sentUnder = await settingsOf(turn);
  if (mutation.unsettledSince === null) return { kind: "send", sending: { mayStillSend: may, sentUnder } };
  // Weighing asks Shopify several things, and a slow Shopify must not use up the time in which the call may leave: it is ours anew.
  const mayAnew = mayStillSend(turn, hold);
  const kept = await turn.ports.ledger.postpone(mutation, turn.ports.timings.resumeAfterMs);
  if (kept === "lost") return { kind: "later", afterMs: 0, cause: "another worker took it over while it was weighed" };
  return { kind: "send", sending: { mayStillSend: mayAnew, sentUnder, ...(verdict.lookBack ? { lookBack: verdict.lookBack } : {}) } };
}

function stageResult(sendResult: SendResult): StageResult {
  return sendResult.kind === "later" ? sendResult : { kind: "done", worked: true };
}

function acquireAll(lock: Pick<Lock, "acquire">, turn: Turn, open: OpenMutation) {
  const keys = open.entries.map((entry) => stockKey(turn.install.shop, entry));
  return lock.acquire({ keys, purpose: "turn", leaseMs: turn.ports.timings.stockLeaseMs, waitLimitMs: 0 });
}

// Stage 0: mutations whose sender is gone are sent again, same content and same key, before anything new is claimed.

import type { OpenMutation } from "#app/ports/change-ledger.ts";
import type { Lock } from "#app/ports/lock.ts";
import { callWithinBudget } from "./call-within-budget.server.ts";
import { RESUME_PER_TURN_MAX, STOCK_LEASE_MS } from "./limits.ts";
import { sendMutation } from "./send-mutation.server.ts";
import { stockKey } from "./stock-key.ts";
import type { StageResult, Turn } from "./turn-context.ts";

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
  const { ledger, shopifyInventory, lock, ownerId, metrics } = turn.ports;
  // All of its items at once, without waiting: who holds one of them is at work on it.
  const acquired = await acquireAll(lock, turn, open);
  if (acquired.kind !== "acquired") return { kind: "later", afterMs: STOCK_LEASE_MS };
  const points = shopifyInventory.limits.adjust.estimateCost(open.entries.length);
  const run = await acquired.hold.run(async (): Promise<StageResult> => {
    const called = await callWithinBudget(turn.ports, turn.install.shop, points, async () => {
      const taken = await ledger.takeOver(turn.install.installId, open.mutationId, ownerId);
      if (taken.kind === "parked") metrics.change("parked", taken.changeCount);
      if (taken.kind !== "taken") return { kind: "not_sent" as const, cost: null };
      const sent = await sendMutation(turn, taken.mutation);
      return { ...sent.result, sent: sent.sendResult };
    });
    if (called.kind === "later") return called;
    if (!("sent" in called.result)) return { kind: "done", worked: true };
    return called.result.sent.kind === "later" ? called.result.sent : { kind: "done", worked: true };
  });
  if (run.kind === "lost") turn.tally.lockLost += 1;
  return run.value ?? { kind: "later", afterMs: STOCK_LEASE_MS };
}

function acquireAll(lock: Pick<Lock, "acquire">, turn: Turn, open: OpenMutation) {
  const keys = open.entries.map((entry) => stockKey(turn.install.shop, entry));
  return lock.acquire({ keys, purpose: "turn", leaseMs: STOCK_LEASE_MS, waitLimitMs: 0 });
}

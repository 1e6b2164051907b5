// Between stages 0 and 6: may a call whose outcome is open be sent again, if Shopify should not keep its promise about keys?
//
// Users reported that `@idempotent` did not prevent a second effect (docs/decisions/020). Sending again is harmless when nothing of the
// call has arrived yet, or when Shopify keeps its keys. Both are looked up before, at the cost of one read, and of a change of 0 where
// the read leaves it open; a call that was answered the first time is never weighed.

import type { ClaimedMutation, DoubledStock, MutationContentEntry } from "#app/ports/change-ledger.ts";
import type { StockLevel } from "#app/ports/shopify-inventory.ts";
import { callWithinBudget } from "./call-within-budget.server.ts";
import { askKeyMemory, bindKey } from "./key-memory.server.ts";
import type { Turn } from "./turn-context.ts";

/** A call that arrived moved all its stocks: so many of them tell as much as all, at a fraction of the points. */
const LEVELS_READ_MAX = 20;
/** Shopify's times have whole seconds and another clock than ours: what moved this little before the first sending may have moved after it. */
const CLOCK_MARGIN_MS = 30_000;

export type HeldBack =
  | { readonly kind: "park"; readonly cause: string; readonly evidence: unknown }
  | { readonly kind: "later"; readonly afterMs: number; readonly cause: string; readonly evidence?: unknown };

export type ResendVerdict = { readonly kind: "send"; readonly lookBack?: () => Promise<DoubledStock | null> } | HeldBack;

interface SeenLevel extends Pick<StockLevel, "inventoryItemId" | "locationId" | "available" | "updatedAt"> {
  /** It moved since the first attempt was opened, by whomever. */
  readonly moved: boolean;
}

export async function weighResend(turn: Turn, mutation: ClaimedMutation): Promise<ResendVerdict> {
  const { unsettledSince } = mutation;
  // Every earlier attempt was refused for certain, or never left.
  if (unsettledSince === null) return { kind: "send" };
  const seen = await lookAtLevels(turn, mutation, unsettledSince);
  if (seen.kind === "later") return seen;
  const moved = seen.levels.find((level) => level.moved);
  // None of its stocks moved since: nothing of it has arrived.
  if (!moved) return { kind: "send" };
  const memory = await askKeyMemory(turn, moved, mutation.traceId);
  switch (memory.kind) {
    case "kept":
      return { kind: "send" };
    case "later":
      return { kind: "later", afterMs: memory.afterMs, cause: "it could not be asked whether Shopify keeps its keys" };
    case "lost":
      return { kind: "park", cause: "Shopify did not know a key under which it had applied a change", evidence: evidenceOf(mutation, seen.levels) };
    case "untold":
      // Sent once more, the key has certainly been used, and can be asked about itself. A second time that is no longer worth the risk.
      if (mutation.unsettledCount > 1) return { kind: "park", cause: "Shopify does not say whether it keeps its keys", evidence: evidenceOf(mutation, seen.levels) };
      return { kind: "send", lookBack: () => lookBack(turn, mutation, seen.levels) };
  }
}

async function lookAtLevels(turn: Turn, mutation: ClaimedMutation, since: Date): Promise<{ kind: "seen"; levels: SeenLevel[] } | Extract<HeldBack, { kind: "later" }>> {
  const { shopifyInventory, timings } = turn.ports;
  const places = mutation.entries.slice(0, LEVELS_READ_MAX);
  const context = { shop: turn.install.shop, traceId: mutation.traceId };
  const within = await callWithinBudget(turn.ports, turn.install.shop, shopifyInventory.limits.levels.estimateCost(places.length), () =>
    shopifyInventory.readLevels(context, places),
  );
  const cause = "the stocks could not be read";
  if (within.kind === "later") return { kind: "later", afterMs: within.afterMs, cause };
  const { result } = within;
  switch (result.kind) {
    case "ok":
      return { kind: "seen", levels: result.found.map((level) => seenLevel(level, since)) };
    case "throttled":
      return { kind: "later", afterMs: result.waitMs, cause };
    case "refused":
      return { kind: "later", afterMs: result.reason === "unauthorized" ? timings.readRetryDelayMs : timings.shopUnavailableDelayMs, cause: `${cause}: ${result.reason}` };
    case "unknown":
      return { kind: "later", afterMs: timings.readRetryDelayMs, cause };
  }
}

function seenLevel({ inventoryItemId, locationId, available, updatedAt }: StockLevel, since: Date): SeenLevel {
  const moved = updatedAt !== null && Date.parse(updatedAt) >= since.getTime() - CLOCK_MARGIN_MS;
  return { inventoryItemId, locationId, available, updatedAt, moved };
}

/** The call has just been applied, so its key stands for it, if Shopify keeps keys at all; if not, the earlier attempt had counted too. */
async function lookBack(turn: Turn, mutation: ClaimedMutation, levels: readonly SeenLevel[]): Promise<DoubledStock | null> {
  const [first] = mutation.entries;
  if (!first) return null;
  const binding = await bindKey(turn, mutation, first, mutation.traceId);
  if (binding.kind === "bound_before") return null;
  if (binding.kind === "unclear" || binding.kind === "refused") {
    turn.ports.logger.error({ shop: turn.install.shop, mutationId: mutation.mutationId, cause: binding.cause }, "it could not be found out whether a call took effect twice");
    return null;
  }
  const still = new Set(levels.filter((level) => !level.moved).map((level) => `${level.inventoryItemId}@${level.locationId}`));
  const places = mutation.entries.filter((entry: MutationContentEntry) => !still.has(`${entry.inventoryItemId}@${entry.locationId}`));
  return { places, evidence: evidenceOf(mutation, levels) };
}

function evidenceOf(mutation: ClaimedMutation, levels: readonly SeenLevel[]) {
  return { firstAttemptAt: mutation.unsettledSince?.toISOString(), unheardAttempts: mutation.unsettledCount, levelsBeforeResend: levels };
}

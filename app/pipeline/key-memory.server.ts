// Does Shopify keep its promise about keys in this shop? Asked by changes of 0, within budget, only where an answer is missing.

import type { ClaimedMutation } from "#app/ports/change-ledger.ts";
import type { KeyBinding, StockPlace } from "#app/ports/shopify-inventory.ts";
import { callWithinBudget } from "./call-within-budget.server.ts";
import type { Turn } from "./turn-context.ts";

/** `kept`: a key used once prevents a second effect. `lost`: it does not. `untold`: nothing could be proven either way. */
export type KeyMemory = { readonly kind: "kept" | "lost" | "untold" } | { readonly kind: "later"; readonly afterMs: number };

/** A key, and what it was made for: it is asked about in the same words. */
export type KeyInUse = Pick<ClaimedMutation, "key" | "operation">;

/** Sends two changes of 0 under the key; see the port. What it finds out is the same whoever asks again at the same place. */
export async function bindKey(turn: Turn, { key, operation }: KeyInUse, place: StockPlace, traceId: string): Promise<KeyBinding> {
  const { shopifyInventory } = turn.ports;
  const { shop } = turn.install;
  const points = 2 * shopifyInventory.limits.adjust.estimateCost(1);
  const within = await callWithinBudget(turn.ports, shop, points, () => shopifyInventory.bindKey({ shop, traceId }, key, place, operation));
  return within.kind === "called" ? within.result : { kind: "unclear", cause: "no points", waitMs: within.afterMs, cost: null };
}

/**
 * The witness is a key under which Shopify certainly applied something: it must stand for that. Where there is none, a fresh key that is
 * remembered proves as much; one that is not proves little, because nobody knows whether Shopify keeps the key of a call that changed nothing.
 */
export async function askKeyMemory(turn: Turn, place: StockPlace, traceId: string): Promise<KeyMemory> {
  const witness = await turn.ports.ledger.witnessKey(turn.install.installId);
  if (witness !== null) {
    const binding = await bindKey(turn, witness, place, traceId);
    if (binding.kind === "bound_before") return { kind: "kept" };
    if (binding.kind === "bound" || binding.kind === "forgotten") return { kind: "lost" };
    if (binding.kind === "unclear") return { kind: "later", afterMs: binding.waitMs };
  }
  const fresh = await bindKey(turn, { key: turn.ports.uuid(), operation: "adjust" }, place, traceId);
  if (fresh.kind === "bound") return { kind: "kept" };
  if (fresh.kind === "unclear") return { kind: "later", afterMs: fresh.waitMs };
  return { kind: "untold" };
}

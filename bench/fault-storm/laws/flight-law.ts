// Law 10: two requests that change the same item and location are never in flight at once, as the gate before Shopify saw it.
//
// Two calls of different keys that both took effect are judged from Shopify's side: whether or not their senders still waited, one of
// them must have been over. (A call that travelled until its key had been bound to nothing changes nothing when it arrives.) Two
// sendings of the same call are judged from the senders' side, and only when nothing took the lock from the first of them: a sender
// that stood still, or whose lock Redis forgot, cannot call its request back, and Shopify answers the second one CONCURRENT.
import { STORM_TIMINGS } from "../storm-timings.ts";
import type { Evidence } from "../evidence.ts";
import { tail, type ObservedCall } from "../gate.ts";

/** How long before its arrival a call's lock may have been taken: a claim, a slow step, the call itself. */
const LOCK_SEEN_MS = 2 * STORM_TIMINGS.resumeAfterMs + STORM_TIMINGS.callTimeoutMs;

export function judgeFlight(evidence: Evidence): string[] {
  const byStock = new Map<string, ObservedCall[]>();
  for (const call of evidence.calls) {
    for (const entry of call.entries) {
      const stock = `${call.shop} ${tail(entry.inventoryItemId)}@${tail(entry.locationId)}`;
      byStock.set(stock, [...(byStock.get(stock) ?? []), call]);
    }
  }
  const effective = new Set([...evidence.truth.values()].flat().map(({ cause }) => cause.idempotencyKey));
  const found: string[] = [];
  for (const [stock, calls] of byStock) {
    const inOrder = calls.toSorted((a, b) => a.arrivedMs - b.arrivedMs);
    for (const [index, second] of inOrder.entries()) {
      for (const first of inOrder.slice(0, index)) {
        const what = collision(first, second, evidence, effective);
        if (what !== null) found.push(`${stock}: ${what}`);
      }
    }
  }
  return [...new Set(found)];
}

function collision(first: ObservedCall, second: ObservedCall, evidence: Evidence, effective: ReadonlySet<string | undefined>): string | null {
  const at = `${first.key} of ${first.sender} and ${second.key} of ${second.sender}`;
  if (first.key !== second.key) {
    const overlap = Math.min(first.shopifyUntilMs, second.shopifyUntilMs) > Math.max(first.shopifyFromMs, second.shopifyFromMs);
    return overlap && effective.has(first.key) && effective.has(second.key) ? `two calls under two keys at once: ${at}` : null;
  }
  if (first.senderUntilMs <= second.arrivedMs || isDisturbed(first, second, evidence)) return null;
  return `one call sent twice at once: ${at}`;
}

function isDisturbed(first: ObservedCall, second: ObservedCall, { processes, redisLosses, lockLosses }: Evidence): boolean {
  const [fromMs, untilMs] = [first.arrivedMs - LOCK_SEEN_MS, second.arrivedMs];
  const within = (atMs: number) => atMs >= fromMs && atMs <= untilMs;
  const sender = processes.find(({ name }) => name === first.sender);
  const stood = sender?.pauses.some((pause) => pause.fromMs <= untilMs && pause.untilMs >= fromMs) ?? false;
  const died = sender?.endedAtMs !== null && sender?.endedAtMs !== undefined && sender.endedAtMs <= untilMs;
  return stood || died || redisLosses.some(within) || lockLosses.some(({ by, atMs }) => by === first.sender && within(atMs));
}

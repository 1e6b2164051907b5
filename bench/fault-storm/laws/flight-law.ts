// Law 10: two requests that change the same item and location are never in flight at once, as the gate before Shopify saw it.
//
// Judged twice. From Shopify's side: of two calls under different keys that both took effect, one must have been over when the other
// arrived, whether or not its sender still waited. (A call that travelled until its key had been bound to nothing, or that only brings an
// answer again, changes nothing.)
// From the senders' side: no two requests that name one item are awaited at once, questions about keys included, unless something took
// the lock from the first sender: one that stood still, or whose lock Redis forgot, cannot call its request back. For a second request
// that is a question the same excuses its own sender.
import { STORM_TIMINGS } from "../storm-timings.ts";
import type { Evidence } from "../evidence.ts";
import { tail, type ObservedCall } from "../gate.ts";

/** Faults that Shopify makes after it carried a call out, or that only hold the call up. */
const CARRIED_OUT: ReadonlySet<string> = new Set(["after_commit", "half_body", "slow", "late_attempt"]);

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
  const effective = effectiveCalls(evidence);
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

function collision(first: ObservedCall, second: ObservedCall, evidence: Evidence, effective: ReadonlySet<ObservedCall>): string | null {
  const at = `${first.key} of ${first.sender} and ${second.key} of ${second.sender}`;
  const bothAtShopify = Math.min(first.shopifyUntilMs, second.shopifyUntilMs) > Math.max(first.shopifyFromMs, second.shopifyFromMs);
  if (first.key !== second.key && bothAtShopify && effective.has(first) && effective.has(second)) return `two calls under two keys at once: ${at}`;
  if (first.senderUntilMs <= second.arrivedMs || isDisturbed(first.sender, first, second, evidence)) return null;
  // A question changes nothing, so nobody looks again before it whether the item is still his.
  if (second.question && isDisturbed(second.sender, first, second, evidence)) return null;
  return first.key === second.key ? `one call sent twice at once: ${at}` : `two requests awaited at once: ${at}`;
}

/** Of the sendings of one call, the one that took effect: the first that Shopify carried out. The others bring its answer again. */
function effectiveCalls({ truth, calls }: Evidence): ReadonlySet<ObservedCall> {
  const keys = new Set([...truth.values()].flat().map(({ cause }) => cause.idempotencyKey));
  const carriedOut = calls.filter(({ key, question, fault }) => keys.has(key) && !question && (fault === null || CARRIED_OUT.has(fault)));
  const first = new Map<string, ObservedCall>();
  for (const call of carriedOut.toSorted((a, b) => a.shopifyUntilMs - b.shopifyUntilMs)) if (!first.has(call.key)) first.set(call.key, call);
  return new Set(first.values());
}

function isDisturbed(name: string, first: ObservedCall, second: ObservedCall, { processes, redisLosses, lockLosses }: Evidence): boolean {
  const [fromMs, untilMs] = [first.arrivedMs - LOCK_SEEN_MS, second.arrivedMs];
  const within = (atMs: number) => atMs >= fromMs && atMs <= untilMs;
  const sender = processes.find((process) => process.name === name);
  const stood = sender?.pauses.some((pause) => pause.fromMs <= untilMs && pause.untilMs >= fromMs) ?? false;
  const died = sender?.endedAtMs !== null && sender?.endedAtMs !== undefined && sender.endedAtMs <= untilMs;
  return stood || died || redisLosses.some(within) || lockLosses.some(({ by, atMs }) => by === name && within(atMs));
}

// Stages 3 to 8: lock the items that are free, set points aside, claim their changes, send, record, release; the next call is prepared while
// the ones before it wait for Shopify.

import type { Settings } from "#app/domain/settings.ts";
import type { ClaimResult, Operation, WaitingStock } from "#app/ports/change-ledger.ts";
import type { Hold } from "#app/ports/lock.ts";
import { type BudgetGrant, reservePoints, returnPoints, settleBudget } from "./call-within-budget.server.ts";
import { ENTRIES_PER_MUTATION_MAX, MUTATIONS_PER_TURN_MAX, OPEN_MUTATIONS_MAX, SPLIT_FACTOR } from "./limits.ts";
import { mayStillSend } from "./may-still-send.ts";
import { sendMutation } from "./send-mutation.server.ts";
import { stockKey } from "./stock-key.ts";
import { settingsOf, type StageResult, type Turn } from "./turn-context.ts";

const IDLE: StageResult = { kind: "done", worked: false };
const WORKED: StageResult = { kind: "done", worked: true };

/** Of a turn's calls the one in which bundles' own numbers are asked about first. */
const FOLLOWING_CALL = 2;

/**
 * What may be claimed, the more urgent first. Moves begin: somebody waits at a checkout for the units that they bring, nobody for an
 * adjustment. Then they take turns, so that a sale that keeps its blocks growing does not keep orders from being booked, and bundles' own
 * numbers have one of the turn's calls. Watching: only what was taken is given back, adjustments keep waiting, bundles' numbers are dropped. `claim` looks again in its transaction; this only spares the effort.
 */
export function claimable({ mode }: Pick<Settings, "mode">, callsBefore = 0): readonly Operation[] {
  if (mode !== "enforce") return ["move", "follow"];
  if (callsBefore === FOLLOWING_CALL) return ["follow", "move", "adjust"];
  return callsBefore % 2 === 0 ? ["move", "adjust", "follow"] : ["adjust", "move", "follow"];
}

/** So many calls of the shop are open that no further one is claimed. */
type Ended = StageResult | { readonly kind: "full" };

/**
 * A turn's calls. They are claimed one after the other and wait for Shopify together: while one is on its way the next is prepared, for
 * other items (locks and the index on open entries keep calls for one item apart, whoever makes them). One by one, a shop whose answers
 * take 150 ms gets 4 calls a second through, of the 10 that its budget allows.
 *
 * @param known read by this turn a moment ago: good for its first call.
 * @param allClaimed called once, when this turn claims nothing more: the shop's next turn may begin beside what is still in flight.
 */
export async function applyBatches(turn: Turn, known: Settings | null, allClaimed: () => void): Promise<StageResult> {
  const flights: Promise<StageResult>[] = [];
  const landed: StageResult[] = [];
  const isTrouble = () => landed.some((result) => result.kind === "later");
  let ended: Ended = IDLE;
  let worked = false;
  try {
    for (let call = 0; call < MUTATIONS_PER_TURN_MAX && !turn.signal.aborted && !isTrouble(); call += 1) {
      await turn.ports.rush.giveWay(turn.signal);
      const begun = await beginCall(turn, (call === 0 ? known : null) ?? (await settingsOf(turn)), call);
      if (begun.kind === "in_flight") flights.push(noteLanding(begun.landing, landed));
      else ended = begun;
      worked ||= begun.kind === "in_flight" || (begun.kind === "done" && begun.worked);
      if (begun.kind !== "in_flight" && !(begun.kind === "done" && begun.worked)) break;
    }
  } finally {
    allClaimed();
    // A fault in one call must not leave another behind that nobody waits for.
    await Promise.allSettled(flights);
  }
  const results = await Promise.all(flights);
  if (turn.signal.aborted && !worked) return { kind: "later", afterMs: 0 };
  return soonest([...results, afterFlights(turn, ended, flights.length)], worked);
}

/** Full because of calls of our own, which have landed by now: there is room again. */
function afterFlights(turn: Turn, ended: Ended, flightCount: number): StageResult {
  if (ended.kind !== "full") return ended;
  return flightCount > 0 ? WORKED : { kind: "later", afterMs: turn.ports.timings.shopUnavailableDelayMs };
}

function soonest(results: readonly StageResult[], worked: boolean): StageResult {
  const waits = results.flatMap((result) => (result.kind === "later" ? [result.afterMs] : []));
  return waits.length === 0 ? { kind: "done", worked } : { kind: "later", afterMs: Math.min(...waits) };
}

function noteLanding(landing: Promise<StageResult>, landed: StageResult[]): Promise<StageResult> {
  const noted = landing.then((result) => (landed.push(result), result));
  // It is heard when the turn has claimed its last; until then a failure is nobody's.
  noted.catch(() => undefined);
  return noted;
}

/** Resolves when the call is claimed and about to be sent, or when it is known that none is. */
async function beginCall(turn: Turn, settings: Settings, callsBefore: number): Promise<Ended | { readonly kind: "in_flight"; readonly landing: Promise<StageResult> }> {
  const inFlight = Promise.withResolvers<"in_flight">();
  const call = applyChanges(turn, settings, callsBefore, () => inFlight.resolve("in_flight"));
  const first = await Promise.race([inFlight.promise, call]);
  return first === "in_flight" ? { kind: "in_flight", landing: call.then((result) => (result.kind === "full" ? IDLE : result)) } : first;
}

/** Applies at most one mutation's worth of waiting changes. `callsBefore`: of this turn. */
async function applyChanges(turn: Turn, settings: Settings, callsBefore: number, claimed: () => void): Promise<Ended> {
  const { lock, metrics, timings } = turn.ports;
  const stocks = await nextBatch(turn, claimable(settings, callsBefore));
  const [first] = stocks;
  if (!first) return IDLE;
  const acquired = await lock.tryAcquireFree({
    keys: stocks.map((stock) => stockKey(turn.install.shop, stock)),
    purpose: "turn",
    leaseMs: timings.stockLeaseMs,
  });
  if (acquired.kind !== "acquired") {
    metrics.lock(acquired.kind === "none_free" ? "busy" : "unavailable");
    if (acquired.kind === "none_free") turn.tally.lockBusy += acquired.busy.length;
    // Somebody else works on the items, and looks for more work before it ends; this is the net beneath.
    return { kind: "later", afterMs: timings.busyDelayMs };
  }
  countAcquired(turn, acquired.hold, acquired.busy.length);
  const run = await acquired.hold.run(() => claimWithinBudget(turn, acquired.hold, { operation: first.operation, stocks, settings, claimed }));
  if (run.kind === "lost") turn.tally.lockLost += 1;
  return run.value ?? { kind: "later", afterMs: timings.busyDelayMs };
}

function countAcquired(turn: Turn, hold: Hold, busyCount: number): void {
  turn.tally.lockAcquired += hold.keys.length;
  turn.tally.lockBusy += busyCount;
  turn.tally.lockWaitMsTotal += hold.waitedMs;
  turn.tally.lockWaitMsMax = Math.max(turn.tally.lockWaitMsMax, hold.waitedMs);
}

/** Stocks of one operation and split depth: after a refusal that named no entry, smaller batches find the one at fault. */
async function nextBatch(turn: Turn, operations: readonly Operation[]): Promise<readonly WaitingStock[]> {
  const waiting = await turn.ports.ledger.waitingStocks(turn.install.installId, operations, ENTRIES_PER_MUTATION_MAX);
  const [first] = waiting;
  const depth = first?.splitDepth ?? 0;
  const sizeMax = Math.max(1, Math.floor(ENTRIES_PER_MUTATION_MAX / SPLIT_FACTOR ** Math.min(depth, 8)));
  return waiting.filter((stock) => stock.operation === first?.operation && stock.splitDepth === depth).slice(0, sizeMax);
}

/** The points are asked for once the items are known to be free; when they are spent nothing stays locked while waiting for more. */
async function claimWithinBudget(turn: Turn, hold: Hold, batch: Batch): Promise<Ended> {
  const points = turn.ports.shopifyInventory.limits.adjust.estimateCost(batch.stocks.length);
  const [reserved, openCount] = await Promise.all([reservePoints(turn.ports, turn.install.shop, points), turn.ports.ledger.openCount(turn.install.installId)]);
  if (reserved.kind === "later") return reserved;
  if (openCount < OPEN_MUTATIONS_MAX) return claimAndSend(turn, hold, batch, reserved.grant);
  await returnPoints(turn.ports, reserved.grant);
  return { kind: "full" };
}

interface Batch {
  readonly operation: Operation;
  readonly stocks: readonly WaitingStock[];
  /** Under which they were found to be claimable. */
  readonly settings: Settings;
  /** Called when they are claimed: whoever looks for work now no longer sees them. */
  readonly claimed: () => void;
}

async function claimAndSend(turn: Turn, hold: Hold, { operation, stocks, settings, claimed }: Batch, grant: BudgetGrant): Promise<StageResult> {
  const { ledger, metrics, logger, uuid, ownerId } = turn.ports;
  const may = mayStillSend(turn, hold);
  const held = new Set(hold.keys.map((key) => key.resource));
  const claim = await ledger.claim({
    installId: turn.install.installId,
    shop: turn.install.shop,
    ownerId,
    operation,
    stocks: stocks.filter((stock) => held.has(stockKey(turn.install.shop, stock).resource)),
    mutationId: uuid(),
    key: uuid(),
  });
  if (claim.kind !== "claimed") {
    await returnPoints(turn.ports, grant);
    return notClaimed(turn, claim);
  }
  metrics.change("claimed", claim.changeCount);
  countUnsent(turn, claim);
  if (hold.signal.aborted) {
    // The lease ran out between locking and claiming (a paused process). The claim is durable, so whoever resumes it sends it.
    await returnPoints(turn.ports, grant);
    logger.warn({ shop: turn.install.shop, mutationId: claim.mutation.mutationId }, "lock lost before sending; the mutation is left to be resumed");
    return { kind: "later", afterMs: turn.ports.timings.busyDelayMs };
  }
  claimed();
  const { result, sendResult } = await sendMutation(turn, claim.mutation, { mayStillSend: may, sentUnder: settings });
  await settleBudget(turn.ports, grant, result);
  return sendResult.kind === "later" ? sendResult : WORKED;
}

/** What ended at the claim, without a call. */
function countUnsent(turn: Turn, { nettedCount, cancelledCount }: { readonly nettedCount: number; readonly cancelledCount: number }): void {
  if (nettedCount > 0) turn.ports.metrics.change("applied", nettedCount);
  if (cancelledCount > 0) turn.ports.metrics.change("cancelled", cancelledCount);
}

function notClaimed(turn: Turn, claim: Exclude<ClaimResult, { kind: "claimed" }>): StageResult {
  switch (claim.kind) {
    case "nothing":
      countUnsent(turn, claim);
      return claim.nettedCount + claim.cancelledCount > 0 ? WORKED : IDLE;
    case "conflict":
      // The lock let two of us in; the database did not.
      turn.ports.metrics.databaseConflict("open_entry");
      return { kind: "later", afterMs: turn.ports.timings.busyDelayMs };
    case "not_allowed":
      return IDLE;
  }
}

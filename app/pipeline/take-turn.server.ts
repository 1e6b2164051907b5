// One turn of one shop: resume, take in, derive, apply; bounded, and then it says when the shop's next turn should be. Once it has claimed
// its last call it lets the next turn begin beside it: orders that come while Shopify is waited for do not wait with it.

import type { SourceEvidence } from "#app/domain/order-mode.ts";
import type { Settings } from "#app/domain/settings.ts";
import { emptyTally } from "#app/ports/activity.ts";
import type { TurnOutcome } from "#app/ports/waker.ts";
import { applyBatches, claimable } from "./apply-changes.server.ts";
import { deriveDueOrders, type FirstTaken } from "./derive-due-orders.server.ts";
import { followBundles } from "./follow-bundles.server.ts";
import { gatherFacts } from "./gather-facts.server.ts";
import { ABSORB_DELIVERIES_MAX, DERIVE_ORDERS_MAX, INTAKE_ROUNDS_MAX } from "./limits.ts";
import { keepLocations } from "./keep-locations.server.ts";
import { judgeSuspicions, observeSources } from "./observe-sources.server.ts";
import { resumeMutations } from "./resume-mutations.server.ts";
import { settingsOf, type StageResult, type Turn, type TurnPorts } from "./turn-context.ts";

/** A wait shorter than this is not worth a delayed wake's round trips. */
const AGAIN_MS_MIN = 50;

/** @param letNextBegin called when this turn takes in and claims nothing more. */
export async function takeTurn(ports: TurnPorts, shop: string, signal: AbortSignal, letNextBegin: () => void = () => undefined): Promise<TurnOutcome> {
  const install = await ports.installs.active(shop);
  if (!install) {
    ports.metrics.turn("not_installed");
    return { again: "no" };
  }
  const turn: Turn = { install, ports, signal, tally: emptyTally() };
  const resumed = await resumeMutations(turn);
  const intake = await takeIn(turn);
  if (intake.ended) return { again: "no" };
  // Before the calls: a bundle falls as soon as it is known that its items will.
  const fell = intake.settings !== null && (await followBundles(turn, intake.settings));
  // Looking at what new orders did to stock holds nothing up: it runs beside the calls that change stock.
  const [applied] = await Promise.all([applyBatches(turn, intake.settings, letNextBegin), observeSources(turn, intake)]);
  if (!signal.aborted) {
    await keepLocations(turn);
    await judgeSuspicions(turn);
  }
  // After them: it rises once it is confirmed that they did.
  const rose = applied.kind === "done" && applied.worked && (await followBundles(turn, await settingsOf(turn)));
  const outcome = await decideAgain(turn, intake.laterMs, [resumed, applied]);
  const worked = intake.worked || fell || rose || [resumed, applied].some((result) => result.kind === "done" && result.worked);
  if (worked || turn.tally.lockBusy > 0) await ports.activity.addTurn(install.installId, turn.tally);
  ports.metrics.turn(worked ? "worked" : outcome.again === "no" ? "idle" : "later");
  return outcome;
}

interface Intake {
  readonly worked: boolean;
  /** The app was uninstalled: nothing of this life runs any more. */
  readonly ended: boolean;
  /** Set when facts could not be read now. */
  readonly laterMs: number | null;
  readonly firstTaken: readonly FirstTaken[];
  /** What is known of where they came from. */
  readonly sources: ReadonlyMap<string, SourceEvidence>;
  /** As they were after the last notifications were taken in; null when there was no time to. */
  readonly settings: Settings | null;
}

async function takeIn(turn: Turn): Promise<Intake> {
  const { orders } = turn.ports;
  const installId = turn.install.installId;
  let worked = false;
  let laterMs: number | null = null;
  let settings: Settings | null = null;
  let sources: Intake["sources"] = new Map();
  const firstTaken: FirstTaken[] = [];
  for (let round = 0; round < INTAKE_ROUNDS_MAX && !turn.signal.aborted; round += 1) {
    await turn.ports.rush.giveWay(turn.signal);
    const absorbed = await orders.absorb(installId, ABSORB_DELIVERIES_MAX);
    if (absorbed.ended) return { worked: true, ended: true, laterMs: null, firstTaken: [], sources, settings };
    // After the absorption: it may have switched protection off.
    [settings] = await Promise.all([settingsOf(turn), orders.unblock(installId)]);
    const due = await orders.due(installId, DERIVE_ORDERS_MAX);
    if (due.length > 0) {
      const gathered = await gatherFacts(turn, due, settings);
      const { result, variants } = gathered;
      if (result.kind === "later") laterMs = Math.min(laterMs ?? result.afterMs, result.afterMs);
      await turn.ports.rush.giveWay(turn.signal);
      // Read again when something was gathered: it is in the book, and only what is still missing waits.
      const current = variants === null ? await orders.due(installId, DERIVE_ORDERS_MAX) : due;
      const retryMs = result.kind === "later" ? Math.max(result.afterMs, AGAIN_MS_MIN) : turn.ports.timings.readRetryDelayMs;
      const derived = await deriveDueOrders(turn, current, { current: settings, variants, retryMs });
      firstTaken.push(...derived.firstTaken);
      sources = derived.sources;
    }
    worked ||= absorbed.deliveryCount > 0 || due.length > 0;
    // What came meanwhile brings its own turn (`decideAgain` sees it); looking for it here delays what is ready by seven round trips.
    if (absorbed.deliveryCount < ABSORB_DELIVERIES_MAX && due.length < DERIVE_ORDERS_MAX) break;
  }
  return { worked, ended: false, laterMs, firstTaken, sources, settings };
}

/** The last look for work. What is committed after it brings its own wake, which the queue keeps while this turn still counts as running. */
async function decideAgain(turn: Turn, intakeLaterMs: number | null, stages: readonly StageResult[]): Promise<TurnOutcome> {
  const { orders, ledger, sources, clock } = turn.ports;
  const installId = turn.install.installId;
  const waits = stages.flatMap((stage) => (stage.kind === "later" ? [stage.afterMs] : []));
  const mustWait = waits.length > 0;
  if (intakeLaterMs !== null) waits.push(intakeLaterMs);
  if (intakeLaterMs === null && (await orders.hasWork(installId))) return { again: "now" };
  if (!mustWait && (await ledger.hasWork(installId, claimable(await settingsOf(turn))))) return { again: "now" };

  const now = clock.now().getTime();
  for (const at of [await orders.nextDueAt(installId), await ledger.nextResendAt(installId), await sources.nextJudgementAt(installId)]) {
    if (at) waits.push(at.getTime() - now);
  }
  if (waits.length === 0) return { again: "no" };
  return { again: { afterMs: Math.max(AGAIN_MS_MIN, Math.min(...waits)) } };
}

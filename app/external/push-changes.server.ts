// Pushes what is due to one shop's stock system: several items at once, each item's changes one after the other, outside every lock on stock.

import type { Clock } from "#app/ports/clock.ts";
import type { ExternalLane, ExternalPush, ExternalPushBook, ExternalSystem, PushDecision } from "#app/ports/external-pushes.ts";
import type { ExternalReceiver } from "#app/ports/external-receiver.ts";
import type { Logger, Metrics } from "#app/ports/telemetry.ts";
import { backOffMs, judgeAnswer } from "./judge-answer.ts";
import { bodyOf, headersOf } from "./write-push.server.ts";

export const EXTERNAL_LIMITS = {
  /** Items of one shop that are pushed at once by one process: the most requests a receiver gets at a time from it. */
  lanesAtOnce: 4,
  /** Pushes of one item before others have their turn. */
  pushesPerLane: 25,
  /** One request, from the connection to the end of the answer. */
  requestTimeoutMs: 10_000,
  /** Longer than a request and the record of it: while one is on its way, nobody else sends for the item. */
  leaseMs: 30_000,
  /** Failures of a run, one after the other, after which the receiver is left in peace for a while. */
  failuresInARowMax: 3,
  /** How long, doubled from the first back-off; short, because each push waits its own time besides. */
  pauseMsMax: 60_000,
} as const;

export type ExternalLimits = { readonly [Name in keyof typeof EXTERNAL_LIMITS]: number };

export interface ExternalPorts {
  readonly externalPushes: ExternalPushBook;
  readonly externalReceiver: ExternalReceiver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "externalPush">;
}

export interface PushRun {
  deliveredCount: number;
  againCount: number;
  parkedCount: number;
  /** True when lanes were found: there may be more. */
  found: boolean;
}

interface RunState extends PushRun {
  failuresInARow: number;
  /** The receiver itself asked for patience. */
  askedPauseMs: number;
  lastReason: string | null;
  stopped: boolean;
}

type Outcome = "next" | "lane_over";

/** One run for one shop: claims lanes, pushes, gives them back. Never throws for what the receiver does. */
export async function pushChanges(ports: ExternalPorts, system: ExternalSystem, signal: AbortSignal, limits: ExternalLimits = EXTERNAL_LIMITS): Promise<PushRun> {
  const state: RunState = { deliveredCount: 0, againCount: 0, parkedCount: 0, found: false, failuresInARow: 0, askedPauseMs: 0, lastReason: null, stopped: false };
  const secret = await usableSecret(ports, system);
  if (secret === null) return state;
  const lanes = await ports.externalPushes.claim(system.installId, limits.lanesAtOnce, limits.leaseMs);
  state.found = lanes.length > 0;
  const claimedAtMs = ports.clock.monotonicMs();
  await Promise.all(lanes.map((lane) => pushLane({ ports, system, secret, signal, limits, state, lane, leasedAtMs: claimedAtMs })));
  await report(ports, system, state, limits);
  return state;
}

/** How long a shop is passed over whose secret is missing or cannot be read. */
const NO_SECRET_PAUSE_MS = 60_000;

async function usableSecret({ externalPushes, logger }: ExternalPorts, { installId, shop, secret }: ExternalSystem): Promise<string | null> {
  if (secret !== null && secret !== "unreadable") return secret;
  const reason = secret === null ? "no_secret" : "secret_unreadable";
  logger.warn({ shop, reason }, "changes wait for the external stock system: make its secret with `npm run holdfast -- external secret`");
  await externalPushes.reportReceiver(installId, { pauseMs: NO_SECRET_PAUSE_MS, reason });
  return null;
}

interface LaneRun {
  readonly ports: ExternalPorts;
  readonly system: ExternalSystem;
  readonly secret: string;
  readonly signal: AbortSignal;
  readonly limits: ExternalLimits;
  readonly state: RunState;
  readonly lane: ExternalLane;
  leasedAtMs: number;
}

async function pushLane(run: LaneRun): Promise<void> {
  const { ports, lane, limits, state, signal } = run;
  for (const push of await ports.externalPushes.next(lane, limits.pushesPerLane)) {
    if (state.stopped || signal.aborted || !leaseSuffices(run)) break;
    if ((await pushOne(run, push)) === "lane_over") return;
  }
  await ports.externalPushes.letGo(lane);
}

/** A process that slept since its claim must not send: the item may be another's by now. Measured from before the last record was asked for. */
function leaseSuffices({ ports, leasedAtMs, limits }: LaneRun): boolean {
  return ports.clock.monotonicMs() - leasedAtMs + limits.requestTimeoutMs < limits.leaseMs;
}

async function pushOne(run: LaneRun, push: ExternalPush): Promise<Outcome> {
  const { ports, system, secret, state, lane, limits } = run;
  const body = bodyOf(push);
  // Not tied to the process's end: a request under way is heard to its end, so that a stop leaves nothing to be repeated.
  const answer = await ports.externalReceiver.post({
    url: system.url,
    body,
    headers: headersOf(push, body, secret, ports.clock.now()),
    signal: AbortSignal.timeout(limits.requestTimeoutMs),
  });
  const decision = judgeAnswer(answer, push.attemptCount, ports.clock.now());
  const recordedFromMs = ports.clock.monotonicMs();
  if ((await ports.externalPushes.settle(lane, push, decision, limits.leaseMs)) === "lost") {
    ports.logger.warn({ shop: system.shop, pushId: String(push.pushId) }, "an item was taken over while its push was on its way; the receiver is told again under the same key");
    return "lane_over";
  }
  run.leasedAtMs = recordedFromMs;
  count(state, decision, limits);
  ports.metrics.externalPush(decision.kind === "again" ? "retried" : decision.kind);
  if (decision.kind === "parked") {
    ports.logger.warn({ shop: system.shop, pushId: String(push.pushId), reason: decision.reason }, "a push to the external stock system is parked; later ones of its item wait");
  }
  return decision.kind === "delivered" ? "next" : "lane_over";
}

function count(state: RunState, decision: PushDecision, limits: ExternalLimits): void {
  switch (decision.kind) {
    case "delivered":
      state.deliveredCount += 1;
      state.failuresInARow = 0;
      return;
    case "parked":
      state.parkedCount += 1;
      return;
    case "again":
      state.againCount += 1;
      state.failuresInARow += 1;
      state.lastReason = decision.reason;
      // Too many requests is said of all of them.
      if (decision.status === 429) state.askedPauseMs = Math.max(state.askedPauseMs, decision.delayMs);
      if (decision.status === 429 || state.failuresInARow >= limits.failuresInARowMax) state.stopped = true;
  }
}

async function report({ externalPushes }: ExternalPorts, system: ExternalSystem, state: RunState, limits: ExternalLimits): Promise<void> {
  if (state.stopped) {
    const pauseMs = Math.max(state.askedPauseMs, Math.min(backOffMs(system.failuresInARow), limits.pauseMsMax));
    await externalPushes.reportReceiver(system.installId, { pauseMs, reason: state.lastReason });
  } else if (state.deliveredCount > 0 && system.failuresInARow > 0) {
    await externalPushes.reportReceiver(system.installId, { pauseMs: null, reason: null });
  }
}

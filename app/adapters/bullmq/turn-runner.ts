// Runs the turns that were asked for: BullMQ workers around the turn handler, with a stop that lets running turns end.
import { Worker, type Job } from "bullmq";
import { assertNever } from "#app/domain/invariant.ts";
import type { Clock } from "#app/ports/clock.ts";
import {
  type TurnHandler,
  type TurnOutcome,
  type TurnRunner,
  type Waker,
  type WakerEvent,
} from "#app/ports/waker.ts";
import type { Timings } from "#app/ports/timings.ts";
import { asError, type RedisConnections } from "#app/adapters/redis/connect.ts";
import type { RedisKeys } from "#app/adapters/redis/keys.ts";
import { ALARM_CONCURRENCY, ALARMS_QUEUE, TURNS_QUEUE, workerSettings, type ShopJob } from "./queue-settings.ts";

/**
 * Turns of this process that only wait for Shopify, beside those that are at work. Beyond it a turn keeps its place until it ends: what
 * waits holds a lease, a timer and its call's content, some hundred KB at most.
 */
const BESIDE_MAX = 64;
/** What an aborted turn gets to come to its end before the worker leaves it to another. */
const ABORT_GRACE_MS = 1_000;
/** Closing talks to Redis; when that is away the process leaves without saying goodbye. */
const CLOSE_LIMIT_MS = 3_000;

export interface TurnRunnerOptions {
  readonly handler: TurnHandler;
  readonly concurrency: number;
  readonly waker: Waker;
  readonly connections: RedisConnections;
  readonly keys: RedisKeys;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly onEvent: (event: WakerEvent) => void;
}

/** Null for a job that this version did not write so. Fields that it does not know are none of its business. */
function shopOf(job: Job<Partial<ShopJob> | null>): string | null {
  const shop: unknown = job.data?.shop;
  return typeof shop === "string" && shop !== "" ? shop : null;
}

function traceIdOf(job: Job<Partial<ShopJob> | null>): string | null {
  const traceId: unknown = job.data?.traceId;
  return typeof traceId === "string" ? traceId : null;
}

export function startTurnRunner(options: TurnRunnerOptions): TurnRunner {
  const { handler, waker, clock, timings, onEvent } = options;
  const running = new Set<Promise<void>>();
  /** Turns that have ended and whose end Redis has not confirmed: a process that leaves now would have them run again. */
  const ending = new Map<string, PromiseWithResolvers<void>>();
  const stopping = new AbortController();
  const connection = options.connections.openWorkerConnection();

  const runTurn = async (shop: string, traceId: string | null, letNextBegin: () => void): Promise<void> => {
    const outcome = await handler(shop, { signal: stopping.signal, traceId, letNextBegin }).catch((error: unknown): TurnOutcome => {
      onEvent({ kind: "turn_failed", shop, ...(traceId === null ? {} : { traceId }), cause: asError(error) });
      return { again: { afterMs: timings.failedTurnDelayMs } };
    });
    await wakeAgain(waker, shop, outcome);
  };

  const recorded = (job: Job<ShopJob> | undefined): void => {
    ending.get(job?.id ?? "")?.resolve();
    ending.delete(job?.id ?? "");
  };

  const open = (queue: string, concurrency: number, process: Process): Worker<ShopJob> => {
    const work = (job: Job<ShopJob>) => workOn(job, { process, running, ending, onEvent });
    const worker = new Worker<ShopJob>(queue, work, {
      ...workerSettings(timings),
      connection,
      prefix: options.keys.queuePrefix,
      concurrency,
    });
    worker.on("error", (cause) => onEvent({ kind: "worker_error", cause }));
    worker.on("completed", recorded);
    worker.on("failed", recorded);
    worker.on("stalled", () => onEvent({ kind: "turn_stalled" }));
    // A job fails only when it stalled too often: perhaps its turn kills its process. Let others go first for a while.
    worker.on("failed", (job) => {
      const shop = job && shopOf(job);
      if (shop) void waker.wake(shop, { delayMs: timings.stalledTurnDelayMs });
    });
    return worker;
  };
  const workers = [
    open(TURNS_QUEUE, options.concurrency, runTurn),
    open(ALARMS_QUEUE, ALARM_CONCURRENCY, async (shop) => void (await waker.wake(shop))),
  ];

  const stop = async (timeoutMs: number): ReturnType<TurnRunner["stop"]> => {
    await Promise.all(workers.map((worker) => worker.pause(true)));
    await before(clock, timeoutMs, whenEmpty(running));
    if (running.size > 0) {
      stopping.abort(new Error("the process stops"));
      await before(clock, ABORT_GRACE_MS, whenEmpty(running));
    }
    const unfinishedCount = running.size;
    await before(clock, CLOSE_LIMIT_MS, allButRecorded(ending, unfinishedCount));
    const closing = Promise.allSettled(workers.map((worker) => worker.close(unfinishedCount > 0)));
    await before(clock, CLOSE_LIMIT_MS, closing);
    connection.disconnect();
    return unfinishedCount > 0 ? { kind: "forced", unfinishedCount } : { kind: "drained" };
  };
  let stopped: ReturnType<TurnRunner["stop"]> | undefined;
  return {
    ready: async () => void (await Promise.all(workers.map((worker) => worker.waitUntilReady()))),
    stop: ({ timeoutMs }) => (stopped ??= stop(timeoutMs)),
  };
}

type Process = (shop: string, traceId: string | null, letNextBegin: () => void) => Promise<void>;

interface Surroundings extends Pick<TurnRunnerOptions, "onEvent"> {
  readonly process: Process;
  readonly running: Set<Promise<void>>;
  readonly ending: Map<string, PromiseWithResolvers<void>>;
}

/** The job ends with its turn, or when the rest of the turn may go on beside the next one: then its wake, if one came, is handed out. */
async function workOn(job: Job<ShopJob>, { process, running, ending, onEvent }: Surroundings): Promise<void> {
  const shop = shopOf(job);
  // Another version's job, or nobody's: it is done with. What it was about stands in PostgreSQL, where that version's sweeper finds it.
  if (shop === null) return onEvent({ kind: "worker_error", cause: new Error("a job names no shop and is dropped") });
  const beside = Promise.withResolvers<void>();
  const turn = process(shop, traceIdOf(job), () => {
    if (running.size <= BESIDE_MAX) beside.resolve();
  });
  running.add(turn);
  ending.set(job.id ?? "", Promise.withResolvers());
  const ended = turn.finally(() => running.delete(turn));
  // Beside the next turn nobody hears of its end but who stops the process.
  ended.catch((cause: unknown) => onEvent({ kind: "worker_error", cause: asError(cause) }));
  await Promise.race([ended, beside.promise]);
}

/**
 * The turn still counts as running here, so a wake for now is stored behind it and queued at the tail when it ends: shops take turns. Beside
 * the shop's next turn it is a wake like any other.
 */
async function wakeAgain(waker: Waker, shop: string, { again }: TurnOutcome): Promise<void> {
  if (again === "no") return;
  if (again === "now") await waker.wake(shop);
  else if (typeof again === "object") await waker.wake(shop, { delayMs: again.afterMs });
  else assertNever(again);
}

async function whenEmpty(running: Set<Promise<void>>): Promise<void> {
  while (running.size > 0) await Promise.allSettled(running);
}

/** Resolves when no more than `unfinishedCount` turns, those that did not end, are without a recorded end. */
async function allButRecorded(ending: ReadonlyMap<string, PromiseWithResolvers<void>>, unfinishedCount: number): Promise<void> {
  while (ending.size > unfinishedCount) await Promise.race([...ending.values()].map(({ promise }) => promise));
}

async function before(clock: Clock, limitMs: number, task: Promise<unknown>): Promise<void> {
  let timer: { cancel(): void } | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = clock.setTimer(limitMs, resolve);
  });
  await Promise.race([task, limit]);
  timer?.cancel();
}

// The waker on BullMQ: asks for turns of shops so that no wake is lost while a turn runs, and hands them to the turn runner.
import { Queue } from "bullmq";
import { invariant } from "#app/domain/invariant.ts";
import type { Clock } from "#app/ports/clock.ts";
import { TIMINGS, type Timings } from "#app/ports/timings.ts";
import { WAKE_DELAY_MS_MAX, type TurnHandler, type TurnQueue, type TurnRunner, type Waker, type WakeResult, type WakerEvent } from "#app/ports/waker.ts";
import { asError, type RedisConnections } from "#app/adapters/redis/connect.ts";
import type { RedisKeys } from "#app/adapters/redis/keys.ts";
import { ALARMS_QUEUE, EVENTS_KEPT_MAX, JOB_OPTIONS, TURNS_QUEUE, WAKE_BATCH_MAX, type ShopJob } from "./queue-settings.ts";
import { startTurnRunner } from "./turn-runner.ts";

/**
 * A wake's options. Jobs of one shop are one while it waits. `keepLastIfActive` stores a wake that comes while the shop's turn runs, and
 * BullMQ queues it, at the tail, in the same script that ends the turn. With plain deduplication that wake would be dropped, together
 * with everything committed after the turn last looked for work. There is no time to live: the key goes when the job does.
 */
function turnOptions(shop: string) {
  return { ...JOB_OPTIONS, deduplication: { id: shop, keepLastIfActive: true } };
}

function jobFor(shop: string, traceId: string | undefined): ShopJob {
  return traceId === undefined ? { shop } : { shop, traceId };
}

export interface BullTurnQueueOptions {
  readonly connections: RedisConnections;
  readonly keys: RedisKeys;
  readonly clock: Clock;
  readonly timings?: Timings;
  readonly onEvent?: (event: WakerEvent) => void;
}

export class BullTurnQueue implements TurnQueue {
  readonly #options: BullTurnQueueOptions;
  readonly #onEvent: (event: WakerEvent) => void;
  readonly #turns: Queue<ShopJob>;
  readonly #alarms: Queue<ShopJob>;

  constructor(options: BullTurnQueueOptions) {
    this.#options = options;
    this.#onEvent = options.onEvent ?? (() => undefined);
    this.#turns = this.#openQueue(TURNS_QUEUE);
    this.#alarms = this.#openQueue(ALARMS_QUEUE);
  }

  async wake(shop: string, { delayMs = 0 }: { delayMs?: number } = {}): Promise<WakeResult> {
    const isNow = delayMs <= 0;
    return this.#counted(1, () => (isNow ? this.#turns.add("turn", { shop }, turnOptions(shop)) : this.#addAlarm(shop, delayMs)));
  }

  async wakeMany(shops: readonly string[], { traceIds }: { traceIds?: ReadonlyMap<string, string> } = {}): Promise<WakeResult> {
    const distinct = [...new Set(shops)];
    let result: WakeResult = { kind: "woken" };
    for (let from = 0; from < distinct.length; from += WAKE_BATCH_MAX) {
      const batch = distinct.slice(from, from + WAKE_BATCH_MAX);
      const jobs = batch.map((shop) => ({ name: "turn", data: jobFor(shop, traceIds?.get(shop)), opts: turnOptions(shop) }));
      const woken = await this.#counted(batch.length, () => this.#turns.addBulk(jobs));
      if (woken.kind === "unavailable") result = woken;
    }
    return result;
  }

  async depth(): Promise<{ waiting: number; active: number; delayed: number }> {
    const [turns, delayed] = await Promise.all([this.#turns.getJobCounts("waiting", "active"), this.#alarms.getDelayedCount()]);
    return { waiting: turns["waiting"] ?? 0, active: turns["active"] ?? 0, delayed };
  }

  runTurns(handler: TurnHandler, { concurrency, waker = this }: { concurrency: number; waker?: Waker }): TurnRunner {
    invariant(Number.isInteger(concurrency) && concurrency > 0, "at least one turn runs at a time");
    const { connections, keys, clock, timings = TIMINGS } = this.#options;
    return startTurnRunner({ handler, concurrency, waker, connections, keys, clock, timings, onEvent: this.#onEvent });
  }

  /** Lets go of the queues; the connections are closed by whoever opened them. */
  async close(): Promise<void> {
    await Promise.all([this.#turns.close(), this.#alarms.close()]);
  }

  /**
   * A later wake is a job of another queue, so that it can be neither folded into a turn that runs now nor overwrite a wake stored behind
   * one. Its name is its time, rounded up to an eighth of the delay: wakes for about the same time are one job, and each is followed by a
   * turn at its own time or later.
   */
  #addAlarm(shop: string, askedDelayMs: number) {
    const delayMs = Math.min(Math.ceil(askedDelayMs), WAKE_DELAY_MS_MAX);
    const stepMs = 2 ** Math.max(0, Math.floor(Math.log2(delayMs / 8)));
    const nowMs = this.#options.clock.now().getTime();
    const dueMs = Math.ceil((nowMs + delayMs) / stepMs) * stepMs;
    return this.#alarms.add("alarm", { shop }, { ...JOB_OPTIONS, jobId: `${shop}@${dueMs}`, delay: dueMs - nowMs });
  }

  async #counted(count: number, add: () => Promise<unknown>): Promise<WakeResult> {
    try {
      await add();
      this.#onEvent({ kind: "woken", count });
      return { kind: "woken" };
    } catch (error) {
      // Redis is away or full. What was to be done stands in PostgreSQL, where the sweeper finds it.
      this.#onEvent({ kind: "unavailable", count, cause: asError(error) });
      return { kind: "unavailable" };
    }
  }

  #openQueue(name: string): Queue<ShopJob> {
    const queue = new Queue<ShopJob>(name, {
      connection: this.#options.connections.queue,
      prefix: this.#options.keys.queuePrefix,
      defaultJobOptions: JOB_OPTIONS,
      streams: { events: { maxLen: EVENTS_KEPT_MAX } },
      // Fail at once while Redis is away, also before the first connection. /readyz checks the version.
      skipWaitingForReady: true,
      skipVersionCheck: true,
    });
    // The connection's own listener reports its troubles; without one here BullMQ would throw them.
    queue.on("error", () => undefined);
    return queue;
  }
}

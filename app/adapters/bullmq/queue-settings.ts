// BullMQ's settings, each given explicitly: the two queues, what a job carries, and how workers treat jobs whose process died.
import type { DefaultJobOptions, WorkerOptions } from "bullmq";
import type { Timings } from "#app/ports/timings.ts";

/** One job is one turn of a shop. */
export const TURNS_QUEUE = "turns";

/** One job is one wake at a later time; when due it wakes the shop and is gone. */
export const ALARMS_QUEUE = "alarms";

export interface ShopJob {
  readonly shop: string;
  /** The trace of a notification for which it is woken. */
  readonly traceId?: string;
}

/** BullMQ writes an event for each step of each job. Nobody reads them. */
export const EVENTS_KEPT_MAX = 1_000;

/** The most shops woken in one round trip. */
export const WAKE_BATCH_MAX = 500;

export const JOB_OPTIONS = {
  // A failed turn is woken again by its outcome. BullMQ repeats nothing.
  attempts: 1,
  removeOnComplete: true,
  // Only jobs that stalled too often fail; some are kept to be looked at.
  removeOnFail: { count: 100 },
  stackTraceLimit: 5,
} satisfies DefaultJobOptions;

/**
 * A turn whose process died is given to another worker after its lock and the next check at the latest; until then wakes of that shop
 * wait behind it. The lock is BullMQ's own sign of life and nothing else: exclusion is the business of Holdfast's lock.
 */
export function workerSettings({ turnLockMs, stalledEveryMs }: Pick<Timings, "turnLockMs" | "stalledEveryMs">) {
  return { ...WORKER_SETTINGS, lockDuration: turnLockMs, lockRenewTime: Math.round(turnLockMs * 0.4), stalledInterval: stalledEveryMs };
}

const WORKER_SETTINGS = {
  maxStalledCount: 5,
  skipStalledCheck: false,
  skipLockRenewal: false,
  // Seconds a worker blocks on an empty queue before it asks again; a wake ends the block at once.
  drainDelay: 5,
  // After a failed round trip to Redis. BullMQ's own 15 s would leave a mended Redis unused for as long.
  runRetryDelay: 1_000,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 100 },
  autorun: true,
} satisfies Partial<WorkerOptions>;

/** Alarms do nothing but wake; a few at a time are enough. */
export const ALARM_CONCURRENCY = 4;

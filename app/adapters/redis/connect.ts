// The one place that opens connections to Redis, for the locks, the budgets and BullMQ, each with options that fit its use.
import { Redis, type RedisOptions } from "ioredis";
import type { Clock } from "#app/ports/clock.ts";

/** The oldest Redis that BullMQ recommends; our own scripts need no more. */
export const REDIS_VERSION_MIN = [6, 2] as const;

/** A Redis that does not answer within this is treated as gone: what asks it must itself answer a webhook within 5 s. */
const COMMAND_TIMEOUT_MS = 1_000;
/** A socket on which a command has waited this long is dead (a partition without a reset) and is replaced. */
const SOCKET_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 10_000;
const RECONNECT_DELAY_MS_MIN = 50;
const RECONNECT_DELAY_MS_MAX = 2_000;

const SHARED_OPTIONS = {
  protocol: 2,
  family: 0,
  noDelay: true,
  keepAlive: KEEP_ALIVE_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  enableReadyCheck: true,
  maxLoadingRetryTime: RECONNECT_DELAY_MS_MAX,
  enableAutoPipelining: false,
  lazyConnect: false,
  retryStrategy: (attempt) => Math.min(RECONNECT_DELAY_MS_MIN * 2 ** Math.min(attempt - 1, 10), RECONNECT_DELAY_MS_MAX),
  // After a failover the old primary may live on as a replica: leave it.
  reconnectOnError: (error) => error.message.startsWith("READONLY"),
} satisfies RedisOptions;

/** Answers or fails at once: what is behind it has another way (the sweeper, the next turn), and a caller that waits. */
const FAIL_FAST_OPTIONS = {
  ...SHARED_OPTIONS,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
} satisfies RedisOptions;

/**
 * No command timeout here: a late answer to an acquisition must still be heard, to be handed back. The lock waits with a limit of its
 * own.
 */
const LOCK_OPTIONS = { ...FAIL_FAST_OPTIONS, socketTimeout: SOCKET_TIMEOUT_MS } satisfies RedisOptions;

const QUEUE_OPTIONS = { ...FAIL_FAST_OPTIONS, commandTimeout: COMMAND_TIMEOUT_MS } satisfies RedisOptions;

/**
 * Waits for Redis as long as it takes: nobody waits for its answers. Who subscribes does so again at each `ready`: what ioredis sends to
 * subscribe anew it does not listen to, and a connection closed at that moment would end the process with an unhandled rejection.
 */
const SUBSCRIBER_OPTIONS = {
  ...SHARED_OPTIONS,
  enableOfflineQueue: true,
  maxRetriesPerRequest: null,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: true,
} satisfies RedisOptions;

/** BullMQ's workers block on Redis and must outlive its absence; BullMQ insists on no limit of retries here. */
const WORKER_OPTIONS = {
  ...SHARED_OPTIONS,
  enableOfflineQueue: true,
  maxRetriesPerRequest: null,
  autoResendUnfulfilledCommands: true,
} satisfies RedisOptions;

export type RedisReadiness =
  | { kind: "ready"; version: string; evictionPolicy: string }
  | { kind: "unsupported"; version: string }
  | { kind: "unavailable"; cause: Error };

/** Connections to a server that keeps locks. */
export interface LockServerConnections {
  /** For the locks, and the budgets where they share a server. */
  readonly commands: Redis;
  /** For the locks' wakes. */
  readonly subscriber: Redis;
  /** Resolves when every connection opened so far has been ready once. For start-up and tests; does not fail, may never resolve. */
  connected(): Promise<void>;
  /** One round trip, with a limit: for `/readyz` and `doctor`. */
  ready(): Promise<RedisReadiness>;
  close(): Promise<void>;
}

export interface RedisConnections extends LockServerConnections {
  /** For BullMQ's producers. */
  readonly queue: Redis;
  /** A connection for one BullMQ worker, which duplicates it for its blocking reads. Closed with the others. */
  openWorkerConnection(): Redis;
}

interface ConnectOptions {
  readonly url: string;
  readonly clock: Clock;
  /** Hears every connection trouble, often; the connections mend themselves. */
  readonly onError: (error: Error) => void;
}

/** Opens the connections without waiting for them: with Redis away a process still starts and accepts webhooks. */
export function connectRedis(options: ConnectOptions): RedisConnections {
  const { open, opened } = connectionsTo(options);
  const commands = open("lock", LOCK_OPTIONS);
  const subscriber = open("lock-wake", SUBSCRIBER_OPTIONS);
  const queue = open("queue", QUEUE_OPTIONS);
  return {
    commands,
    subscriber,
    queue,
    openWorkerConnection: () => open("worker", WORKER_OPTIONS),
    connected: async () => void (await Promise.all(opened.map(becameReady))),
    ready: () => checkReadiness(queue, options.clock),
    close: async () => void (await Promise.all(opened.map(closeConnection))),
  };
}

/** As `connectRedis`, for one of several servers that keep nothing but locks. */
export function connectLockServer(options: ConnectOptions): LockServerConnections {
  const { open, opened } = connectionsTo(options);
  const commands = open("lock", LOCK_OPTIONS);
  const subscriber = open("lock-wake", SUBSCRIBER_OPTIONS);
  return {
    commands,
    subscriber,
    connected: async () => void (await Promise.all(opened.map(becameReady))),
    ready: () => checkReadiness(commands, options.clock),
    close: async () => void (await Promise.all(opened.map(closeConnection))),
  };
}

function connectionsTo({ url, onError }: ConnectOptions): { open: (name: string, redisOptions: RedisOptions) => Redis; opened: readonly Redis[] } {
  const opened: Redis[] = [];
  const open = (name: string, redisOptions: RedisOptions): Redis => {
    const connection = new Redis(url, { ...redisOptions, connectionName: `holdfast-${name}` });
    connection.on("error", onError);
    opened.push(connection);
    return connection;
  };
  return { open, opened };
}

async function checkReadiness(connection: Redis, clock: Clock): Promise<RedisReadiness> {
  let timer: { cancel(): void } | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = clock.setTimer(COMMAND_TIMEOUT_MS, () => reject(new Error("Redis does not answer")));
  });
  try {
    const info = await Promise.race([connection.info(), overdue]);
    const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, "m").exec(info)?.[1] ?? "unknown";
    // Valkey answers the Redis version it is compatible with.
    const version = field("redis_version");
    if (!isSupported(version)) return { kind: "unsupported", version };
    return { kind: "ready", version, evictionPolicy: field("maxmemory_policy") };
  } catch (error) {
    return { kind: "unavailable", cause: asError(error) };
  } finally {
    timer?.cancel();
  }
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > REDIS_VERSION_MIN[0] || (major === REDIS_VERSION_MIN[0] && minor >= REDIS_VERSION_MIN[1]);
}

function becameReady(connection: Redis): Promise<void> {
  if (connection.status === "ready") return Promise.resolve();
  return new Promise((resolve) => {
    connection.once("ready", () => resolve());
  });
}

async function closeConnection(connection: Redis): Promise<void> {
  if (connection.status === "end") return;
  const ended = new Promise<void>((resolve) => {
    connection.once("end", () => resolve());
  });
  connection.disconnect();
  // A connection between two attempts to reconnect has no socket whose end it could report.
  if (connection.status !== "reconnecting" && connection.status !== "wait") await ended;
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

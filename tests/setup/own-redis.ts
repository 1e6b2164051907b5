// A Redis server for one test file alone, with connections as Holdfast's processes open them, to flush, stop, pause and restart.
import { afterAll, beforeAll, beforeEach } from "vitest";

import { systemClock } from "#app/adapters/system/system-clock.ts";
import { connectRedis, type RedisConnections } from "#app/adapters/redis/connect.ts";
import { startPrivateRedis } from "./test-redis.ts";

export interface OwnRedis {
  readonly url: string;
  /** Connections as one process would open them, ready; closed by `close` at the latest. */
  connect(): Promise<RedisConnections>;
  /** Ends the server as a crash would; it comes back at the same address, empty, with `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** The server keeps its sockets but answers nothing until `resume`. */
  pause(): Promise<{ resume(): void }>;
  close(): Promise<void>;
}

export async function startOwnRedis(): Promise<OwnRedis> {
  const server = await startPrivateRedis();
  const opened: RedisConnections[] = [];
  const connect = async (): Promise<RedisConnections> => {
    // Troubles of the connections are what these tests cause; what matters is how the code above answers them.
    const connections = connectRedis({ url: server.url, clock: systemClock, onError: () => undefined });
    opened.push(connections);
    await connections.connected();
    return connections;
  };
  return {
    url: server.url,
    connect,
    stop: () => server.stop(),
    start: () => server.start(),
    async pause() {
      const { commands, close } = await connect();
      const processId = Number(/^process_id:(\d+)/m.exec(await commands.info("server"))?.[1]);
      await close();
      process.kill(processId, "SIGSTOP");
      return { resume: () => void process.kill(processId, "SIGCONT") };
    },
    async close() {
      await Promise.all(opened.map((connections) => connections.close()));
      await server.close();
    },
  };
}

/** One for all tests of the file that calls this, empty before each of them. */
export function useOwnRedis(): Pick<OwnRedis, "connect" | "stop" | "start" | "pause"> {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startOwnRedis();
  });
  beforeEach(async () => {
    await (await redis.connect()).commands.flushall();
  });
  afterAll(() => redis.close());
  return { connect: () => redis.connect(), stop: () => redis.stop(), start: () => redis.start(), pause: () => redis.pause() };
}

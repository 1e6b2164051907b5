// A Redis server for one test file alone, so that the test may flush, stop, pause and restart it.
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { systemClock } from "#app/adapters/system/system-clock.ts";
import { connectRedis, type RedisConnections } from "#app/adapters/redis/connect.ts";
import { startRedis, type RedisServer } from "#dev/services/redis.ts";

export interface OwnRedis {
  readonly url: string;
  /** Connections as one process would open them, ready; closed by `stop` at the latest. */
  connect(): Promise<RedisConnections>;
  /** Ends the server; it comes back at the same address, empty, with `start`. */
  shutDown(): Promise<void>;
  start(): Promise<void>;
  /** The server keeps its sockets but answers nothing until `resume`. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

export async function startOwnRedis(): Promise<OwnRedis> {
  const folder = join(tmpdir(), "holdfast-tests", randomUUID());
  let server: RedisServer = await startRedis({ folder });
  const { url, port } = server;
  const opened: RedisConnections[] = [];
  return {
    url,
    async connect() {
      // Troubles of the connections are what these tests cause; what matters is how the code above answers them.
      const connections = connectRedis({ url, clock: systemClock, onError: () => undefined });
      opened.push(connections);
      await connections.connected();
      return connections;
    },
    shutDown: () => server.stop(),
    async start() {
      server = await startRedis({ folder, port });
    },
    pause: () => void process.kill(server.pid, "SIGSTOP"),
    resume: () => void process.kill(server.pid, "SIGCONT"),
    async stop() {
      await Promise.all(opened.map((connections) => connections.close()));
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

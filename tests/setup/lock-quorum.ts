// Redis servers that keep locks together, for one test file alone, and processes that take locks from a majority of them.
import type { Redis } from "ioredis";
import type { Clock } from "#app/ports/clock.ts";
import type { RedisConnections } from "#app/adapters/redis/connect.ts";
import { redisKeys, type RedisKeys } from "#app/adapters/redis/keys.ts";
import { RedisLockMember, type LockMember } from "#app/adapters/redis/lock-member.ts";
import { QuorumLockStore } from "#app/adapters/redis/quorum-lock-store.ts";
import { startOwnRedis, type OwnRedis } from "./own-redis.ts";

export interface QuorumProcess {
  readonly store: QuorumLockStore;
  /** One for each server, in their order. */
  readonly connections: readonly RedisConnections[];
}

export interface LockQuorum {
  readonly servers: readonly OwnRedis[];
  /** A connection to each server, to look and to meddle. */
  readonly controls: readonly Redis[];
  readonly keys: RedisKeys;
  /** With connections of its own, as another process would have. `around`: what stands between the quorum and each server. */
  openProcess(clock: Clock, around?: (member: LockMember, index: number) => LockMember): Promise<QuorumProcess>;
  /** Starts a server that was stopped, and waits until everybody is connected to it again. */
  restart(index: number): Promise<void>;
  /** Forgets everything and closes the processes' connections. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export async function startLockQuorum(count: number, prefix = "lock-quorum"): Promise<LockQuorum> {
  const servers = await Promise.all(Array.from({ length: count }, startOwnRedis));
  const controlled = await Promise.all(servers.map((server) => server.connect()));
  const controls = controlled.map(({ commands }) => commands);
  const keys = redisKeys(prefix);
  let opened: RedisConnections[] = [];
  return {
    servers,
    controls,
    keys,
    async openProcess(clock, around = (member) => member) {
      const connections = await Promise.all(servers.map((server) => server.connect()));
      opened.push(...connections);
      const openMembers = (processId: string) => connections.map((each, index) => around(new RedisLockMember(each, keys, processId), index));
      return { store: new QuorumLockStore(openMembers, clock), connections };
    },
    async restart(index) {
      await servers[index]?.start();
      await Promise.all([...opened, ...controlled].map((connections) => connections.connected()));
    },
    async clear() {
      await Promise.all(opened.map((connections) => connections.close()));
      opened = [];
      await Promise.all(controls.map((control) => control.flushall()));
    },
    stop: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

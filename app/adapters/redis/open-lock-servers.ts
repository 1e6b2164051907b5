// Opens the servers that keep the locks: the one Redis that everything else uses, or a quorum of others when it is configured.
import type { Clock } from "#app/ports/clock.ts";
import { connectLockServer, type LockServerConnections, type RedisConnections, type RedisReadiness } from "./connect.ts";
import type { RedisKeys } from "./keys.ts";
import { RedisLockMember } from "./lock-member.ts";
import type { LockStore } from "./lock-store.ts";
import { QuorumLockStore } from "./quorum-lock-store.ts";
import { RedisLockStore } from "./redis-lock-store.ts";

/** Readiness of one server of a quorum, by its address without credentials. */
export interface LockServerCheck {
  readonly address: string;
  readonly readiness: RedisReadiness;
}

export interface LockServers {
  readonly store: LockStore;
  /** Of a quorum's servers; empty with one Redis, which whoever opened it asks. */
  check(): Promise<readonly LockServerCheck[]>;
  connected(): Promise<void>;
  close(): Promise<void>;
}

export function openLockServers(options: {
  /** Of the quorum's servers; empty: the locks are kept by `redis`. */
  urls: readonly string[];
  redis: RedisConnections;
  keys: RedisKeys;
  clock: Clock;
  onError: (error: Error) => void;
}): LockServers {
  const { urls, redis, keys, clock, onError } = options;
  if (urls.length === 0) {
    return {
      store: new RedisLockStore(redis, keys),
      check: async () => [],
      // `redis` is opened and closed by whoever gave it.
      connected: async () => undefined,
      close: async () => undefined,
    };
  }
  const servers = urls.map((url) => ({ address: addressOf(url), connections: connectLockServer({ url, clock, onError }) }));
  return {
    store: new QuorumLockStore((processId) => servers.map(({ connections }) => new RedisLockMember(connections, keys, processId)), clock),
    check: () => Promise.all(servers.map(checkServer)),
    connected: async () => void (await Promise.all(servers.map(({ connections }) => connections.connected()))),
    close: async () => void (await Promise.all(servers.map(({ connections }) => connections.close()))),
  };
}

/** Whether so many are ready that locks can be taken. */
export function isMajorityReady(checks: readonly LockServerCheck[]): boolean {
  return checks.filter(({ readiness }) => readiness.kind === "ready").length > checks.length / 2;
}

async function checkServer({ address, connections }: { address: string; connections: LockServerConnections }): Promise<LockServerCheck> {
  return { address, readiness: await connections.ready() };
}

function addressOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || "6379"}`;
}

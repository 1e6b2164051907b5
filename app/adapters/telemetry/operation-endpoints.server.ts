// What operators' tools ask of web and worker alike: alive, ready, metrics.

import { timingSafeEqual } from "node:crypto";

import type { RedisReadiness } from "#app/adapters/redis/connect.ts";
import { isMajorityReady, type LockServers } from "#app/adapters/redis/open-lock-servers.ts";
import type { SqlExecutor } from "#app/ports/database.ts";
import type { PrometheusMetrics } from "./prometheus-metrics.server.ts";

export interface OperationDependencies {
  readonly database: SqlExecutor;
  readonly redis: { ready(): Promise<RedisReadiness> };
  readonly lockServers: Pick<LockServers, "check">;
  readonly metrics: Pick<PrometheusMetrics, "expose">;
  readonly config: { readonly metricsToken: string | null };
}

export interface OperationRequest {
  readonly path: string;
  readonly authorization: string | null;
  /** The worker cannot work without Redis; the web process accepts notifications without it. */
  readonly needsRedis: boolean;
}

export interface OperationAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export async function answerOperation(dependencies: OperationDependencies, request: OperationRequest): Promise<OperationAnswer> {
  switch (request.path) {
    case "/healthz":
      return json(200, { status: "alive" });
    case "/readyz":
      return readiness(dependencies, request.needsRedis);
    case "/metrics":
      return metrics(dependencies, request.authorization);
    default:
      return json(404, { error: { code: "not_found", message: "There is nothing here.", details: {} } });
  }
}

async function readiness({ database, redis, lockServers }: OperationDependencies, needsRedis: boolean): Promise<OperationAnswer> {
  const databaseReady = await database.query("SELECT 1").then(() => true, () => false);
  const redisReady = (await redis.ready()).kind === "ready";
  const lockChecks = await lockServers.check();
  const locksReady = lockChecks.length === 0 ? redisReady : isMajorityReady(lockChecks);
  const ready = databaseReady && ((redisReady && locksReady) || !needsRedis);
  return json(ready ? 200 : 503, { status: ready ? "ready" : "not_ready", database: databaseReady, redis: redisReady, locks: locksReady });
}

async function metrics({ config, metrics: registry }: OperationDependencies, authorization: string | null): Promise<OperationAnswer> {
  if (config.metricsToken !== null && !isBearer(authorization, config.metricsToken)) {
    return json(401, { error: { code: "unauthorized", message: "Metrics want the bearer token of METRICS_TOKEN.", details: {} } });
  }
  const { contentType, text } = await registry.expose();
  return { status: 200, contentType, body: text };
}

function isBearer(authorization: string | null, token: string): boolean {
  const given = Buffer.from(authorization ?? "");
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function json(status: number, body: unknown): OperationAnswer {
  return { status, contentType: "application/json", body: JSON.stringify(body) };
}

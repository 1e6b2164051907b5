// The telemetry's part of the composition: logs, traces and metrics, and the database that reports to them.

import type { BullTurnQueue } from "#app/adapters/bullmq/turn-queue.ts";
import { readDeliveryLagSeconds, readIncidents } from "#app/adapters/prisma/backlog.server.ts";
import { openDatabase, type OpenDatabase } from "#app/adapters/prisma/database.server.ts";
import { createStockView } from "#app/adapters/prisma/stock-view.server.ts";
import { createJsonLogger } from "#app/adapters/telemetry/json-logger.server.ts";
import { openTracing } from "#app/adapters/telemetry/open-telemetry.server.ts";
import { createPrometheusMetrics, type PrometheusMetrics } from "#app/adapters/telemetry/prometheus-metrics.server.ts";
import type { ComposeOptions, Service } from "#app/composition.server.ts";
import type { Environment } from "#app/config/environment.ts";
import { METRIC_TOPICS } from "#app/pipeline/accept/accept-webhook.server.ts";
import type { Clock } from "#app/ports/clock.ts";
import { type Tracing, UNTRACED } from "#app/ports/tracing.ts";
import { AS_IT_IS, type DecoratePort } from "#app/steps.ts";
import { traceSteps } from "#app/trace-steps.ts";

/** Connections to PostgreSQL of one process; two inserts, a few turns and the pages share them. */
const DATABASE_CONNECTIONS_MAX = 10;

/** Logs, traces and metrics; and what is put around each port: the tests' own, and a span outside of it when traces are made. */
export function composeTelemetry(config: Environment, service: Service, options: ComposeOptions & { clock: Clock }, parts: () => { database: OpenDatabase; waker: BullTurnQueue }) {
  const tracing = options.tracing ?? openTracing(config.tracing, { service });
  const given = options.decorate ?? AS_IT_IS;
  const traced = traceSteps(tracing, () => options.clock.monotonicMs());
  const decorate: DecoratePort = (name, port) => traced(name, given(name, port));
  const logger = createJsonLogger({ level: config.logLevel, service, ...(tracing === UNTRACED ? {} : { where: () => spanFields(tracing) }), ...(options.logTo ? { destination: options.logTo } : {}) });
  const telemetry = createPrometheusMetrics({
    topics: METRIC_TOPICS,
    deliveryLagSeconds: () => readDeliveryLagSeconds(parts().database),
    queueDepth: async () => (await parts().waker.depth()).waiting,
    incidents: () => readIncidents(parts().database),
    reservedUnits: () => createStockView(parts().database).totals(),
  });
  return { logger, tracing, telemetry, decorate };
}

/** Under the names that OpenTelemetry gives them in logs; the stored ids are in the lines themselves, as `traceId`. */
function spanFields(tracing: Tracing): Record<string, string> {
  const here = tracing.current();
  return here === null ? {} : { trace_id: here.traceId, span_id: here.spanId };
}

export function openComposedDatabase({ databaseUrl }: Environment, telemetry: PrometheusMetrics, tracing: Tracing, onDeadlock: () => void): OpenDatabase {
  return openDatabase({
    url: databaseUrl,
    connectionsMax: DATABASE_CONNECTIONS_MAX,
    onConflict: (kind) => {
      telemetry.databaseConflict(kind);
      if (kind === "deadlock") onDeadlock();
      tracing.event("transaction conflict", { "holdfast.conflict": kind });
    },
    onFailure: (kind) => {
      telemetry.databaseFailure(kind);
      tracing.event("database failure", { "holdfast.failure": kind });
    },
  });
}

// The worker process: starts its services, answers health checks, and stops within the 30 s that hosts give it.

import process from "node:process";

import { composition } from "#app/composition.server.ts";
import { startActivityService } from "./activity-service.ts";
import { startAlertService } from "./alert-service.ts";
import { startBackfillService } from "./backfill-service.ts";
import { startDetectionService } from "./detection-service.ts";
import { startComplianceService } from "./compliance-service.ts";
import { startExternalService } from "./external-service.ts";
import { startHealthServer } from "./health-server.ts";
import { supervise } from "./supervisor.ts";
import { startReconcileService } from "./reconcile-service.ts";
import { startRetentionService } from "./retention-service.ts";
import { startReservationService } from "./reservation-service.ts";
import { startSweeper } from "./sweeper.ts";
import { startTurns } from "./turns.ts";

/** The longest is a turn's: 16 s to come to its end, 1 s after it was aborted, and twice 3 s to tell the queue. */
const SERVICES_LIMIT_MS = 24_000;
const CLOSE_LIMIT_MS = 4_000;

const composed = composition("worker");
const supervisor = supervise(composed, [
  { name: "health", stopsLast: true, start: () => startHealthServer(composed) },
  { name: "turns", start: () => startTurns(composed) },
  { name: "sweeper", start: () => startSweeper(composed) },
  { name: "backfill", start: () => startBackfillService(composed) },
  { name: "external", start: () => startExternalService(composed) },
  { name: "alerts", start: () => startAlertService(composed) },
  { name: "detection", start: () => startDetectionService(composed) },
  { name: "reconcile", start: () => startReconcileService(composed) },
  { name: "reservations", start: () => startReservationService(composed) },
  { name: "activity", start: () => startActivityService(composed) },
  { name: "compliance", start: () => startComplianceService(composed) },
  { name: "retention", start: () => startRetentionService(composed) },
]);
await supervisor.start();
composed.logger.info({ port: composed.config.workerPort }, "worker started");

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop(signal));

async function stop(signal: string): Promise<void> {
  composed.logger.info({ signal }, "worker stops");
  const stopped = await supervisor.stop({ timeoutMs: SERVICES_LIMIT_MS });
  if (stopped.kind === "left_running") composed.logger.warn({ services: stopped.names }, "the limit for a stop is over; what these were doing is left to other workers");
  // Connections to what does not answer are not waited for.
  composed.clock.setTimer(CLOSE_LIMIT_MS, () => process.exit(1));
  await composed.close();
  process.exit(stopped.kind === "stopped" ? 0 : 1);
}

// The worker process: starts its services, answers health checks, and stops them in reverse order when asked to.

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

const composed = composition("worker");
const supervisor = supervise(composed.logger, [
  { name: "health", start: () => startHealthServer(composed) },
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

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void supervisor
      .stop()
      .then(() => composed.close())
      .then(() => process.exit(0));
  });
}

// The alerts' outbox on PostgreSQL: one transaction each for fanning out, claiming and recording. A lane's row lock puts its messages in order.

import type { AlertOutbox } from "#app/ports/alert-outbox.ts";
import type { Database } from "#app/ports/database.ts";
import { claimAlert } from "./alert-claim.server.ts";
import { fanOutAlerts } from "./alert-fan-out.server.ts";
import { recordAlert } from "./alert-record.server.ts";

export function createAlertOutbox(database: Database): AlertOutbox {
  return {
    fanOut: (limit, plan) => fanOutAlerts(database, limit, plan),
    claim: (leaseMs) => claimAlert(database, leaseMs),
    record: (claimed, result) => recordAlert(database, claimed, result),
  };
}

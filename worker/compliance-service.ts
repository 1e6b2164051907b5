// Completes Shopify's privacy requests; they are few, and 30 days are allowed.

import type { Composition } from "#app/composition.server.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

/** Requests looked at in one round; the next round goes on after them. */
const REQUESTS_MAX = 20;

export function startComplianceService(composed: Pick<Composition, "compliance" | "shopify" | "clock" | "logger" | "timings">): RunningService {
  const { compliance, shopify, clock, logger, timings } = composed;
  return repeat({
    clock,
    logger,
    name: "compliance",
    everyMs: timings.complianceEveryMs,
    step: async () => {
      const { completedCount, deletedRowCount, postponed, failed } = await compliance.completeOpen(REQUESTS_MAX, shopify.lookForApp);
      if (completedCount + deletedRowCount > 0) logger.info({ completedCount, deletedRowCount }, "privacy requests worked on");
      for (const { requestId, reason } of postponed) logger.info({ requestId: String(requestId), reason }, "a privacy request is left for a later round");
      for (const { requestId, cause } of failed) logger.error({ requestId: String(requestId), cause }, "a privacy request failed; it is tried again");
    },
  });
}

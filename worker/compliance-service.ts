// Completes Shopify's privacy requests; they are few, and 30 days are allowed.

import type { Composition } from "#app/composition.server.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

const EVERY_MS = 30_000;
const REQUESTS_MAX = 20;

export function startComplianceService({ compliance, clock, logger }: Pick<Composition, "compliance" | "clock" | "logger">): RunningService {
  return repeat({
    clock,
    logger,
    name: "compliance",
    everyMs: EVERY_MS,
    step: async () => {
      const completed = await compliance.completeOpen(REQUESTS_MAX);
      if (completed > 0) logger.info({ completed }, "privacy requests completed");
    },
  });
}

// Counts what happened in each shop into quarters of an hour, so that nobody who opens Home waits for it.

import pMap from "p-map";

import type { Composition } from "#app/composition.server.ts";
import { rollUpActivity, shopsToRollUp } from "#app/dashboard/queries/roll-up-activity.server.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { Database } from "#app/ports/database.ts";
import type { Logger } from "#app/ports/telemetry.ts";
import { repeat } from "./repeat.ts";
import type { RunningService } from "./supervisor.ts";

const EVERY_MS = 30_000;
/** Shops of one step, those that were not counted for longest first. */
const SHOPS_MAX = 200;
const SHOPS_AT_ONCE = 2;

export interface ActivityParts {
  readonly database: Database;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Pick<Logger, "error">;
}

/** One step; answers how many shops were counted. A shop that cannot be counted is tried again, and stops no other. */
export function createActivityStep({ database, clock, logger }: ActivityParts): () => Promise<number> {
  return async () => {
    const now = clock.now();
    const installIds = await shopsToRollUp(database, now, SHOPS_MAX);
    await pMap(
      installIds,
      async (installId) => {
        try {
          await rollUpActivity(database, installId, now);
        } catch (cause) {
          logger.error({ installId: String(installId), cause }, "a shop's activity could not be counted; it is tried again");
        }
      },
      { concurrency: SHOPS_AT_ONCE },
    );
    return installIds.length;
  };
}

export function startActivityService(composed: Pick<Composition, "database" | "clock" | "logger">): RunningService {
  const step = createActivityStep(composed);
  return repeat({ clock: composed.clock, logger: composed.logger, name: "activity", everyMs: EVERY_MS, step: async () => void (await step()) });
}

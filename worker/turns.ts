// Runs the turns that the queue hands out.

import type { Composition } from "#app/composition.server.ts";
import type { RunningService } from "./supervisor.ts";

/** Turns of different shops that run at once; most of a turn is waiting for PostgreSQL and Shopify. */
const CONCURRENCY = 8;

export async function startTurns({ turnQueue, waker, turn, timings }: Pick<Composition, "turnQueue" | "waker" | "turn" | "timings">): Promise<RunningService> {
  const runner = turnQueue.runTurns(turn.take, { concurrency: CONCURRENCY, waker });
  return {
    async stop() {
      // A turn's longest step is a call to Shopify, which is over by then.
      await runner.stop({ timeoutMs: timings.resumeAfterMs });
    },
  };
}

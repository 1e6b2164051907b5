// Runs the turns that the queue hands out.

import type { Composition } from "#app/composition.server.ts";
import { takeTurn } from "#app/pipeline/take-turn.server.ts";
import type { RunningService } from "./supervisor.ts";

/** Turns of different shops that run at once; most of a turn is waiting for PostgreSQL and Shopify. */
const CONCURRENCY = 8;
/** A turn's longest step is a call to Shopify of 20 s. */
const STOP_TIMEOUT_MS = 25_000;

export async function startTurns({ waker, turnPorts }: Pick<Composition, "waker" | "turnPorts">): Promise<RunningService> {
  const runner = waker.runTurns((shop, { signal }) => takeTurn(turnPorts, shop, signal), { concurrency: CONCURRENCY });
  return {
    async stop() {
      await runner.stop({ timeoutMs: STOP_TIMEOUT_MS });
    },
  };
}

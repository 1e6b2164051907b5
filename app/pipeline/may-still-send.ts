// The last look before a call of stages 5 to 6 leaves: is it still this worker's to send?

import type { Hold } from "#app/ports/lock.ts";
import type { Turn } from "./turn-context.ts";

/**
 * Made right before a claim or a takeover, asked right before the request is written; between the two lie the waits for PostgreSQL and
 * for a token, and a process may stand still there. A call that leaves within this limit is cut off by its own time limit before anybody
 * else may send it (`resumeAfterMs` after the claim), so no two requests with one content are ever awaited at once; one that would leave
 * later might meet its successor, or carry a key that was retired meanwhile. Both clocks here are this process's own monotonic one. Half of
 * the time between is left over, because the cut-off of a busy process comes late and PostgreSQL's clock says when the others begin.
 */
export function mayStillSend(turn: Turn, hold: Pick<Hold, "remainingMs">): () => boolean {
  const { clock, timings } = turn.ports;
  const sinceMs = clock.monotonicMs();
  const withinMs = (timings.resumeAfterMs - timings.callTimeoutMs) / 2;
  return () => clock.monotonicMs() - sinceMs <= withinMs && hold.remainingMs() > 0;
}

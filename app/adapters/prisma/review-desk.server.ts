// The review desk on PostgreSQL: one file an act, gathered here behind the port.

import { assertNever, invariant } from "#app/domain/invariant.ts";
import type { Database } from "#app/ports/database.ts";
import { type ActRequest, type ActResult, REVIEW_STEP_MAX, type ReviewDesk } from "#app/ports/review-desk.ts";
import type { Timings } from "#app/ports/timings.ts";
import { retryOrDiscard } from "./review-decide.server.ts";
import { readParkedFacts } from "./review-facts.server.ts";
import { replayDeliveries } from "./review-replay.server.ts";
import { resolveCalls } from "./review-resolve.server.ts";

export function createReviewDesk(database: Database, { travelLimitMs }: Pick<Timings, "travelLimitMs">): ReviewDesk {
  return {
    facts: (installId, changeIds) => readParkedFacts(database, installId, changeIds, travelLimitMs),
    countByReason: (installId, limit) =>
      database.query(
        `SELECT reason, count(*)::int AS count FROM (SELECT reason FROM changes WHERE install_id = $1 AND state = 'parked' LIMIT $2) AS parked
         GROUP BY reason ORDER BY count DESC, reason`,
        installId,
        limit,
      ),
    act(request) {
      invariant(request.changeIds.length <= REVIEW_STEP_MAX, "a step of an act is bounded");
      return act(database, request, travelLimitMs);
    },
    replay(request) {
      invariant(request.deliveryIds.length <= REVIEW_STEP_MAX, "a step of an act is bounded");
      return replayDeliveries(database, request);
    },
  };
}

function act(database: Database, request: ActRequest, travelLimitMs: number): Promise<ActResult> {
  switch (request.act) {
    case "retry":
    case "discard":
      return retryOrDiscard(database, request, travelLimitMs);
    case "resolve_applied":
    case "resolve_not_applied":
      return resolveCalls(database, { ...request, act: request.act }, travelLimitMs);
    default:
      return assertNever(request.act);
  }
}

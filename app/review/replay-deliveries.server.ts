// A person wants notifications worked on once more: those that can be become pending again, and the shop is woken.

import type { ReplayRefusal } from "#app/domain/review.ts";
import type { ActiveInstall } from "#app/ports/install-store.ts";
import { REVIEW_STEP_MAX, type ReplayOutcome } from "#app/ports/review-desk.ts";
import { inSteps, type ReviewPorts, tally } from "./review-ports.ts";

export interface ReplayDeliveries {
  readonly install: Pick<ActiveInstall, "installId" | "shop">;
  readonly deliveryIds: readonly bigint[];
  readonly actor: string;
  readonly dryRun?: boolean;
}

export type ReplayAnswer =
  | {
      readonly kind: "replayed";
      readonly doneIds: readonly bigint[];
      readonly refused: readonly { readonly refusal: ReplayRefusal | "not_found"; readonly ids: readonly bigint[] }[];
    }
  | { readonly kind: "not_installed" };

export async function replayDeliveries({ desk, waker }: ReviewPorts, request: ReplayDeliveries): Promise<ReplayAnswer> {
  const { install, actor, dryRun = false } = request;
  const outcomes = new Map<bigint, ReplayOutcome>();
  for (const deliveryIds of inSteps(request.deliveryIds, REVIEW_STEP_MAX)) {
    const result = await desk.replay({ installId: install.installId, deliveryIds, actor, dryRun });
    if (result.kind === "not_installed") return result;
    for (const [id, outcome] of result.outcomes) outcomes.set(id, outcome);
  }
  const { doneIds, refused } = tally(outcomes);
  if (doneIds.length > 0 && !dryRun) await waker.wake(install.shop);
  return { kind: "replayed", doneIds, refused };
}

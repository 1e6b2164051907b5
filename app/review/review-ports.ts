// What the use cases of this room are given, and how they cut work into steps and sum up what became of it. Pure.

import type { ReviewDesk } from "#app/ports/review-desk.ts";
import type { Metrics } from "#app/ports/telemetry.ts";
import type { WakeResult } from "#app/ports/waker.ts";

export interface ReviewPorts {
  readonly desk: ReviewDesk;
  readonly waker: { wake(shop: string): Promise<WakeResult> };
  readonly metrics: Pick<Metrics, "change">;
}

/** Each id once, in slices of at most `size`. */
export function inSteps(ids: readonly bigint[], size: number): bigint[][] {
  const unique = [...new Set(ids)];
  return Array.from({ length: Math.ceil(unique.length / size) }, (_, index) => unique.slice(index * size, (index + 1) * size));
}

export function tally<Refusal extends string>(outcomes: ReadonlyMap<bigint, Refusal | "done">): {
  readonly doneIds: readonly bigint[];
  readonly refused: readonly { readonly refusal: Refusal; readonly ids: readonly bigint[] }[];
} {
  const byOutcome = Map.groupBy([...outcomes], ([, outcome]) => outcome);
  const doneIds: bigint[] = [];
  const refused: { refusal: Refusal; ids: bigint[] }[] = [];
  for (const [outcome, entries] of byOutcome) {
    const ids = entries.map(([id]) => id);
    if (outcome === "done") doneIds.push(...ids);
    else refused.push({ refusal: outcome, ids });
  }
  return { doneIds, refused };
}

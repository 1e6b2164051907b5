// Was a foreign write an overwrite? Looks back from it for the number that it left, over nothing but what is known.
import type { Effect, Observation, Overwrite } from "./stock-history.ts";

/** How old the number may be that a writer puts back. A job that writes what it read longer ago is taken for a count. */
export const LOOK_BACK_MS = 60 * 60_000;
/** A change of `available` this near to a change of `reserved` is a reservation's. */
const RESERVATION_MS = 1_500;
/** So many changes that a writer cannot have seen are no coincidence. */
const UNSEEN_CERTAIN = 2;

/** One interval of a judged history. */
export interface Step {
  readonly observation: Observation;
  /** What no known effect explains of the change that led here. */
  readonly foreign: number;
  /** As they happened: what had no notification of its own first. Where the foreign write stood among those is not known. */
  readonly parts: readonly Effect[];
  /** How many of `parts`, from the end, this observation told of: it shows the stock right after them. */
  readonly told: number;
}

/**
 * Null where the foreign part of a step is no overwrite. Its own notification may be missing: then it came before what the observation told of. Where
 * other changes without a notification fell into the same interval, it may have come before, between or after them; the latest place that makes sense is taken.
 */
export function findOverwrite(steps: readonly Step[], index: number, reservationsMs: readonly number[]): Overwrite | null {
  const step = steps[index];
  if (!step || step.foreign <= 0) return null;
  const { observation, foreign, parts, told } = step;
  if (reservationsMs.some((atMs) => Math.abs(atMs - observation.atMs) <= RESERVATION_MS)) return null;
  const untold = parts.length - told;
  let written = observation.available - parts.slice(untold).reduce((sum, { delta }) => sum + delta, 0);
  for (let place = untold; place >= 0; place -= 1) {
    if (place < untold) written -= parts[place]?.delta ?? 0;
    const earlier = lookBack(steps, index, { written, before: written - foreign, partsBefore: parts.slice(0, place) });
    if (earlier) return { observationId: observation.id, atMs: observation.atMs, valueWritten: written, valueBefore: written - foreign, unitsAtRisk: foreign, ...earlier };
  }
  return null;
}

interface Write {
  readonly written: number;
  /** What stood there until then. */
  readonly before: number;
  /** What happened in the same interval before the write. */
  readonly partsBefore: readonly Effect[];
}

type Found = Pick<Overwrite, "sameAsMs" | "unseen" | "confidence">;

/** Walks from the write into the past, undoing what is known, until the stock had the number that was written. */
function lookBack(steps: readonly Step[], index: number, { written, before, partsBefore }: Write): Found | null {
  const wroteAtMs = steps[index]?.observation.atMs ?? 0;
  const unseen: Effect[] = [];
  let value = before;
  for (const effect of partsBefore.toReversed()) {
    value -= effect.delta;
    unseen.unshift(effect);
    if (value === written && tookSomething(unseen)) return found(effect.atMs, unseen);
  }
  for (let past = index - 1; past >= 0; past -= 1) {
    const step = steps[past];
    if (!step || wroteAtMs - step.observation.atMs > LOOK_BACK_MS) return null;
    // What was seen counts, whatever was worked out.
    value = step.observation.available;
    if (value === written && tookSomething(unseen)) return found(step.observation.atMs, unseen);
    for (const effect of step.parts.toReversed()) {
      value -= effect.delta;
      unseen.unshift(effect);
      if (value === written && tookSomething(unseen)) return found(effect.atMs, unseen);
    }
    // Before another foreign write the number meant something else.
    if (step.foreign !== 0) return null;
  }
  return null;
}

function tookSomething(unseen: readonly Effect[]): boolean {
  return unseen.some(({ delta }) => delta < 0);
}

function found(sameAsMs: number, unseen: readonly Effect[]): Found {
  return { sameAsMs, unseen: unseen.map(({ id }) => id), confidence: unseen.length >= UNSEEN_CERTAIN ? "certain" : "likely" };
}

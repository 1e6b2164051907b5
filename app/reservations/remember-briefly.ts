// Before units are asked for: facts that every request of a rush asks for alike are read once for all of them, and believed for a moment.

import type { Clock } from "#app/ports/clock.ts";

/** A rush asks for the same few facts hundreds of times a second; nobody notices that a revoked token, or a saved setting, counts a second later. */
export const BELIEVED_MS = 1_000;
const ANSWERS_KEPT_MAX = 10_000;

export interface BriefMemory<Args extends readonly unknown[], Value> {
  (...args: Args): Promise<Value>;
  /** Who asks from now on is told by a new read: called by whoever changed what is remembered. */
  forget(): void;
}

interface Answer<Value> {
  readonly value: Promise<Value>;
  readonly askedMs: number;
}

/**
 * An answer counts from when it was asked for, not from when it came: who asks later than `maxAgeMs` after that is told what a later read
 * finds, however long the earlier one was on its way. That is why this is no cache of a library, which count from the answer. Failures, and
 * what `isKept` does not want, are shared with those who ask meanwhile and then forgotten.
 *
 * @param keyOf names what is asked for; two shops must never have the same.
 * @param maxAgeMs 0: an answer is shared only while it is on its way.
 */
export function rememberBriefly<Args extends readonly unknown[], Value>(
  read: (...args: Args) => Promise<Value>,
  options: { readonly clock: Pick<Clock, "monotonicMs">; readonly keyOf: (...args: Args) => string; readonly isKept?: (value: Value) => boolean; readonly maxAgeMs?: number },
): BriefMemory<Args, Value> {
  const { clock, keyOf, isKept = () => true, maxAgeMs = BELIEVED_MS } = options;
  /** Oldest first: a map keeps the order in which its keys came. */
  const answers = new Map<string, Answer<Value>>();

  function ask(key: string, args: Args): Promise<Value> {
    const answer: Answer<Value> = { value: read(...args), askedMs: clock.monotonicMs() };
    const drop = (): void => {
      if (answers.get(key) === answer) answers.delete(key);
    };
    answers.delete(key);
    answers.set(key, answer);
    for (const oldest of answers.keys()) {
      if (answers.size <= ANSWERS_KEPT_MAX) break;
      answers.delete(oldest);
    }
    answer.value.then((value) => {
      if (maxAgeMs === 0 || !isKept(value)) drop();
    }, drop);
    return answer.value;
  }

  return Object.assign(
    (...args: Args): Promise<Value> => {
      const key = keyOf(...args);
      const known = answers.get(key);
      const isYoung = known !== undefined && (maxAgeMs === 0 || clock.monotonicMs() - known.askedMs < maxAgeMs);
      return isYoung ? known.value : ask(key, args);
    },
    { forget: () => answers.clear() },
  );
}

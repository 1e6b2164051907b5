// Random choices that a seed repeats exactly, for tests that print the seed they failed with.

export interface SeededRandom {
  /** At least 0, below 1. */
  fraction(): number;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  pick<Value>(values: readonly Value[]): Value;
  /** True with the given probability. */
  chance(probability: number): boolean;
}

/** A xorshift generator: 32 bits of state are plenty for choosing test cases. Its state must never be 0. */
export function seededRandom(seed: number): SeededRandom {
  let state = Math.imul(seed, 2_654_435_761) | 1;
  const fraction = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number): number => min + Math.floor(fraction() * (max - min + 1));
  return {
    fraction,
    between,
    pick: <Value>(values: readonly Value[]): Value => {
      const value = values[between(0, values.length - 1)];
      if (value === undefined) throw new RangeError("nothing to pick from");
      return value;
    },
    chance: (probability) => fraction() < probability,
  };
}

// What the buyers of a rush on a custom checkout will do, drawn from a seed before anything runs: the same seed is the same buyers, whoever serves them.
import { createRandom } from "../world/random.ts";

export interface RushBuyer {
  readonly name: string;
  readonly card: "good" | "declined";
  readonly clicksTwice: boolean;
  /** False: goes away before paying. */
  readonly pays: boolean;
  /** How often the buyer asks again after being told that there is none. */
  readonly comebacks: number;
}

export interface RushSize {
  readonly buyers: number;
  readonly units: number;
  readonly waves: number;
}

export interface RushScript {
  readonly waves: readonly (readonly RushBuyer[])[];
  readonly declined: number;
  readonly doubleClicks: number;
  readonly leaving: number;
}

/** Of all buyers. Exactly so many, whatever the seed: it decides only who. */
const SHARES = { declined: 0.2, doubleClicks: 0.1, leaving: 0.02 } as const;
const COMEBACKS_MAX = 3;

export function writeRushScript(seed: number, { buyers, waves }: RushSize): RushScript {
  const random = createRandom(seed ^ 0xc4ec);
  const chosen = (share: number): ReadonlySet<number> => {
    const order = Array.from({ length: buyers }, (_, index) => ({ index, at: random.next() })).toSorted((a, b) => a.at - b.at);
    return new Set(order.slice(0, Math.round(share * buyers)).map(({ index }) => index));
  };
  const [declined, doubleClicks, leaving] = [chosen(SHARES.declined), chosen(SHARES.doubleClicks), chosen(SHARES.leaving)];
  const all = Array.from({ length: buyers }, (_, index): RushBuyer => ({
    name: `buyer-${index + 1}`,
    card: declined.has(index) ? "declined" : "good",
    clicksTwice: doubleClicks.has(index),
    pays: !leaving.has(index),
    comebacks: 1 + Math.floor(random.next() * COMEBACKS_MAX),
  }));
  const perWave = Math.ceil(buyers / waves);
  return {
    waves: Array.from({ length: waves }, (_, wave) => all.slice(wave * perWave, (wave + 1) * perWave)),
    declined: declined.size,
    doubleClicks: doubleClicks.size,
    leaving: leaving.size,
  };
}

// Buyers who each ask for a unit again as soon as they are answered, for a time; and how long they waited.
import type { Reserving } from "./plain-transaction.ts";

export interface Sample {
  readonly granted: number;
  readonly refused: number;
  readonly seconds: number;
  /** Waits in ms, of granted and refused apart. */
  readonly grantedMs: readonly number[];
  readonly refusedMs: readonly number[];
}

export interface BuyInput {
  readonly buyers: number;
  readonly seconds: number;
  /** Not counted: connections are made, statements prepared. */
  readonly warmUpSeconds: number;
  readonly pick: () => string;
  readonly signal: AbortSignal;
}

export async function buy(reserving: Reserving, { buyers, seconds, warmUpSeconds, pick, signal }: BuyInput): Promise<Sample> {
  const from = performance.now() + warmUpSeconds * 1_000;
  const until = from + seconds * 1_000;
  const grantedMs: number[] = [];
  const refusedMs: number[] = [];
  await Promise.all(
    Array.from({ length: buyers }, async () => {
      while (performance.now() < until && !signal.aborted) {
        const asked = performance.now();
        const granted = await reserving.reserve(pick());
        const answered = performance.now();
        if (answered < from || answered > until) continue;
        (granted ? grantedMs : refusedMs).push(answered - asked);
      }
    }),
  );
  return { granted: grantedMs.length, refused: refusedMs.length, seconds, grantedMs, refusedMs };
}

/** Null when there is none. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

// A turn handler that a test scripts and watches: turns are recorded, can be held open, and can be awaited.
import type { TurnHandler, TurnOutcome } from "#app/ports/waker.ts";

export type Again = TurnOutcome["again"];

type TurnScript = (shop: string, signal: AbortSignal, letNextBegin: () => void) => Promise<Again> | Again;

export class TurnLog {
  /** The shops in the order in which their turns began. */
  readonly begun: string[] = [];
  /** The most turns of one shop that ran at the same time. */
  overlapMax = 0;
  readonly #running = new Map<string, number>();
  readonly #waiting: { isMet: () => boolean; resolve: () => void }[] = [];
  readonly #script: TurnScript;

  /** `script` decides what a turn does and answers whether it wants another; without one every turn ends at once and wants none. */
  constructor(script: TurnScript = () => "no") {
    this.#script = script;
  }

  readonly handler: TurnHandler = async (shop, { signal, letNextBegin = () => undefined }) => {
    this.begun.push(shop);
    const overlap = (this.#running.get(shop) ?? 0) + 1;
    this.#running.set(shop, overlap);
    this.overlapMax = Math.max(this.overlapMax, overlap);
    this.#look();
    try {
      return { again: await this.#script(shop, signal, letNextBegin) };
    } finally {
      this.#running.set(shop, overlap - 1);
      this.#look();
    }
  };

  count(shop: string): number {
    return this.begun.filter((begun) => begun === shop).length;
  }

  /** Resolves when `isMet` holds after a turn began or ended. */
  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ isMet, resolve });
    });
  }

  #look(): void {
    for (const waiter of this.#waiting) if (waiter.isMet()) waiter.resolve();
  }
}

/** A door that a turn waits at until the test opens it. */
export function door(): { passed: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

// How many units overwrites hide at a stock, and which foreign number was the last that could have been a count of it.

/** Something a foreign writer did, in a stock's history. */
export interface ForeignEvent {
  readonly atMs: number;
  /** Units that an overwrite put back and nobody repaired; 0 where the write was no overwrite. */
  readonly putBack: number;
  /** What the write changed that nothing explains; of no weight where it was an overwrite. */
  readonly foreign: number;
}

export interface HiddenUnits {
  readonly hidden: number;
  /** The newest foreign number that was no overwrite and may have been a count; null: there was none. */
  readonly countedMs: number | null;
}

/**
 * Whoever counts sees that hidden units are not there: the number goes down by at least as many, or up, where there was a delivery. A smaller step
 * down is somebody taking a few (a till of another system, breakage), who has not counted.
 *
 * @param events in order of time.
 */
export function countHidden(events: readonly ForeignEvent[]): HiddenUnits {
  let hidden = 0;
  let countedMs: number | null = null;
  for (const { atMs, putBack, foreign } of events) {
    if (putBack > 0) hidden += putBack;
    else if (foreign > 0 || -foreign >= hidden) [hidden, countedMs] = [0, atMs];
  }
  return { hidden, countedMs };
}

// Stands in for real waiting: while it is closed, everything that waits stays where it is, and tests know how many do.

export interface Gate {
  sleep(ms: number): Promise<void>;
  /** From now on waits last until `open`; resolves when this many have begun. */
  close(expectedWaits: number): Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  let waiting: (() => void)[] | null = null;
  let expected = 0;
  let reached: (() => void) | null = null;
  return {
    sleep() {
      if (waiting === null) return Promise.resolve();
      const queue = waiting;
      return new Promise((resolve) => {
        queue.push(resolve);
        if (queue.length === expected) reached?.();
      });
    },
    close(expectedWaits) {
      waiting = [];
      expected = expectedWaits;
      return new Promise((resolve) => {
        reached = resolve;
      });
    },
    open() {
      const queue = waiting ?? [];
      waiting = null;
      for (const resolve of queue) resolve();
    },
  };
}

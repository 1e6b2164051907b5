// Counts what a process sees and no table keeps: deadlocks met and requests answered 5xx, each for the shop it happened to.

import { AsyncLocalStorage } from "node:async_hooks";

import type { AlertSignals, CountedSignal } from "#app/ports/alert-signals.ts";
import type { Clock } from "#app/ports/clock.ts";

export interface SignalCounter {
  /** Runs `work` for a shop: what is met inside is this shop's. */
  within<Result>(shop: string, work: () => Promise<Result>): Promise<Result>;
  /** Without a shop it is the one whose work is running; where there is none it belongs to nobody and is left to the metrics. */
  note(kind: CountedSignal, shop?: string): void;
  /** Writes what was counted; otherwise that happens by itself some seconds after the first note. What cannot be written stays for the next time. */
  flush(): Promise<void>;
  /** Writes for the last time. */
  close(): Promise<void>;
}

/** Shops and kinds kept between two writings; beyond it counts are dropped: a flood of strange names must not fill the memory. */
const COUNTS_MAX = 1_000;
const FLUSH_AFTER_MS = 10_000;

export function createSignalCounter(signals: Pick<AlertSignals, "count">, clock: Pick<Clock, "setTimer">): SignalCounter {
  const here = new AsyncLocalStorage<string>();
  let counts = new Map<string, { shop: string; kind: CountedSignal; count: number }>();
  let timer: { cancel(): void } | null = null;
  let closed = false;

  const add = (shop: string, kind: CountedSignal, count: number): void => {
    const key = `${kind} ${shop}`;
    const counted = counts.get(key);
    if (counted !== undefined) counted.count += count;
    else if (counts.size < COUNTS_MAX) counts.set(key, { shop, kind, count });
    if (timer === null && !closed) timer = clock.setTimer(FLUSH_AFTER_MS, () => void flush());
  };
  const flush = async (): Promise<void> => {
    timer?.cancel();
    timer = null;
    if (counts.size === 0) return;
    const written = counts;
    counts = new Map();
    try {
      await signals.count([...written.values()]);
    } catch {
      // The database is away, which is what these counts are often about: it is tried again, and its absence is reported by those who need it.
      for (const { shop, kind, count } of written.values()) add(shop, kind, count);
    }
  };
  return {
    within: (shop, work) => here.run(shop, work),
    note(kind, shop = here.getStore()) {
      if (shop !== undefined) add(shop, kind, 1);
    },
    flush,
    async close() {
      closed = true;
      await flush();
    },
  };
}

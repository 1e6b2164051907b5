// Buyers who were short wait here for a block to grow: one query for all of them, whatever their number, tells who should ask again.

import type { Clock } from "#app/ports/clock.ts";
import type { ShortLine } from "#app/ports/reservation-book.ts";
import { freeOf, type StockView } from "#app/ports/stock-view.ts";
import type { Logger } from "#app/ports/telemetry.ts";

/** Between two looks, while anybody waits. A turn that moves units takes some 100 ms; a quarter of that more is not noticed. */
export const LOOK_EVERY_MS = 25;

export interface Want {
  readonly installId: bigint;
  /** The stocks that were short, with what is wanted of each. */
  readonly lines: readonly Pick<ShortLine, "inventoryItemId" | "locationId" | "requested">[];
}

/** `ask_again`: there may be enough now, or there is nothing left to wait for. */
export type WaitEnd = "ask_again" | "timeout" | "gone";

export interface BlockWatch {
  wait(want: Want, until: { readonly ms: number; readonly signal?: AbortSignal | undefined }): Promise<WaitEnd>;
  /** Those who wait now. */
  readonly waitingCount: number;
}

interface Waiter extends Want {
  readonly end: (end: WaitEnd) => void;
}

const keyOf = (installId: bigint, line: { readonly inventoryItemId: string; readonly locationId: string }): string => `${installId}/${line.inventoryItemId}/${line.locationId}`;

export function createBlockWatch({ view, clock, logger }: { readonly view: Pick<StockView, "states">; readonly clock: Pick<Clock, "setTimer">; readonly logger: Pick<Logger, "warn"> }): BlockWatch {
  /** In the order in which they came: a set keeps it. */
  const waiters = new Set<Waiter>();
  let looking = false;

  function lookLater(): void {
    if (looking || waiters.size === 0) return;
    looking = true;
    clock.setTimer(LOOK_EVERY_MS, () => {
      void look().finally(() => {
        looking = false;
        lookLater();
      });
    });
  }

  async function look(): Promise<void> {
    // Who comes while the question is under way is judged by the next answer.
    const asking = [...waiters];
    const places = new Map(asking.flatMap(({ installId, lines }) => lines.map((line) => [keyOf(installId, line), { installId, ...placeOf(line) }] as const)));
    if (places.size === 0) return;
    try {
      const states = await view.states([...places.values()]);
      wakeInOrder(asking, new Map(states.map((state) => [keyOf(state.installId, state), { free: freeOf(state), growing: state.growing }])));
    } catch (error) {
      logger.warn({ err: error }, "blocks could not be looked at; whoever waits goes on waiting");
    }
  }

  /** What is free is given to each in turn, so that a hundred units do not wake a thousand buyers. */
  function wakeInOrder(asking: readonly Waiter[], known: ReadonlyMap<string, { free: number; growing: number }>): void {
    for (const waiter of asking) {
      if (!waiters.has(waiter)) continue;
      const stocks = waiter.lines.map((line) => ({ wanted: line.requested, stock: known.get(keyOf(waiter.installId, line)) }));
      const enough = stocks.every(({ wanted, stock }) => stock !== undefined && stock.free >= wanted);
      if (enough) for (const { wanted, stock } of stocks) if (stock !== undefined) stock.free -= wanted;
      const decided = stocks.some(({ stock }) => stock === undefined || stock.growing === 0);
      if (enough || decided) waiter.end("ask_again");
    }
  }

  return {
    wait: ({ installId, lines }, { ms, signal }) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve("gone");
        const end = (how: WaitEnd): void => {
          waiters.delete(waiter);
          timer.cancel();
          signal?.removeEventListener("abort", onAbort);
          resolve(how);
        };
        const onAbort = (): void => end("gone");
        const waiter: Waiter = { installId, lines, end };
        const timer = clock.setTimer(ms, () => end("timeout"));
        signal?.addEventListener("abort", onAbort);
        waiters.add(waiter);
        lookLater();
      }),
    get waitingCount() {
      return waiters.size;
    },
  };
}

function placeOf({ inventoryItemId, locationId }: { readonly inventoryItemId: string; readonly locationId: string }): { inventoryItemId: string; locationId: string } {
  return { inventoryItemId, locationId };
}

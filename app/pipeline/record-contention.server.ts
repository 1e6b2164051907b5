// Beside every stage: who waited for which item is noted in memory and written every few seconds; a process that dies loses its last notes, nothing else.

import type { ContentionCause } from "#app/domain/contention.ts";
import type { Clock } from "#app/ports/clock.ts";
import type { ContentionBook, ContentionNotes, ContentionOwner, NotedBusy, NotedLoss, NotedWait } from "#app/ports/contention.ts";
import type { StockPlace } from "#app/ports/shopify-inventory.ts";
import type { Logger } from "#app/ports/telemetry.ts";

interface ContentionLimits {
  /** After the first note; while nobody waits there is no timer and no query. */
  readonly flushEveryMs: number;
  /** So many notes are written at once. */
  readonly notesMax: number;
  /** Kept while the database cannot be written; beyond it the oldest are given up. */
  readonly keptMax: number;
  /** Items seen locked that nobody here has got since. */
  readonly busyKeptMax: number;
  readonly busyKeptMs: number;
}

export const CONTENTION_LIMITS: ContentionLimits = { flushEveryMs: 5_000, notesMax: 2_000, keptMax: 20_000, busyKeptMax: 5_000, busyKeptMs: 60_000 };

export interface ContentionRecorder {
  /** A call was claimed for these items of a shop. */
  claimed(shop: string, mutationId: string, places: readonly StockPlace[]): void;
  /** Items of a shop were found locked by somebody else. */
  busy(shop: string, places: readonly StockPlace[]): void;
  waited(owner: ContentionOwner, cause: ContentionCause, places: readonly StockPlace[], waitMs: number): void;
  lost(owner: ContentionOwner, cause: ContentionCause, places: readonly StockPlace[]): void;
  /** Writes what was noted. What cannot be written is kept for the next time. */
  flush(): Promise<void>;
  /** Writes what is left and takes no more notes. */
  close(): Promise<void>;
}

interface Parts {
  readonly book: ContentionBook;
  readonly clock: Pick<Clock, "now" | "setTimer">;
  readonly logger: Pick<Logger, "warn">;
  readonly limits?: Partial<ContentionLimits>;
}

interface Notes {
  mutationIds: string[];
  busy: NotedBusy[];
  waits: NotedWait[];
  losses: NotedLoss[];
}

const noNotes = (): Notes => ({ mutationIds: [], busy: [], waits: [], losses: [] });
const sizeOf = ({ mutationIds, waits, losses }: ContentionNotes): number => mutationIds.length + waits.length + losses.length;
const busyKeyOf = (shop: string, { inventoryItemId, locationId }: StockPlace): string => `${shop}/${inventoryItemId}/${locationId}`;

export function createContentionRecorder({ book, clock, logger, limits = {} }: Parts): ContentionRecorder {
  const { flushEveryMs, notesMax, keptMax, busyKeptMax, busyKeptMs } = { ...CONTENTION_LIMITS, ...limits };
  const seenBusy = new Map<string, Date>();
  let notes = noNotes();
  let timer: { cancel(): void } | null = null;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;
  /** A flush has been asked for before its time, or the last one failed: the next waits for the timer. */
  let patient = false;

  function note(add: (into: Notes) => void): void {
    if (closed) return;
    add(notes);
    if (sizeOf(notes) < notesMax || patient) timer ??= clock.setTimer(flushEveryMs, () => void flush());
    else {
      patient = true;
      void flush();
    }
  }

  function flush(): Promise<void> {
    timer?.cancel();
    timer = null;
    // One at a time: two would wait for each other's rows of the present hour.
    writing = writing.then(write);
    return writing;
  }

  async function write(): Promise<void> {
    if (sizeOf(notes) === 0) return;
    const written = notes;
    notes = noNotes();
    try {
      await book.add(written);
      patient = false;
    } catch (error) {
      patient = true;
      logger.warn({ err: error, noteCount: sizeOf(written) }, "waits for busy items could not be written; they are kept for the next time");
      notes = keep(written, notes, keptMax);
      if (!closed) timer ??= clock.setTimer(flushEveryMs, () => void flush());
    }
  }

  /** The last sighting before the item was got, taken out: the next one belongs to the next wait. */
  function takeSighting(shop: string, mutationId: string, place: StockPlace): NotedBusy[] {
    const key = busyKeyOf(shop, place);
    const at = seenBusy.get(key);
    seenBusy.delete(key);
    return at === undefined || clock.now().getTime() - at.getTime() > busyKeptMs ? [] : [{ ...placeOf(place), mutationId, at }];
  }

  return {
    claimed: (shop, mutationId, places) =>
      note((into) => {
        into.mutationIds.push(mutationId);
        if (seenBusy.size > 0) into.busy.push(...places.flatMap((place) => takeSighting(shop, mutationId, place)));
      }),
    busy(shop, places) {
      const at = clock.now();
      for (const place of places) {
        const key = busyKeyOf(shop, place);
        // Put anew at the end: the oldest sightings stand first and are forgotten first.
        seenBusy.delete(key);
        seenBusy.set(key, at);
      }
      for (const key of seenBusy.keys()) {
        if (seenBusy.size <= busyKeptMax) break;
        seenBusy.delete(key);
      }
    },
    waited: (owner, cause, places, waitMs) => note((into) => into.waits.push(...places.map((place) => ({ ...owner, ...placeOf(place), cause, waitMs })))),
    lost: (owner, cause, places) => note((into) => into.losses.push(...places.map((place) => ({ ...owner, ...placeOf(place), cause })))),
    flush,
    async close() {
      closed = true;
      await flush();
    },
  };
}

function placeOf({ inventoryItemId, locationId }: StockPlace): StockPlace {
  return { inventoryItemId, locationId };
}

/** The newest of all, up to `keptMax` of each kind. */
function keep(older: Notes, newer: Notes, keptMax: number): Notes {
  const last = <Note>(one: Note[], other: Note[]): Note[] => [...one, ...other].slice(-keptMax);
  return {
    mutationIds: last(older.mutationIds, newer.mutationIds),
    busy: last(older.busy, newer.busy),
    waits: last(older.waits, newer.waits),
    losses: last(older.losses, newer.losses),
  };
}

// The record of Admin API calls, and of how many of them touched the same item and location at once.

export interface RequestEntry {
  seq: number;
  shop: string;
  operationName: string | null;
  rootFields: string[];
  idempotencyKeys: string[];
  tokenKind: "offline" | "online" | null;
  costRequested: number | null;
  costActual: number | null;
  /** `ok`, `user_errors`, `errors`, `throttled`, `unauthorized`, `access_denied` or `fault:<kind>`. */
  outcome: string;
  /** Whether the operation ran, whatever the client was told. */
  committed: boolean;
  startedAt: string;
  finishedAt: string | null;
  /**
   * The largest number of calls in flight, this one included, that touched one of its items and locations. A call is in flight while its
   * client waits for it: one whose client is gone is on its way, but nobody's request any more.
   */
  maxInFlightPerItem: number;
  /** The largest number of calls under way here, this one included, that carried one of its keys; whether or not their clients waited. */
  maxUnderWayPerKey: number;
}

const ENTRIES_MAX = 200_000;

export interface LogPageOfRequests {
  items: RequestEntry[];
  next: number | null;
  maxInFlightPerItem: number;
  maxUnderWayPerKey: number;
}

/** Who is in which group at this moment; every member remembers the largest crowd it was part of. */
class Crowds {
  readonly #groups = new Map<string, Set<RequestEntry>>();
  readonly #figure: "maxInFlightPerItem" | "maxUnderWayPerKey";

  constructor(figure: "maxInFlightPerItem" | "maxUnderWayPerKey") {
    this.#figure = figure;
  }

  /** The returned function takes the entry out again; safe to call more than once. */
  join(entry: RequestEntry, names: readonly string[]): () => void {
    for (const name of names) {
      const group = this.#groups.get(name) ?? new Set();
      group.add(entry);
      this.#groups.set(name, group);
      for (const member of group) member[this.#figure] = Math.max(member[this.#figure], group.size);
    }
    return () => {
      for (const name of names) {
        const group = this.#groups.get(name);
        group?.delete(entry);
        if (group?.size === 0) this.#groups.delete(name);
      }
    };
  }
}

export class RequestLog {
  #entries: RequestEntry[] = [];
  #nextSeq = 1;
  readonly #inFlight = new Crowds("maxInFlightPerItem");
  readonly #underWay = new Crowds("maxUnderWayPerKey");

  open(entry: Omit<RequestEntry, "seq" | "finishedAt" | "maxInFlightPerItem" | "maxUnderWayPerKey">): RequestEntry {
    if (this.#entries.length >= ENTRIES_MAX) this.#entries = this.#entries.slice(ENTRIES_MAX / 10);
    const opened: RequestEntry = { ...entry, seq: this.#nextSeq, finishedAt: null, maxInFlightPerItem: 0, maxUnderWayPerKey: 0 };
    this.#nextSeq += 1;
    this.#entries.push(opened);
    return opened;
  }

  /** From here on the call may change these places. The returned function ends it; it is in flight no longer than its client waits. */
  enter(entry: RequestEntry, places: readonly string[], closed: Promise<void>): () => void {
    const land = this.#inFlight.join(entry, places);
    const finish = this.#underWay.join(
      entry,
      entry.idempotencyKeys.map((key) => `${entry.shop} ${key}`),
    );
    void closed.then(land);
    return () => {
      land();
      finish();
    };
  }

  page(shop: string | null, after: number, limit: number): LogPageOfRequests {
    const first = this.#entries[0]?.seq ?? 1;
    const later = this.#entries.slice(Math.max(0, after - first + 1)).filter((entry) => shop === null || entry.shop === shop);
    const items = later.slice(0, limit);
    return {
      items: items.map((entry) => ({ ...entry })),
      next: later.length > limit ? (items.at(-1)?.seq ?? null) : null,
      maxInFlightPerItem: later.reduce((max, entry) => Math.max(max, entry.maxInFlightPerItem), 0),
      maxUnderWayPerKey: later.reduce((max, entry) => Math.max(max, entry.maxUnderWayPerKey), 0),
    };
  }
}

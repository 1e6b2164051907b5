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
  /** The largest number of calls in flight, this one included, that touched one of its items and locations. */
  maxInFlightPerItem: number;
}

const ENTRIES_MAX = 200_000;

export class RequestLog {
  #entries: RequestEntry[] = [];
  #nextSeq = 1;
  readonly #inFlight = new Map<string, Set<RequestEntry>>();

  open(entry: Omit<RequestEntry, "seq" | "finishedAt" | "maxInFlightPerItem">): RequestEntry {
    if (this.#entries.length >= ENTRIES_MAX) this.#entries = this.#entries.slice(ENTRIES_MAX / 10);
    const opened: RequestEntry = { ...entry, seq: this.#nextSeq, finishedAt: null, maxInFlightPerItem: 0 };
    this.#nextSeq += 1;
    this.#entries.push(opened);
    return opened;
  }

  /** From here to `leave` the call may change these places. */
  enter(entry: RequestEntry, places: readonly string[]): void {
    for (const place of places) {
      const there = this.#inFlight.get(place) ?? new Set();
      there.add(entry);
      this.#inFlight.set(place, there);
      for (const other of there) other.maxInFlightPerItem = Math.max(other.maxInFlightPerItem, there.size);
    }
  }

  leave(entry: RequestEntry, places: readonly string[]): void {
    for (const place of places) {
      const there = this.#inFlight.get(place);
      there?.delete(entry);
      if (there?.size === 0) this.#inFlight.delete(place);
    }
  }

  page(shop: string | null, after: number, limit: number): { items: RequestEntry[]; next: number | null; maxInFlightPerItem: number } {
    const first = this.#entries[0]?.seq ?? 1;
    const later = this.#entries.slice(Math.max(0, after - first + 1)).filter((entry) => shop === null || entry.shop === shop);
    const items = later.slice(0, limit);
    return {
      items: items.map((entry) => ({ ...entry })),
      next: later.length > limit ? (items.at(-1)?.seq ?? null) : null,
      maxInFlightPerItem: later.reduce((max, entry) => Math.max(max, entry.maxInFlightPerItem), 0),
    };
  }
}

// The record of every send that was finished, lost ones included, in the order in which they ended.

export interface SendLogEntry {
  seq: number;
  webhookId: string;
  eventId: string;
  topic: string;
  shop: string;
  /** The order it is about, as a gid; null for everything else. */
  orderId: string | null;
  triggeredAt: string;
  attempt: number;
  copy: number;
  scheduledAt: string;
  sentAt: string | null;
  status: number | "timeout" | "connect_timeout" | "connection" | "lost";
}

const ENTRIES_MAX = 500_000;

export class SendLog {
  #entries: SendLogEntry[] = [];
  #nextSeq = 1;

  append(entry: Omit<SendLogEntry, "seq">): void {
    if (this.#entries.length >= ENTRIES_MAX) this.#entries = this.#entries.slice(ENTRIES_MAX / 10);
    this.#entries.push({ seq: this.#nextSeq, ...entry });
    this.#nextSeq += 1;
  }

  page(after: number, limit: number): { items: SendLogEntry[]; next: number | null } {
    const first = this.#entries[0]?.seq ?? 1;
    const start = Math.max(0, after - first + 1);
    const items = this.#entries.slice(start, start + limit);
    return { items, next: start + limit < this.#entries.length ? (items.at(-1)?.seq ?? null) : null };
  }
}

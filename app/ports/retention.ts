// Port of the retention: history that is older than its shop wants to keep it is removed, a little at a time, and nothing that is still needed.

export const RETENTION_TABLES = ["audit_entries", "deliveries", "delivery_duplicates"] as const;
export type RetentionTable = (typeof RETENTION_TABLES)[number];

export interface RetentionShop {
  readonly installId: bigint;
  readonly shop: string;
  readonly retentionDays: number;
}

/** A row in the order in which its table is looked through: oldest first. */
export interface RetentionPlace {
  readonly at: Date;
  readonly id: bigint;
}

export interface RetentionStep {
  readonly shop: RetentionShop;
  readonly table: RetentionTable;
  /** Null: from the oldest row on. */
  readonly after: RetentionPlace | null;
  /** Rows that are looked at, and so at most removed, in one transaction. */
  readonly rowsMax: number;
}

export interface RetentionStepDone {
  readonly removedCount: number;
  /** Where to go on; null: what follows is younger. */
  readonly next: RetentionPlace | null;
}

export interface Retention {
  /** Active installs after `afterId`, by id. */
  shops(afterId: bigint | null, limit: number): Promise<readonly RetentionShop[]>;
  /** Safe to repeat, and for two workers at once: each row is removed once, and what is kept is kept by both. */
  sweep(step: RetentionStep): Promise<RetentionStepDone>;
}

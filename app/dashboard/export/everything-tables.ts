// Which tables "everything" is made of, in which order each is read, and what is left out of it. A test finds a table that is in neither list.

export interface EverythingTable {
  readonly table: string;
  /** Unique within the install, along an index that begins with it: `[column, type]`. */
  readonly key: readonly (readonly [column: string, type: KeyType])[];
  /** Columns that are secrets, or worth nothing outside. */
  readonly without?: readonly string[];
  /** Tables whose rows belong to one of this table's and are told with it: `[table, column that names the row, order]`. */
  readonly with?: readonly (readonly [table: string, column: string, orderBy: string])[];
}

type KeyType = "bigint" | "int" | "text" | "timestamptz" | "uuid";

const ID = ["id", "bigint"] as const;
const STOCK = [["inventory_item_id", "text"], ["location_id", "text"]] as const;

/** What a person would look for first comes first. */
export const EVERYTHING_TABLES: readonly EverythingTable[] = [
  { table: "settings_versions", key: [["version", "int"]] },
  { table: "changes", key: [ID] },
  {
    table: "mutations",
    key: [["claimed_at", "timestamptz"], ["id", "uuid"]],
    with: [["mutation_entries", "mutation_id", "position"], ["attempts", "mutation_id", "number"]],
  },
  { table: "audit_entries", key: [ID] },
  { table: "orders", key: [["order_id", "text"]] },
  { table: "order_items", key: [["order_id", "text"], ["line_id", "text"], ["inventory_item_id", "text"]] },
  { table: "deliveries", key: [["received_at", "timestamptz"], ID] },
  { table: "delivery_duplicates", key: [["received_at", "timestamptz"], ID] },
  { table: "oversells", key: [ID] },
  { table: "fulfilment_holds", key: [["fulfilment_order_id", "text"], ["handle", "text"]] },
  { table: "conflicts", key: [ID] },
  { table: "drifts", key: [ID] },
  {
    table: "reservations",
    key: [["created_at", "timestamptz"], ["id", "uuid"]],
    without: ["body_hash", "commit_hash"],
    with: [["reservation_lines", "reservation_id", "position"], ["reservation_orders", "reservation_id", "sent_at"]],
  },
  { table: "reservation_hours", key: [["hour", "timestamptz"], ...STOCK] },
  { table: "stock_blocks", key: STOCK },
  { table: "stock_levels", key: STOCK },
  { table: "stock_observations", key: [...STOCK, ["at", "timestamptz"], ID] },
  { table: "stock_effects", key: [["inventory_item_id", "text"], ["at", "timestamptz"], ID] },
  { table: "variants", key: [["variant_id", "text"]] },
  { table: "locations", key: [["location_id", "text"]] },
  { table: "order_sources", key: [["source_key", "text"]] },
  { table: "alert_events", key: [ID] },
  { table: "alert_messages", key: [["state", "text"], ID] },
  { table: "external_pushes", key: [ID] },
  { table: "stock_scans", key: [["kind", "text"], ID], without: ["url"] },
  { table: "activity_hours", key: [["hour", "timestamptz"]] },
  { table: "activity_quarters", key: [["quarter", "timestamptz"]] },
  { table: "contention_hours", key: [["hour", "timestamptz"], ...STOCK, ["cause", "text"]] },
  { table: "api_tokens", key: [["id", "uuid"]], without: ["hash"] },
];

/** Secrets, and what only says how far some work has come: it tells nothing about the shop. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  alert_secrets: "secrets",
  external_systems: "holds a secret; its state is shown in the settings",
  external_lanes: "place of work",
  alert_lanes: "place of work",
  alert_signals: "place of work",
  signal_minutes: "counts of the last minutes",
  fencing_tokens: "numbers that locks are checked by",
  order_scans: "place of work",
  stock_judgements: "place of work",
  stock_scan_candidates: "place of work",
  stock_scan_pieces: "place of work",
  source_suspicions: "place of work",
  activity_rolls: "place of work",
};

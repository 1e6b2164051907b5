// Rows that may never be in the tables of detection: one good row of each, and what makes it impossible. constraints.test.ts tries each of them.

type Row = Readonly<Record<string, string>>;

const STOCK: Row = { install_id: "1", inventory_item_id: "'10'", location_id: "'20'" };

/** A possible row of each table; values are SQL. */
const GOOD: Readonly<Record<string, Row>> = {
  stock_observations: { ...STOCK, at: "now()", seen_by: "'notification'" },
  order_items: { install_id: "1", order_id: "'7'", line_id: "'70'", inventory_item_id: "'10'", units: "2", units_open: "1", committed_at: "now()", heard_at: "now()", paid: "true" },
  stock_effects: { ...STOCK, effect_key: "'f1'", kind: "'order'", delta: "-1", at: "now()", expected: "true" },
  oversells: { ...STOCK, shop: "'a.myshopify.com'", kind: "'oversold'", depth: "3", short: "2", policy: "'latest_first'", cause: "'two_sales'", confidence: "'certain'", seen_by: "'notification'" },
  fulfilment_holds: { install_id: "1", order_id: "'7'", fulfilment_order_id: "'71'", handle: "'h'", oversell_id: "1", state: "'asked'", by: "'holdfast'" },
  conflicts: { ...STOCK, shop: "'a.myshopify.com'", observation_id: "1", at: "now()", value_before: "7", value_written: "10", same_as_at: "now()", units_at_risk: "3", unseen: "'[]'", confidence: "'likely'" },
  drifts: { ...STOCK, shop: "'a.myshopify.com'", shopify: "9", difference: "2", explanation: "'unknown'" },
  stock_scan_pieces: { scan_id: "1", install_id: "1", operation: "0", line_count: "2", items: "'{10}'", locations: "'{20}'" },
  contention_hours: { ...STOCK, hour: "now()", cause: "'orders'", wait_counts: "array_fill(0, ARRAY[12])", hold_counts: "array_fill(0, ARRAY[12])" },
  alert_events: { install_id: "1", shop: "'a.myshopify.com'", kind: "'oversell'", subject: "'1'", stage: "'opened'", facts: "'{}'" },
};

function insert(table: string, more: Row = {}): string {
  const row = { ...GOOD[table], ...more };
  return `INSERT INTO ${table} (${Object.keys(row).map((column) => `"${column}"`).join(", ")}) VALUES (${Object.values(row).join(", ")})`;
}

type Impossible = readonly [state: string, sql: string, constraint: string, kind: "check" | "index", table: string];

const check = (state: string, table: string, constraint: string, more: Row): Impossible => [state, insert(table, more), `${table}_${constraint}`, "check", table];
/** An index that stands by itself is dropped as one; one that belongs to a constraint (`…_key`) goes with it. */
const twice = (state: string, table: string, name: string, more: Row = {}): Impossible => [state, `${insert(table, more)}; ${insert(table, more)}`, name, name.endsWith("_key") ? "check" : "index", table];

export const IMPOSSIBLE_ROWS: readonly Impossible[] = [
  check("an observation that came from nowhere", "stock_observations", "seen_by", { seen_by: "'dream'" }),
  check("a change by somebody the list does not know", "stock_observations", "verdict", { verdict: "'ghost'" }),
  twice("one notification observed twice", "stock_observations", "stock_observations_one_per_notification", { webhook_id: "'w'" }),
  check("more units open than were ordered", "order_items", "units", { units_open: "3" }),
  check("an exemption that does not exist", "order_items", "exempt", { exempt: "'friend'" }),
  check("a preorder that takes its units at no known moment", "order_items", "preorder", { preorder: "'some_day'" }),
  check("a wait of nobody that the list knows", "contention_hours", "cause", { cause: "'a ghost'" }),
  check("waits counted in buckets of another kind", "contention_hours", "counts", { wait_counts: "'{1,2}'" }),
  check("an effect of a kind that does not exist", "stock_effects", "kind", { kind: "'magic'" }),
  check("an effect that moves nothing", "stock_effects", "moves", { delta: "0" }),
  check("an effect of ours without its call", "stock_effects", "ours", { kind: "'ours'" }),
  check("an oversell of a kind that does not exist", "oversells", "kind", { kind: "'maybe'" }),
  check("an oversell in a state that does not exist", "oversells", "state", { state: "'asleep'" }),
  check("a closed oversell without the reason", "oversells", "closed", { state: "'closed'", closed_at: "now()" }),
  check("an oversell closed for a reason that does not exist", "oversells", "close_reason", { state: "'closed'", closed_at: "now()", close_reason: "'tired'" }),
  check("an oversell short of more than it is deep", "oversells", "depth", { short: "4" }),
  check("an oversell by a policy that does not exist", "oversells", "policy", { policy: "'loudest_first'" }),
  check("an oversell for a cause that does not exist", "oversells", "cause", { cause: "'bad_luck'" }),
  check("an oversell explained with a confidence that does not exist", "oversells", "confidence", { confidence: "'sure'" }),
  twice("two open oversells of one stock", "oversells", "oversells_one_open_per_stock"),
  check("a hold in a state that does not exist", "fulfilment_holds", "state", { state: "'stuck'" }),
  check("an overwrite in a state that does not exist", "conflicts", "state", { state: "'odd'", ended_at: "now()" }),
  check("an ended overwrite without the time of its end", "conflicts", "ended", { state: "'repaired'" }),
  check("an overwrite with a confidence that does not exist", "conflicts", "confidence", { confidence: "'sure'" }),
  check("an overwrite that put nothing at risk", "conflicts", "units", { units_at_risk: "0" }),
  twice("one write found to be an overwrite twice", "conflicts", "conflicts_install_id_observation_id_key"),
  check("a mismatch explained by what does not exist", "drifts", "explanation", { explanation: "'elves'" }),
  check("a mismatch in a state that does not exist", "drifts", "state", { state: "'odd'", ended_at: "now()" }),
  check("an open mismatch with the time of its end", "drifts", "ended", { ended_at: "now()" }),
  check("a proposal without its reason", "drifts", "proposal", { proposed_delta: "-1" }),
  check("a mismatch with a number that Shopify does not show", "drifts", "shopify", { explanation: "'not_stocked'" }),
  check("a piece of a scan with items that lie nowhere", "stock_scan_pieces", "pairs", { locations: "'{}'" }),
  twice("two open mismatches of one stock", "drifts", "drifts_one_open_per_stock"),
  check("an alert at a stage that does not exist", "alert_events", "stage", { stage: "'soon'" }),
  twice("one stage of an incident raised twice", "alert_events", "alert_events_install_id_kind_subject_stage_key"),
];
